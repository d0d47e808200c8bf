"""The tables of calendars."""

from __future__ import annotations

# `starts` and `ends` of a series are those of its first and last occurrence; days of all-day events are at midnight
# of UTC. An exception has its series in `master` and the date that it stands for in `original`. `permissions` are the
# roles of other users by their addresses.
TABLES = """
CREATE TABLE IF NOT EXISTS calendar (
    id INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    change INTEGER NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL COLLATE NOCASE,
    color TEXT NOT NULL DEFAULT 'auto',
    permissions TEXT NOT NULL DEFAULT '{}',
    UNIQUE (mailbox, counter),
    UNIQUE (mailbox, name)
);

CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar INTEGER NOT NULL REFERENCES calendar ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    change INTEGER NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    uid TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    recurs INTEGER NOT NULL,
    master INTEGER REFERENCES event ON DELETE CASCADE,
    original TEXT,
    fields TEXT NOT NULL,
    UNIQUE (master, original)
);
CREATE INDEX IF NOT EXISTS event_time ON event (calendar, starts);
CREATE INDEX IF NOT EXISTS event_uid ON event (uid);

CREATE TABLE IF NOT EXISTS event_transaction (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    id TEXT NOT NULL,
    event INTEGER NOT NULL REFERENCES event ON DELETE CASCADE,
    body TEXT NOT NULL,
    PRIMARY KEY (mailbox, id)
) WITHOUT ROWID;
"""
