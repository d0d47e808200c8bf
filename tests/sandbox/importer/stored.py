"""What a mailbox holds after an import."""

from __future__ import annotations

import json
import sqlite3

from outlook_mcp.sandbox.store import Mailbox


def rows(mailbox: Mailbox, folder: str = "inbox") -> list[sqlite3.Row]:
    """The messages of a folder in the order they came in."""
    return mailbox.database.rows(
        "SELECT * FROM message WHERE folder = ? ORDER BY id", (mailbox.ensure_folder(folder).key,)
    )


def subjects(mailbox: Mailbox, folder: str = "inbox") -> list[str]:
    return [row["subject"] for row in rows(mailbox, folder)]


def attachments(mailbox: Mailbox) -> list[sqlite3.Row]:
    return mailbox.database.rows("SELECT * FROM attachment ORDER BY id")


def folder_names(mailbox: Mailbox) -> set[str]:
    return {row["name"] for row in mailbox.database.rows("SELECT name FROM folder")}


def recipients(row: sqlite3.Row) -> list[str]:
    return [person["address"] for person in json.loads(row["to_recipients"])]
