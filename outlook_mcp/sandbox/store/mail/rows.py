"""A message as the mailbox keeps it, and the JSON columns of addresses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store.core.items import StoredItem


@dataclass(frozen=True, slots=True)
class StoredMessage(StoredItem):
    """A row of the table `message`."""

    @property
    def conversation_id(self) -> str:
        return str(self.row["conversation"])

    @property
    def is_draft(self) -> bool:
        return bool(self.row["is_draft"])

    @property
    def subject(self) -> str:
        return str(self.row["subject"])


def dump_addresses(addresses: Iterable[Address]) -> str:
    return json.dumps([{"address": address.address, "name": address.name} for address in addresses], ensure_ascii=False)


def load_addresses(text: str) -> list[Address]:
    return [Address(item["address"], item["name"]) for item in json.loads(text)]


def one_address(row: sqlite3.Row, role: str) -> Address | None:
    """`role` is from or sender."""
    address: Any = row[f"{role}_address"]
    return None if address is None else Address(address, row[f"{role}_name"] or "")
