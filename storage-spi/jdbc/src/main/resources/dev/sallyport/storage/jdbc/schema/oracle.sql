-- SPDX-License-Identifier: Apache-2.0
-- Oracle Database 12.2 and later. The conformance kit has not been run on it. The database's character set MUST be
-- AL32UTF8, and each session MUST have NLS_SORT and NLS_COMP BINARY, as they are by default.
-- One record per user. The payload is encrypted. The columns after it are for people: they are written with every
-- record and never read back. Instants are text in UTC, such as 2026-11-01T08:30:00.000Z, and sort by time.
-- The length of the id, in UTF-16 characters, is part of the key. It distinguishes ids where the database ignores blanks
-- at the end.
CREATE TABLE sallyport_record (
    user_id             VARCHAR2(255 CHAR) NOT NULL,
    user_id_length      NUMBER(10) NOT NULL,
    version             NUMBER(19) NOT NULL,
    payload             BLOB NOT NULL,
    state               VARCHAR2(16 CHAR) NOT NULL,
    failed_attempts     NUMBER(10) NOT NULL,
    locked_until        VARCHAR2(32 CHAR),
    backup_codes_left   NUMBER(10) NOT NULL,
    remembered_browsers NUMBER(10) NOT NULL,
    enabled_at          VARCHAR2(32 CHAR),
    updated_at          VARCHAR2(32 CHAR) NOT NULL,
    PRIMARY KEY (user_id, user_id_length)
);
