"""An event as the calendar keeps it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from outlook_mcp.sandbox.store.calendar.ids import occurrence_id, uid_of_occurrence
from outlook_mcp.sandbox.store.calendar.zones import instant, known_zone
from outlook_mcp.sandbox.store.core import ids, times

# The years whose times Exchange can keep.
YEARS = range(1601, 4500)
SINGLE, SERIES, OCCURRENCE, EXCEPTION = "singleInstance", "seriesMaster", "occurrence", "exception"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """`row` is that of `event` with the counters of calendar and series; `fields` has the properties of Graph.

    Times in `fields` are local times with their zone, those of all-day events have none. `day` is the date that an
    occurrence or exception stands for; an occurrence has the row of its series and times of its own.
    """

    guid: bytes
    row: sqlite3.Row
    fields: Mapping[str, Any]
    day: date | None = None

    @property
    def key(self) -> int:
        return int(self.row["id"])

    @property
    def kind(self) -> str:
        """The type of the event as in microsoft.graph.eventType."""
        if self.day is not None:
            return EXCEPTION if self.row["master"] else OCCURRENCE
        return SERIES if self.fields.get("recurrence") else SINGLE

    @property
    def id(self) -> str:
        return self._dated(ids.item_id(self.guid, self.row["calendar_counter"], self._counter))

    @property
    def immutable_id(self) -> str:
        return self._dated(ids.immutable_id(self.guid, self._counter))

    @property
    def series_id(self) -> str:
        """The ordinary id of the series that it belongs to."""
        return ids.item_id(self.guid, self.row["calendar_counter"], self._counter)

    @property
    def immutable_series_id(self) -> str:
        return ids.immutable_id(self.guid, self._counter)

    @property
    def calendar_id(self) -> str:
        return ids.folder_id(self.guid, self.row["calendar_counter"])

    @property
    def change_key(self) -> str:
        return ids.change_key(self.guid, self.row["change"])

    @property
    def uid(self) -> str:
        """As `iCalUId`: the same in all mailboxes, and for each occurrence another."""
        uid = str(self.row["uid"])
        return uid if self.day is None else uid_of_occurrence(uid, self.day)

    @property
    def is_all_day(self) -> bool:
        return bool(self.fields.get("isAllDay"))

    @property
    def start(self) -> datetime:
        """The moment in UTC; of an all-day event midnight of UTC on its first day."""
        return moment_of(self.fields["start"], is_all_day=self.is_all_day)

    @property
    def end(self) -> datetime:
        return moment_of(self.fields["end"], is_all_day=self.is_all_day)

    def overlaps(self, after: datetime, before: datetime) -> bool:
        """Whether any of it lies in the period; what has no length lies in it by its start."""
        return self.start < before and (self.end > after or self.start == self.end == after)

    @property
    def _counter(self) -> int:
        return int(self.row["counter"] if self.row["master"] is None else self.row["master_counter"])

    def _dated(self, identifier: str) -> str:
        return identifier if self.day is None else occurrence_id(identifier, self.day)


def stored_event(guid: bytes, row: sqlite3.Row) -> StoredEvent:
    """The event of a row of `event`."""
    day = date.fromisoformat(row["original"]) if row["original"] else None
    return StoredEvent(guid, row, json.loads(row["fields"]), day)


def wall_time(written: Mapping[str, str]) -> datetime:
    """The local time of a stored dateTimeTimeZone."""
    return datetime.fromisoformat(written["dateTime"])


def moment_of(written: Mapping[str, str], *, is_all_day: bool) -> datetime:
    """The moment of a stored dateTimeTimeZone in UTC."""
    zone = known_zone("UTC" if is_all_day else written["timeZone"])
    assert zone is not None, "only known zones are stored"
    return instant(wall_time(written), zone)


def write_wall_time(moment: datetime, zone: str) -> dict[str, str]:
    """A local time as it is stored."""
    return {"dateTime": moment.isoformat(timespec="seconds"), "timeZone": zone}


def day_of(written: Mapping[str, str]) -> date:
    """The local date of a stored dateTimeTimeZone."""
    return wall_time(written).date()


def column_time(moment: datetime) -> str:
    """A moment as in the columns `starts` and `ends`."""
    return times.write_time(moment)


def shifted(written: Mapping[str, str], days: int) -> dict[str, str]:
    """A stored time so many days later, at the same time of day."""
    return write_wall_time(wall_time(written) + timedelta(days=days), written["timeZone"])
