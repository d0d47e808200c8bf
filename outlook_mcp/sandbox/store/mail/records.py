"""JSON objects that belong to a mailbox and are neither messages nor folders, such as its rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound


class Records:
    """The objects of one `kind` in one mailbox (its row), by an id that is unique among them; ids ignore case."""

    def __init__(self, database: Database, mailbox: int, kind: str) -> None:
        self._database, self._key = database, (mailbox, kind)

    def all_records(self) -> dict[str, dict[str, Any]]:
        """By id, in the order in which they were first written."""
        rows = self._database.rows(
            "SELECT id, value FROM record WHERE mailbox = ? AND kind = ? ORDER BY number", self._key
        )
        return {row["id"]: json.loads(row["value"]) for row in rows}

    def find_record(self, identifier: str) -> dict[str, Any] | None:
        value = self._database.value(
            "SELECT value FROM record WHERE mailbox = ? AND kind = ? AND id = ?", (*self._key, identifier)
        )
        return None if value is None else dict(json.loads(value))

    def by_id(self, identifier: str) -> dict[str, Any]:
        """As `find_record`. Raises ItemNotFound."""
        found = self.find_record(identifier)
        if found is None:
            raise ItemNotFound(identifier)
        return found

    def put_record(self, identifier: str, value: Mapping[str, Any]) -> None:
        """Add a record, or replace the one with this id, which keeps its place."""
        self._database.execute(
            "INSERT INTO record (mailbox, kind, id, value) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (mailbox, kind, id) DO UPDATE SET value = excluded.value",
            (*self._key, identifier, json.dumps(value, ensure_ascii=False)),
        )

    def remove_record(self, identifier: str) -> None:
        """Raises ItemNotFound."""
        self.by_id(identifier)
        self._database.execute("DELETE FROM record WHERE mailbox = ? AND kind = ? AND id = ?", (*self._key, identifier))

    def clear(self) -> None:
        self._database.execute("DELETE FROM record WHERE mailbox = ? AND kind = ?", self._key)
