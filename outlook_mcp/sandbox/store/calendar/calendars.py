"""The calendars of one mailbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound, StoreError

DEFAULT_NAME = "Calendar"


class CalendarExists(StoreError):
    """A calendar of that name is there already."""


class DefaultCalendar(StoreError):
    """The default calendar is never deleted."""


@dataclass(frozen=True, slots=True)
class StoredCalendar:
    """`permissions` maps the addresses of other users to their roles, as in microsoft.graph.calendarRoleType."""

    guid: bytes
    row: sqlite3.Row
    permissions: Mapping[str, str]

    @property
    def key(self) -> int:
        return int(self.row["id"])

    @property
    def id(self) -> str:
        return ids.folder_id(self.guid, self.row["counter"])

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def is_default(self) -> bool:
        return bool(self.row["is_default"])

    @property
    def change_key(self) -> str:
        return ids.change_key(self.guid, self.row["change"])


class Calendars:
    """The calendars of one account; no other account can be reached from it."""

    def __init__(self, database: Database, account: Account) -> None:
        self._database, self._account = database, account
        self._counters = Counters(database, account.key)

    def default_calendar(self) -> StoredCalendar:
        """The default calendar, which is made when it is first asked for."""
        row = self._database.row("SELECT * FROM calendar WHERE mailbox = ? AND is_default", (self._account.key,))
        return self._insert_calendar(DEFAULT_NAME, is_default=True) if row is None else self._stored(row)

    def all_calendars(self) -> list[StoredCalendar]:
        """The default one first."""
        self.default_calendar()
        rows = self._database.rows("SELECT * FROM calendar WHERE mailbox = ? ORDER BY id", (self._account.key,))
        return [self._stored(row) for row in rows]

    def by_id(self, identifier: str) -> StoredCalendar:
        """Raises IdMalformed or ItemNotFound."""
        item = ids.parse(identifier)
        for calendar in self.all_calendars():
            if item.kind == "folder" and item.guid == self._account.guid and item.counter == calendar.row["counter"]:
                return calendar
        raise ItemNotFound(identifier)

    def create_calendar(self, name: str) -> StoredCalendar:
        """Raises CalendarExists."""
        if any(calendar.name.lower() == name.lower() for calendar in self.all_calendars()):
            raise CalendarExists(name)
        return self._insert_calendar(name, is_default=False)

    def change_calendar(self, calendar: StoredCalendar, **columns: Any) -> StoredCalendar:
        """Sets `name` or `color`. Raises CalendarExists."""
        name = columns.get("name", calendar.name)
        if any(other.name.lower() == name.lower() and other.key != calendar.key for other in self.all_calendars()):
            raise CalendarExists(name)
        values = (name, columns.get("color", calendar.row["color"]), self._counters.next_change(), calendar.key)
        self._database.execute("UPDATE calendar SET name = ?, color = ?, change = ? WHERE id = ?", values)
        return self._by_key(calendar.key)

    def set_permissions(self, calendar: StoredCalendar, permissions: Mapping[str, str]) -> StoredCalendar:
        """These roles and no others."""
        written = json.dumps({address.lower(): role for address, role in permissions.items()})
        self._database.execute("UPDATE calendar SET permissions = ? WHERE id = ?", (written, calendar.key))
        return self._by_key(calendar.key)

    def delete_calendar(self, calendar: StoredCalendar) -> None:
        """With all its events. Raises DefaultCalendar."""
        if calendar.is_default:
            raise DefaultCalendar(calendar.name)
        self._database.execute("DELETE FROM calendar WHERE id = ?", (calendar.key,))

    def _insert_calendar(self, name: str, *, is_default: bool) -> StoredCalendar:
        key = self._database.execute(
            "INSERT INTO calendar (mailbox, counter, change, is_default, name) VALUES (?, ?, ?, ?, ?)",
            (self._account.key, self._counters.next_item(), self._counters.next_change(), int(is_default), name),
        )
        return self._by_key(key)

    def _by_key(self, key: int) -> StoredCalendar:
        row = self._database.row("SELECT * FROM calendar WHERE id = ?", (key,))
        assert row is not None
        return self._stored(row)

    def _stored(self, row: sqlite3.Row) -> StoredCalendar:
        return StoredCalendar(self._account.guid, row, json.loads(row["permissions"]))
