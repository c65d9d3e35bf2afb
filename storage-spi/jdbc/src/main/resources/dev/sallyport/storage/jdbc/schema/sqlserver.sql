-- SPDX-License-Identifier: Apache-2.0
-- SQL Server 2016 and later, Azure SQL Database. The conformance kit has not been run on them.
-- One record per user. The payload is encrypted. The columns after it are for people: they are written with every
-- record and never read back. Instants are text in UTC, such as 2026-11-01T08:30:00.000Z, and sort by time.
-- The length of the id, in UTF-16 characters, is part of the key. It distinguishes ids where the database ignores blanks
-- at the end.
-- BIN2 compares code units and not words. NVARCHAR, because VARCHAR would lose characters.
CREATE TABLE sallyport_record (
    user_id             NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    user_id_length      INTEGER NOT NULL,
    version             BIGINT NOT NULL,
    payload             VARBINARY(MAX) NOT NULL,
    state               VARCHAR(16) NOT NULL,
    failed_attempts     INTEGER NOT NULL,
    locked_until        VARCHAR(32),
    backup_codes_left   INTEGER NOT NULL,
    remembered_browsers INTEGER NOT NULL,
    enabled_at          VARCHAR(32),
    updated_at          VARCHAR(32) NOT NULL,
    PRIMARY KEY (user_id, user_id_length)
);
