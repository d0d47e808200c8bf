"""Rooms: mailboxes of an organisation that nobody signs in to, which answer requests for meetings by themselves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.store.core.accounts import Account, Accounts
from outlook_mcp.sandbox.store.core.database import Database

# `list_address` and `list_name` are the room list that it is in; `fields` has the properties of microsoft.graph.room.
TABLES = """
CREATE TABLE IF NOT EXISTS room (
    mailbox INTEGER PRIMARY KEY REFERENCES mailbox ON DELETE CASCADE,
    list_address TEXT NOT NULL COLLATE NOCASE,
    list_name TEXT NOT NULL,
    fields TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`fields` are the properties of Graph besides names and addresses, such as `building` and `capacity`."""

    account: Account
    list_address: str
    list_name: str
    fields: Mapping[str, Any]


class Rooms:
    """The rooms of all organisations."""

    def __init__(self, database: Database) -> None:
        self._database, self._accounts = database, Accounts(database)

    def add_room(self, account: Account, list_address: str, list_name: str, **fields: Any) -> None:
        """Makes a mailbox that of a room."""
        self._database.execute(
            "INSERT INTO room (mailbox, list_address, list_name, fields) VALUES (?, ?, ?, ?)",
            (account.key, list_address, list_name, json.dumps(fields)),
        )

    def is_room(self, account: Account) -> bool:
        return self._database.row("SELECT 1 FROM room WHERE mailbox = ?", (account.key,)) is not None

    def rooms_of(self, tid: str) -> list[Room]:
        """The rooms of one organisation, by name."""
        accounts = {account.key: account for account in self._accounts.all_accounts() if account.tid == tid}
        rows = [row for row in self._database.rows("SELECT * FROM room") if row["mailbox"] in accounts]
        rooms = [_room(row, accounts[row["mailbox"]]) for row in rows]
        return sorted(rooms, key=lambda room: room.account.display_name)


def _room(row: sqlite3.Row, account: Account) -> Room:
    return Room(
        account=account,
        list_address=row["list_address"],
        list_name=row["list_name"],
        fields=json.loads(row["fields"]),
    )
