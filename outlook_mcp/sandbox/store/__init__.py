"""Mailboxes in SQLite: folders, messages, attachments, full-text search, changes, sending."""

from __future__ import annotations

from outlook_mcp.sandbox.store.core.errors import (
    FolderExists,
    FolderProtected,
    IdMalformed,
    ItemNotFound,
    MailboxExists,
    StoreError,
)
from outlook_mcp.sandbox.store.mail.folders import Folder
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.mailstore import MailStore
from outlook_mcp.sandbox.store.mail.rows import StoredMessage

__all__ = [
    "Folder",
    "FolderExists",
    "FolderProtected",
    "IdMalformed",
    "ItemNotFound",
    "MailStore",
    "Mailbox",
    "MailboxExists",
    "StoreError",
    "StoredMessage",
]
