"""Open extensions: named sets of properties that applications keep with a message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.rows import StoredMessage


class Extensions:
    """By name without case; they follow the message when it is moved, and are copied with it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, stored: StoredMessage) -> dict[str, dict[str, Any]]:
        """The properties of each extension by its name, in the order of the names."""
        rows = self._database.rows("SELECT name, value FROM extension WHERE message = ? ORDER BY name", (stored.key,))
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def by_name(self, stored: StoredMessage, name: str) -> tuple[str, dict[str, Any]]:
        """The name as it was given, and the properties. Raises ItemNotFound."""
        for known, properties in self.of(stored).items():
            if known.lower() == name.lower():
                return known, properties
        raise ItemNotFound(name)

    def put_extension(self, stored: StoredMessage, name: str, properties: Mapping[str, Any]) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO extension (message, name, value) VALUES (?, ?, ?)",
            (stored.key, name, json.dumps(properties, ensure_ascii=False)),
        )

    def remove_extension(self, stored: StoredMessage, name: str) -> None:
        self._database.execute("DELETE FROM extension WHERE message = ? AND name = ?", (stored.key, name))

    def copy_all(self, source: StoredMessage, copy: StoredMessage) -> None:
        for name, properties in self.of(source).items():
            self.put_extension(copy, name, properties)
