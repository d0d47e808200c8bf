"""The users that have a mailbox; every area keeps its rows under one of these accounts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import MailboxExists

_NAMESPACE = UUID("6e1c2f3a-1c8b-4d0e-8f57-2a4b6c8d0e1f")

TABLES = """
CREATE TABLE IF NOT EXISTS mailbox (
    id INTEGER PRIMARY KEY,
    tid TEXT NOT NULL,
    oid TEXT NOT NULL UNIQUE,
    upn TEXT NOT NULL UNIQUE COLLATE NOCASE,
    display_name TEXT NOT NULL,
    guid BLOB NOT NULL,
    counter INTEGER NOT NULL DEFAULT 0,
    change INTEGER NOT NULL DEFAULT 0,
    oldest_change INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS alias (
    address TEXT PRIMARY KEY COLLATE NOCASE,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE
) WITHOUT ROWID;
"""
_SELECT = (
    "SELECT *, (SELECT json_group_array(a.address) FROM alias a WHERE a.mailbox = mailbox.id) AS aliases FROM mailbox"
)


@dataclass(frozen=True, slots=True)
class Account:
    """`key` is the row in the table `mailbox`; `guid` is the mailbox GUID inside every id of its items.

    `aliases` are further addresses that the user receives mail at and may send it from.
    """

    key: int
    tid: str
    oid: str
    upn: str
    display_name: str
    guid: bytes
    aliases: tuple[str, ...] = ()

    def has_address(self, address: str) -> bool:
        return address.lower() in {name.lower() for name in (self.upn, *self.aliases)}


class Accounts:
    """Lookups by object id are exact, those by address ignore case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_account(self, tid: str, oid: str, upn: str, display_name: str) -> Account:
        """Raises MailboxExists when the object id or the address is taken."""
        guid = uuid5(_NAMESPACE, f"{tid}:{oid}").bytes
        with self._database.transaction():
            if self.by_oid(oid) or self.by_address(upn):
                raise MailboxExists(upn)
            key = self._database.execute(
                "INSERT INTO mailbox (tid, oid, upn, display_name, guid) VALUES (?, ?, ?, ?, ?)",
                (tid, oid, upn, display_name, guid),
            )
        return Account(key, tid, oid, upn, display_name, guid)

    def by_oid(self, oid: str) -> Account | None:
        return self._find_account("oid", oid)

    def by_address(self, address: str) -> Account | None:
        """By the user principal name or an alias."""
        row = self._database.row("SELECT mailbox FROM alias WHERE address = ?", (address,))
        return self._find_account("upn", address) if row is None else self._find_account("id", row["mailbox"])

    def all_accounts(self) -> list[Account]:
        return [_account(row) for row in self._database.rows(f"{_SELECT} ORDER BY id")]

    def set_aliases(self, account: Account, aliases: Iterable[str]) -> None:
        """These and no others. Raises MailboxExists for an address of another account."""
        with self._database.transaction():
            self._database.execute("DELETE FROM alias WHERE mailbox = ?", (account.key,))
            for address in aliases:
                if self.by_address(address):
                    raise MailboxExists(address)
                self._database.execute("INSERT INTO alias (address, mailbox) VALUES (?, ?)", (address, account.key))

    def clear(self) -> None:
        """Delete every account, and with it every row that refers to one."""
        self._database.execute("DELETE FROM mailbox")

    def _find_account(self, column: str, value: str | int) -> Account | None:
        row = self._database.row(f"{_SELECT} WHERE {column} = ?", (value,))
        return None if row is None else _account(row)


def _account(row: sqlite3.Row) -> Account:
    aliases = tuple(json.loads(row["aliases"]))
    return Account(row["id"], row["tid"], row["oid"], row["upn"], row["display_name"], row["guid"], aliases)
