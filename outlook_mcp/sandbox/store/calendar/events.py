"""The events of one mailbox: single ones, series, and the dates of series that differ."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from outlook_mcp.sandbox.store.calendar.calendars import StoredCalendar
from outlook_mcp.sandbox.store.calendar.ids import new_uid, split_occurrence
from outlook_mcp.sandbox.store.calendar.recurrence import series_dates
from outlook_mcp.sandbox.store.calendar.rows import (
    StoredEvent,
    column_time,
    day_of,
    moment_of,
    shifted,
    stored_event,
)
from outlook_mcp.sandbox.store.core import ids, times
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound

# What the store itself keeps beside the properties of Graph: dates of a series that were deleted.
DELETED_DATES = "_deleted"
# A change of one of these lets a series begin anew: changed and deleted dates are restored.
_OF_THE_SERIES = ("start", "end", "recurrence", "isAllDay")
_SELECT = (
    "SELECT e.*, c.counter AS calendar_counter, s.counter AS master_counter FROM event e"
    " JOIN calendar c ON c.id = e.calendar LEFT JOIN event s ON s.id = e.master"
)
_NEVER = "9999-12-31T00:00:00Z"
_DAY = timedelta(days=1)


class Events:
    """The events of one account; no other account can be reached from it."""

    def __init__(self, database: Database, account: Account) -> None:
        self._database, self._account = database, account
        self._counters = Counters(database, account.key)

    def by_id(self, identifier: str) -> StoredEvent:
        """An event, a series or one of its dates, by ordinary or immutable id. Raises IdMalformed or ItemNotFound."""
        series, day = split_occurrence(identifier)
        item = ids.parse(series)
        is_item = item.guid == self._account.guid and item.kind != "folder"
        event = self.by_counter(item.counter) if is_item else None
        if event is None:
            raise ItemNotFound(identifier)
        return event if day is None else self.occurrence(event, day)

    def by_counter(self, counter: int) -> StoredEvent | None:
        """The event or series with this number in its id."""
        row = self._database.row(
            f"{_SELECT} WHERE c.mailbox = ? AND e.counter = ? AND e.master IS NULL", (self._account.key, counter)
        )
        return None if row is None else stored_event(self._account.guid, row)

    def by_uid(self, uid: str) -> StoredEvent | None:
        """The event or series with this UID, in whichever calendar it is."""
        row = self._database.row(
            f"{_SELECT} WHERE c.mailbox = ? AND e.uid = ? AND e.master IS NULL", (self._account.key, uid)
        )
        return None if row is None else stored_event(self._account.guid, row)

    def by_uid_and_day(self, uid: str, day: date | None) -> StoredEvent | None:
        """As `by_uid`; of a series with a day that date, None where the series has it no more."""
        known = self.by_uid(uid)
        if known is None or day is None or not known.fields.get("recurrence"):
            return known
        try:
            return self.occurrence(known, day)
        except ItemNotFound:
            return None

    def masters_in(self, calendar: StoredCalendar) -> list[StoredEvent]:
        """Single events and series, in the order in which they were created."""
        rows = self._database.rows(
            f"{_SELECT} WHERE e.calendar = ? AND e.master IS NULL ORDER BY e.id", (calendar.key,)
        )
        return [stored_event(self._account.guid, row) for row in rows]

    def view(self, calendar: StoredCalendar, after: datetime, before: datetime) -> list[StoredEvent]:
        """What lies in the period, single events first and series taken apart behind them, as Graph lists them."""
        rows = self._database.rows(
            f"{_SELECT} WHERE e.calendar = ? AND e.master IS NULL AND e.starts <= ? AND e.ends >= ? ORDER BY e.id",
            (calendar.key, column_time(before), column_time(after)),
        )
        events = [stored_event(self._account.guid, row) for row in rows]
        singles = [event for event in events if not event.fields.get("recurrence") and event.overlaps(after, before)]
        dates = [
            occurrence
            for event in events
            if event.fields.get("recurrence")
            for occurrence in self.occurrences(event, before.date() + _DAY)
            if occurrence.overlaps(after, before)
        ]
        return [*singles, *dates]

    def occurrences(self, series: StoredEvent, last: date) -> Iterator[StoredEvent]:
        """The dates of a series until `last`, changed ones with their changes, wherever those moved them."""
        changed = self._exceptions(series)
        deleted = set(series.fields.get(DELETED_DATES) or ())
        for day in series_dates(series.fields["recurrence"]):
            if day > last and not changed:
                return
            exception = changed.pop(day.isoformat(), None)
            if exception is not None:
                yield exception
            elif day.isoformat() not in deleted and day <= last:
                yield _on_date(series, day)

    def occurrence(self, series: StoredEvent, day: date) -> StoredEvent:
        """Raises ItemNotFound for a date that the series has not, or no longer."""
        if series.fields.get("recurrence"):
            for occurrence in self.occurrences(series, day):
                if occurrence.day == day:
                    return occurrence
        raise ItemNotFound(day.isoformat())

    def exceptions_of(self, series: StoredEvent) -> list[StoredEvent]:
        return list(self._exceptions(series).values())

    def create_event(self, calendar: StoredCalendar, fields: Mapping[str, Any], uid: str | None = None) -> StoredEvent:
        """`fields` have start and end as local times with their zones."""
        now = times.now()
        key = self._insert_event(
            {
                "calendar": calendar.key,
                "counter": self._counters.next_item(),
                "created": now,
                "modified": now,
                "uid": uid or new_uid(datetime.now(UTC)),
                "recurs": int(bool(fields.get("recurrence"))),
            },
            fields,
        )
        return self._by_key(key)

    def change_event(self, event: StoredEvent, fields: Mapping[str, Any]) -> StoredEvent:
        """Sets these properties. An occurrence becomes an exception of its series."""
        merged = {**event.fields, **fields}
        with self._database.transaction():
            if event.day is not None and event.row["master"] is None:
                return self._except(event, event.day, merged)
            if event.day is None and any(event.fields.get(name) != merged.get(name) for name in _OF_THE_SERIES):
                merged.pop(DELETED_DATES, None)
                self._database.execute("DELETE FROM event WHERE master = ?", (event.key,))
            starts, ends = _bounds(merged)
            self._database.execute(
                "UPDATE event SET fields = ?, starts = ?, ends = ?, recurs = ?, change = ?, modified = ? WHERE id = ?",
                (
                    *(json.dumps(merged, ensure_ascii=False), starts, ends, int(bool(merged.get("recurrence")))),
                    *(self._counters.next_change(), times.now(), event.key),
                ),
            )
        return self._by_key(event.key)

    def delete_event(self, event: StoredEvent) -> None:
        """An event, a series with all its dates, or one date."""
        with self._database.transaction():
            if event.day is None:
                self._database.execute("DELETE FROM event WHERE id = ?", (event.key,))
                return
            master = event.row["master"]
            if master is not None:
                self._database.execute("DELETE FROM event WHERE id = ?", (event.key,))
            series = self._by_key(master or event.key)
            deleted = sorted({*(series.fields.get(DELETED_DATES) or ()), event.day.isoformat()})
            fields = json.dumps({**series.fields, DELETED_DATES: deleted}, ensure_ascii=False)
            self._database.execute(
                "UPDATE event SET fields = ?, change = ? WHERE id = ?",
                (fields, self._counters.next_change(), series.key),
            )

    def series_of(self, event: StoredEvent) -> StoredEvent:
        """The series that a date belongs to; any other event itself."""
        return event if event.day is None else self._by_key(event.row["master"] or event.key)

    def _exceptions(self, series: StoredEvent) -> dict[str, StoredEvent]:
        rows = self._database.rows(f"{_SELECT} WHERE e.master = ? ORDER BY e.original", (series.key,))
        return {row["original"]: stored_event(self._account.guid, row) for row in rows}

    def _except(self, event: StoredEvent, day: date, fields: Mapping[str, Any]) -> StoredEvent:
        own = {name: value for name, value in fields.items() if name not in ("recurrence", DELETED_DATES)}
        now = times.now()
        key = self._insert_event(
            {
                "calendar": event.row["calendar"],
                "counter": self._counters.next_item(),
                "created": now,
                "modified": now,
                "uid": event.row["uid"],
                "recurs": 0,
                "master": event.key,
                "original": day.isoformat(),
            },
            own,
        )
        return self._by_key(key)

    def _insert_event(self, columns: Mapping[str, Any], fields: Mapping[str, Any]) -> int:
        starts, ends = _bounds(fields)
        row = {
            **columns,
            "change": self._counters.next_change(),
            "starts": starts,
            "ends": ends,
            "fields": json.dumps(fields, ensure_ascii=False),
        }
        marks = ", ".join("?" * len(row))
        return self._database.execute(
            f"INSERT INTO event ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
            tuple(row.values()),
        )

    def _by_key(self, key: int) -> StoredEvent:
        row: sqlite3.Row | None = self._database.row(f"{_SELECT} WHERE e.id = ?", (key,))
        assert row is not None
        return stored_event(self._account.guid, row)


def _on_date(series: StoredEvent, day: date) -> StoredEvent:
    """One date of a series, with the times of day of the series."""
    days = (day - day_of(series.fields["start"])).days
    own = {name: value for name, value in series.fields.items() if name not in ("recurrence", DELETED_DATES)}
    own |= {"start": shifted(series.fields["start"], days), "end": shifted(series.fields["end"], days)}
    return StoredEvent(series.guid, series.row, own, day)


def _bounds(fields: Mapping[str, Any]) -> tuple[str, str]:
    """The columns `starts` and `ends`; a series is looked at until its end, which may never come."""
    is_all_day = bool(fields.get("isAllDay"))
    start = moment_of(fields["start"], is_all_day=is_all_day)
    if fields.get("recurrence"):
        return column_time(start - _DAY), _NEVER
    return column_time(start), column_time(moment_of(fields["end"], is_all_day=is_all_day))
