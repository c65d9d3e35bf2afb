-- SPDX-License-Identifier: Apache-2.0
-- SQLite 3.
-- One record per user. The payload is encrypted. The columns after it are for people: they are written with every
-- record and never read back. Instants are text in UTC, such as 2026-11-01T08:30:00.000Z, and sort by time.
-- The length of the id, in UTF-16 characters, is part of the key. It distinguishes ids where the database ignores blanks
-- at the end.
CREATE TABLE sallyport_record (
    user_id             TEXT COLLATE BINARY NOT NULL,
    user_id_length      INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    payload             BLOB NOT NULL,
    state               TEXT NOT NULL,
    failed_attempts     INTEGER NOT NULL,
    locked_until        TEXT,
    backup_codes_left   INTEGER NOT NULL,
    remembered_browsers INTEGER NOT NULL,
    enabled_at          TEXT,
    updated_at          TEXT NOT NULL,
    PRIMARY KEY (user_id, user_id_length)
);
