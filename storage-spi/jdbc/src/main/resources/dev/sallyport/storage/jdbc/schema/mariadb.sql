-- SPDX-License-Identifier: Apache-2.0
-- MariaDB and MySQL.
-- One record per user. The payload is encrypted. The columns after it are for people: they are written with every
-- record and never read back. Instants are text in UTC, such as 2026-11-01T08:30:00.000Z, and sort by time.
-- The length of the id, in UTF-16 characters, is part of the key. It distinguishes ids where the database ignores blanks
-- at the end.
-- utf8mb4_bin compares code points. MEDIUMBLOB, because a BLOB is one byte too short for the largest payload. InnoDB,
-- because other engines have no durable commit.
CREATE TABLE sallyport_record (
    user_id             VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id_length      INTEGER NOT NULL,
    version             BIGINT NOT NULL,
    payload             MEDIUMBLOB NOT NULL,
    state               VARCHAR(16) NOT NULL,
    failed_attempts     INTEGER NOT NULL,
    locked_until        VARCHAR(32),
    backup_codes_left   INTEGER NOT NULL,
    remembered_browsers INTEGER NOT NULL,
    enabled_at          VARCHAR(32),
    updated_at          VARCHAR(32) NOT NULL,
    PRIMARY KEY (user_id, user_id_length)
) ENGINE = InnoDB;
