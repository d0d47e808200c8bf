"""The tables of contacts: what Graph tells of one is kept as JSON."""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS contact_folder (
    id INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    parent INTEGER REFERENCES contact_folder ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    UNIQUE (mailbox, counter),
    UNIQUE (parent, name)
);

CREATE TABLE IF NOT EXISTS contact (
    id INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES contact_folder ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    change INTEGER NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    fields TEXT NOT NULL,
    UNIQUE (mailbox, counter)
);
CREATE INDEX IF NOT EXISTS contact_folder_contacts ON contact (folder, is_deleted);

CREATE TABLE IF NOT EXISTS photo (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    contact INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (mailbox, contact)
) WITHOUT ROWID;
"""
