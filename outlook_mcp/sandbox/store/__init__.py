"""Mailboxes in SQLite: what every area shares in `core`, and a folder for each area."""

from __future__ import annotations

from outlook_mcp.sandbox.store.calendar import schema as calendar_schema
from outlook_mcp.sandbox.store.contacts import schema as contacts_schema
from outlook_mcp.sandbox.store.core import accounts, rooms, rounds
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.database import TEMPORARY, Database
from outlook_mcp.sandbox.store.core.errors import IdMalformed, ItemNotFound, MailboxExists, StoreError
from outlook_mcp.sandbox.store.mail import schema as mail_schema
from outlook_mcp.sandbox.store.mail.errors import FolderExists, FolderProtected
from outlook_mcp.sandbox.store.mail.folders import Folder
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mailstore import MailStore

__all__ = [
    "TEMPORARY",
    "Account",
    "Accounts",
    "Database",
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
    "open_database",
]


def open_database(path: str = TEMPORARY) -> Database:
    """A database with the tables of every area; `path` as for `Database`."""
    shared = (accounts.TABLES, rooms.TABLES, rounds.TABLES)
    areas = (mail_schema.TABLES, contacts_schema.TABLES, calendar_schema.TABLES)
    return Database(path, (*shared, *areas), mail_schema.RENAMED)
