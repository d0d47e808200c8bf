"""The contacts of one mailbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.store.contacts.folders import ContactFolder
from outlook_mcp.sandbox.store.core import ids, times
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.core.items import StoredItem

# What a name for display is made of.
_NAME_PARTS = ("givenName", "middleName", "surname")
_SELECT = "SELECT c.*, f.counter AS folder_counter FROM contact c JOIN contact_folder f ON f.id = c.folder"


@dataclass(frozen=True, slots=True)
class Photo:
    """`content` is the picture as it was stored."""

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredContact(StoredItem):
    """`fields` are the properties that were set, by their names in Graph."""

    fields: Mapping[str, Any]


class Contacts:
    """The contacts of one account; no other account can be reached from it."""

    def __init__(self, database: Database, account: Account) -> None:
        self._database, self._account = database, account
        self._counters = Counters(database, account.key)

    def contacts_in(self, folder: ContactFolder) -> list[StoredContact]:
        """In the order in which they were created."""
        rows = self._database.rows(f"{_SELECT} WHERE c.folder = ? AND NOT c.is_deleted ORDER BY c.id", (folder.key,))
        return [self._stored(row) for row in rows]

    def all_contacts(self) -> list[StoredContact]:
        """The contacts of every folder."""
        rows = self._database.rows(
            f"{_SELECT} WHERE c.mailbox = ? AND NOT c.is_deleted ORDER BY c.id", (self._account.key,)
        )
        return [self._stored(row) for row in rows]

    def by_id(self, identifier: str) -> StoredContact:
        """By ordinary or immutable id. Raises IdMalformed or ItemNotFound."""
        item = ids.parse(identifier)
        column = "counter" if item.kind == "immutable" else "entry"
        row = None
        if item.guid == self._account.guid and item.kind != "folder":
            row = self._database.row(
                f"{_SELECT} WHERE c.mailbox = ? AND c.{column} = ? AND NOT c.is_deleted",
                (self._account.key, item.counter),
            )
        if row is None:
            raise ItemNotFound(identifier)
        return self._stored(row)

    def create_contact(self, folder: ContactFolder, fields: Mapping[str, Any]) -> StoredContact:
        """A contact without a name for display gets one made of the parts of its name."""
        with self._database.transaction():
            counter, entry = self._counters.next_items(2)
            now = times.now()
            key = self._database.execute(
                "INSERT INTO contact (mailbox, folder, counter, entry, change, created, modified, fields)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(self._account.key, folder.key, counter, entry, self._counters.next_change(), now, now),
                    _written(_with_display_name(fields, is_given=bool(fields.get("displayName")))),
                ),
            )
            return self._by_key(key)

    def change_contact(self, contact: StoredContact, fields: Mapping[str, Any]) -> StoredContact:
        """Sets these properties. Without `displayName` among them that one is made of the name again."""
        is_given = bool(fields.get("displayName"))
        merged = _with_display_name({**contact.fields, **fields}, is_given=is_given)
        with self._database.transaction():
            self._database.execute(
                "UPDATE contact SET fields = ?, change = ?, modified = ? WHERE id = ?",
                (_written(merged), self._counters.next_change(), times.now(), contact.key),
            )
            return self._by_key(contact.key)

    def move_contact(self, contact: StoredContact, folder: ContactFolder) -> StoredContact:
        """Moves a contact, which keeps its immutable id and gets another ordinary one."""
        with self._database.transaction():
            self._database.execute(
                "UPDATE contact SET folder = ?, entry = ?, change = ? WHERE id = ?",
                (folder.key, self._counters.next_item(), self._counters.next_change(), contact.key),
            )
            return self._by_key(contact.key)

    def delete_contact(self, contact: StoredContact) -> None:
        """To Deleted Items, where contacts are no longer listed."""
        self._database.execute("UPDATE contact SET is_deleted = 1 WHERE id = ?", (contact.key,))

    def photo(self, contact: StoredContact | None = None) -> Photo | None:
        """The photo of a contact, else that of the user."""
        row = self._database.row(
            "SELECT content_type, content FROM photo WHERE mailbox = ? AND contact = ?",
            (self._account.key, contact.key if contact else 0),
        )
        return None if row is None else Photo(row["content_type"], row["content"])

    def set_photo(self, photo: Photo, contact: StoredContact | None = None) -> None:
        """Replaces the one that was there."""
        self._database.execute(
            "INSERT OR REPLACE INTO photo (mailbox, contact, content_type, content) VALUES (?, ?, ?, ?)",
            (self._account.key, contact.key if contact else 0, photo.content_type, photo.content),
        )

    def _by_key(self, key: int) -> StoredContact:
        row = self._database.row(f"{_SELECT} WHERE c.id = ?", (key,))
        assert row is not None
        return self._stored(row)

    def _stored(self, row: sqlite3.Row) -> StoredContact:
        return StoredContact(row["id"], self._account.guid, row, json.loads(row["fields"]))


def _with_display_name(fields: Mapping[str, Any], *, is_given: bool) -> dict[str, Any]:
    """With a name for display: the given one, else one made of the name, the company or the first address."""
    if is_given:
        return dict(fields)
    name = " ".join(fields[part] for part in _NAME_PARTS if fields.get(part))
    emails = fields.get("emailAddresses") or []
    first = next((email["address"] for email in emails if email and email.get("address")), "")
    return {**fields, "displayName": name or fields.get("companyName") or first}


def _written(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)
