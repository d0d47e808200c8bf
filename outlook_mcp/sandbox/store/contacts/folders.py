"""The folders of contacts of one mailbox: the default one, and those below it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound, StoreError

DEFAULT = "contacts"
_DEFAULT_NAME = "Contacts"
_SELECT = (
    "SELECT f.*, (SELECT p.counter FROM contact_folder p WHERE p.id = f.parent) AS parent_counter FROM contact_folder f"
)


class ContactFolderExists(StoreError):
    """A folder of this name is there."""


class DefaultContactFolder(StoreError):
    """The default folder is neither renamed nor deleted."""


@dataclass(frozen=True, slots=True)
class ContactFolder:
    """`parent` is the row of the folder above, None for the default folder."""

    key: int
    guid: bytes
    row: sqlite3.Row

    @property
    def id(self) -> str:
        return ids.folder_id(self.guid, self.row["counter"])

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def is_default(self) -> bool:
        return self.row["parent"] is None

    @property
    def parent_id(self) -> str:
        """The root of the mailbox, which has the counter 1, is above the default folder."""
        return ids.folder_id(self.guid, self.row["parent_counter"] or 1)


class ContactFolders:
    """The folders of one account; the default one is made when it is first asked for."""

    def __init__(self, database: Database, account: Account) -> None:
        self._database, self._account = database, account
        self._counters = Counters(database, account.key)

    def default_folder(self) -> ContactFolder:
        with self._database.transaction():
            row = self._database.row(f"{_SELECT} WHERE f.mailbox = ? AND f.parent IS NULL", (self._account.key,))
            if row is None:
                return self._insert_folder(_DEFAULT_NAME, None)
            return self._folder(row)

    def by_id(self, identifier: str) -> ContactFolder:
        """By id or well-known name. Raises IdMalformed or ItemNotFound."""
        if identifier.lower() == DEFAULT:
            return self.default_folder()
        item = ids.parse(identifier)
        row = None
        if item.kind == "folder" and item.guid == self._account.guid:
            row = self._database.row(
                f"{_SELECT} WHERE f.mailbox = ? AND f.counter = ?", (self._account.key, item.counter)
            )
        if row is None:
            raise ItemNotFound(identifier)
        return self._folder(row)

    def children(self, parent: ContactFolder) -> list[ContactFolder]:
        """By name."""
        return [
            self._folder(row)
            for row in self._database.rows(f"{_SELECT} WHERE f.parent = ? ORDER BY f.name, f.id", (parent.key,))
        ]

    def all_below(self, folder: ContactFolder) -> list[ContactFolder]:
        """Each before those in it."""
        return [found for child in self.children(folder) for found in (child, *self.all_below(child))]

    def create_folder(self, name: str, parent: ContactFolder) -> ContactFolder:
        """Raises ContactFolderExists."""
        with self._database.transaction():
            self._refuse_taken(name, parent.key)
            return self._insert_folder(name, parent.key)

    def ensure_folder(self, name: str) -> ContactFolder:
        """The folder of this name in the default one, made where it is missing."""
        default = self.default_folder()
        known = {folder.name.casefold(): folder for folder in self.children(default)}
        return known.get(name.casefold()) or self.create_folder(name, default)

    def rename_folder(self, folder: ContactFolder, name: str) -> ContactFolder:
        """Raises ContactFolderExists or DefaultContactFolder."""
        if folder.is_default:
            raise DefaultContactFolder(folder.name)
        with self._database.transaction():
            if name.casefold() != folder.name.casefold():
                self._refuse_taken(name, folder.row["parent"])
            self._database.execute("UPDATE contact_folder SET name = ? WHERE id = ?", (name, folder.key))
            return self._by_key(folder.key)

    def move_folder(self, folder: ContactFolder, parent: ContactFolder) -> ContactFolder:
        """Raises DefaultContactFolder also for a place below the folder itself."""
        above: ContactFolder | None = parent
        while above is not None:
            if folder.is_default or above.key == folder.key:
                raise DefaultContactFolder(folder.name)
            above = None if above.is_default else self._by_key(above.row["parent"])
        with self._database.transaction():
            self._refuse_taken(folder.name, parent.key)
            self._database.execute("UPDATE contact_folder SET parent = ? WHERE id = ?", (parent.key, folder.key))
            return self._by_key(folder.key)

    def delete_folder(self, folder: ContactFolder) -> None:
        """With all that is in it. Raises DefaultContactFolder."""
        if folder.is_default:
            raise DefaultContactFolder(folder.name)
        self._database.execute("DELETE FROM contact_folder WHERE id = ?", (folder.key,))

    def _refuse_taken(self, name: str, parent: int) -> None:
        if self._database.row("SELECT 1 FROM contact_folder WHERE parent = ? AND name = ?", (parent, name)):
            raise ContactFolderExists(name)

    def _insert_folder(self, name: str, parent: int | None) -> ContactFolder:
        key = self._database.execute(
            "INSERT INTO contact_folder (mailbox, parent, counter, name) VALUES (?, ?, ?, ?)",
            (self._account.key, parent, self._counters.next_item(), name),
        )
        return self._by_key(key)

    def _by_key(self, key: int) -> ContactFolder:
        row = self._database.row(f"{_SELECT} WHERE f.id = ?", (key,))
        assert row is not None
        return self._folder(row)

    def _folder(self, row: sqlite3.Row) -> ContactFolder:
        return ContactFolder(row["id"], self._account.guid, row)
