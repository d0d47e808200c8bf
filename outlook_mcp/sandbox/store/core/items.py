"""What the items of a folder have in common, as the store keeps them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from outlook_mcp.sandbox.store.core import ids


@dataclass(frozen=True, slots=True)
class StoredItem:
    """`key` is the row; `row` holds the columns of its table; ids are computed from the mailbox GUID."""

    key: int
    guid: bytes
    row: sqlite3.Row

    @property
    def id(self) -> str:
        """The ordinary id; a move changes it."""
        return ids.item_id(self.guid, self.row["folder_counter"], self.row["entry"])

    @property
    def immutable_id(self) -> str:
        return ids.immutable_id(self.guid, self.row["counter"])

    @property
    def folder_id(self) -> str:
        return ids.folder_id(self.guid, self.row["folder_counter"])

    @property
    def change_key(self) -> str:
        return ids.change_key(self.guid, self.row["change"])
