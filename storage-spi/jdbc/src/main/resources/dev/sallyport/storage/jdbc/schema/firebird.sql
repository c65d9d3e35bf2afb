-- SPDX-License-Identifier: Apache-2.0
-- Firebird 3 and later. The page size MUST be 8192 or more. Connections MUST have encoding=UTF8.
-- One record per user. The payload is encrypted. The columns after it are for people: they are written with every
-- record and never read back. Instants are text in UTC, such as 2026-11-01T08:30:00.000Z, and sort by time.
-- The length of the id, in UTF-16 characters, is part of the key. It distinguishes ids where the database ignores blanks
-- at the end.
-- OCTETS: the bytes of the id in UTF-8, at most 765 of them. With a character set, Firebird's comparison adds blanks at the
-- end of the shorter text, and its index removes them. Ids with control characters then have two different orders, and
-- a walk leaves ids out. To read an id in a tool: CAST(user_id AS VARCHAR(255) CHARACTER SET UTF8).
CREATE TABLE sallyport_record (
    user_id             VARCHAR(765) CHARACTER SET OCTETS NOT NULL,
    user_id_length      INTEGER NOT NULL,
    version             BIGINT NOT NULL,
    payload             BLOB SUB_TYPE BINARY NOT NULL,
    state               VARCHAR(16) CHARACTER SET ASCII NOT NULL,
    failed_attempts     INTEGER NOT NULL,
    locked_until        VARCHAR(32) CHARACTER SET ASCII,
    backup_codes_left   INTEGER NOT NULL,
    remembered_browsers INTEGER NOT NULL,
    enabled_at          VARCHAR(32) CHARACTER SET ASCII,
    updated_at          VARCHAR(32) CHARACTER SET ASCII NOT NULL,
    PRIMARY KEY (user_id, user_id_length)
);
