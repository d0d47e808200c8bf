"""The tables of mail: `message` has the columns that are sorted and filtered, `content` those that are only read."""

from __future__ import annotations

# Names of tables in files of older versions, and those of today.
RENAMED = {"arrival": "addition"}

TABLES = """
CREATE TABLE IF NOT EXISTS folder (
    id INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    parent INTEGER REFERENCES folder ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    well_known TEXT,
    hidden INTEGER NOT NULL DEFAULT 0,
    UNIQUE (mailbox, counter),
    UNIQUE (parent, name)
);

CREATE TABLE IF NOT EXISTS search_folder (
    folder INTEGER PRIMARY KEY REFERENCES folder ON DELETE CASCADE,
    query TEXT NOT NULL,
    nested INTEGER NOT NULL,
    sources TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    counter INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    change INTEGER NOT NULL,
    item_type TEXT NOT NULL DEFAULT 'message',
    subject TEXT NOT NULL COLLATE NOCASE,
    preview TEXT NOT NULL,
    sender_address TEXT COLLATE NOCASE,
    sender_name TEXT COLLATE NOCASE,
    from_address TEXT COLLATE NOCASE,
    from_name TEXT COLLATE NOCASE,
    to_recipients TEXT NOT NULL,
    cc_recipients TEXT NOT NULL,
    bcc_recipients TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    received TEXT NOT NULL,
    sent TEXT NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    internet_message_id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    conversation_index BLOB NOT NULL,
    importance TEXT NOT NULL,
    is_read INTEGER NOT NULL,
    is_draft INTEGER NOT NULL,
    flag_status TEXT NOT NULL,
    flag TEXT NOT NULL DEFAULT '{}',
    categories TEXT NOT NULL,
    has_attachments INTEGER NOT NULL,
    inference TEXT NOT NULL DEFAULT 'focused',
    read_receipt INTEGER NOT NULL DEFAULT 0,
    delivery_receipt INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL,
    submit_at REAL,
    keep_copy INTEGER NOT NULL DEFAULT 1,
    UNIQUE (mailbox, counter),
    UNIQUE (mailbox, entry)
);
CREATE INDEX IF NOT EXISTS message_received ON message (mailbox, received DESC, id DESC);
CREATE INDEX IF NOT EXISTS message_sent ON message (mailbox, sent DESC, id DESC);
CREATE INDEX IF NOT EXISTS message_folder_received ON message (folder, received DESC, id DESC);
CREATE INDEX IF NOT EXISTS message_folder_read ON message (folder, is_read);
CREATE INDEX IF NOT EXISTS message_folder_change ON message (folder, change);
CREATE INDEX IF NOT EXISTS message_conversation ON message (mailbox, conversation);
CREATE INDEX IF NOT EXISTS message_from ON message (mailbox, from_address, received DESC);
CREATE INDEX IF NOT EXISTS message_internet_id ON message (mailbox, internet_message_id);
CREATE INDEX IF NOT EXISTS message_submitted ON message (submit_at) WHERE submit_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS content (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    body TEXT NOT NULL,
    body_type TEXT NOT NULL,
    in_reply_to TEXT,
    reference_ids TEXT NOT NULL,
    headers TEXT NOT NULL,
    mime BLOB
);

CREATE TABLE IF NOT EXISTS meeting (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    calendar TEXT NOT NULL
);

CREATE VIRTUAL TABLE IF NOT EXISTS message_text USING fts5 (
    owner, subject, sender, to_, cc, bcc, body, attachment, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2'
);

CREATE TABLE IF NOT EXISTS attachment (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    key BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    is_inline INTEGER NOT NULL,
    content_id TEXT,
    source_url TEXT,
    size INTEGER NOT NULL,
    modified TEXT NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS attachment_message ON attachment (message);

CREATE TABLE IF NOT EXISTS extended_property (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    id TEXT NOT NULL COLLATE NOCASE,
    value TEXT,
    PRIMARY KEY (message, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS folder_property (
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    id TEXT NOT NULL COLLATE NOCASE,
    value TEXT,
    PRIMARY KEY (folder, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS extension (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    value TEXT NOT NULL,
    PRIMARY KEY (message, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS thread (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    internet_message_id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (mailbox, internet_message_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS thread_conversation ON thread (mailbox, conversation);

CREATE TABLE IF NOT EXISTS addition (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    change INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS record (
    number INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL COLLATE NOCASE,
    value TEXT NOT NULL,
    UNIQUE (mailbox, kind, id)
);

CREATE TABLE IF NOT EXISTS distribution_group (
    address TEXT PRIMARY KEY COLLATE NOCASE,
    display_name TEXT NOT NULL,
    members TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS removal (
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    change INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (folder, change)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    is_inline INTEGER NOT NULL,
    content_id TEXT,
    size INTEGER NOT NULL,
    expires TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS upload_range (
    upload TEXT NOT NULL REFERENCES upload ON DELETE CASCADE,
    start INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (upload, start)
);
"""
