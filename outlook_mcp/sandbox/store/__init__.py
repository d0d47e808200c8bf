"""Mailboxes in SQLite: folders, messages, attachments, full-text search, changes, sending."""

from __future__ import annotations

from outlook_mcp.sandbox.store.errors import (
    FolderExists,
    FolderProtected,
    IdMalformed,
    ItemNotFound,
    MailboxExists,
    StoreError,
)
from outlook_mcp.sandbox.store.folders import Folder
from outlook_mcp.sandbox.store.mailbox import Mailbox
from outlook_mcp.sandbox.store.mailstore import MailStore
from outlook_mcp.sandbox.store.rows import StoredMessage

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
