"""When an event is: a moment in the time zone of a reader, or, all day long, days that are the same in every zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from outlook_mcp.calendar.models import Event
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.identity.time_zone import known_time_zone

_DAY = timedelta(days=1)
_FIRST = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventTime:
    """From `start` to `end` in the zone of the reader. Of an all-day event these are midnights of that zone.

    `unknown_zone` is the name of a zone in which Graph gave the times and that is not known here; the times are then as
    Graph wrote them, and no moments.
    """

    start: datetime
    end: datetime
    is_all_day: bool = False
    unknown_zone: str = ""

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last day of which it has a part; an end at midnight is the end of the day before."""
        if self.end > self.start and self.end.time() == time():
            return (self.end - _DAY).date()
        return self.end.date()

    def overlaps(self, other: EventTime) -> bool:
        """Whether they have a moment in common.

        Compared in UTC: two datetimes of one ZoneInfo are compared by their clock times, which an hour may repeat.
        """
        return is_before(self.start, other.end) and is_before(other.start, self.end)


def is_before(moment: datetime, other: datetime) -> bool:
    """Whether one moment is before another, also where a clock is set back between them."""
    return moment.astimezone(UTC) < other.astimezone(UTC)


def event_time(event: Event, zone: tzinfo) -> EventTime | None:
    """When the event is, for a reader in `zone`; None when Graph gives no time that can be read."""
    if event.start is None:
        return None
    end_given = event.end or event.start
    if event.is_all_day:
        first = floating_day(event.start, event.original_start_time_zone)
        after = floating_day(end_given, event.original_end_time_zone)
        if first is None or after is None:
            return None
        return EventTime(midnight(first, zone), midnight(max(after, first + _DAY), zone), is_all_day=True)
    start, end = event.start.moment, end_given.moment
    if start is None or end is None:
        return None
    if unknown := event.start.unknown_zone or end_given.unknown_zone:
        return EventTime(start, max(start, end), unknown_zone=unknown)
    try:
        return EventTime(start.astimezone(zone), max(start, end).astimezone(zone))
    except OverflowError:
        # Exchange gives the years 1 and 9999 where there is no time.
        return None


def floating_day(given: ZonedTime, original_zone: str | None) -> date | None:
    """The day of an all-day event. It has no zone: Graph writes midnight, whatever zone it names beside it.

    What was made by programs that store a moment is not at midnight; the day is then that of its original zone.

    >>> floating_day(ZonedTime(date_time="2026-12-01T00:00:00.0000000", time_zone="UTC"), "Asia/Tokyo")
    datetime.date(2026, 12, 1)
    >>> floating_day(ZonedTime(date_time="2026-11-30T15:00:00.0000000", time_zone="UTC"), "Tokyo Standard Time")
    datetime.date(2026, 12, 1)
    """
    try:
        written = datetime.fromisoformat(given.date_time[:19])
    except ValueError:
        return None
    zone = known_time_zone(original_zone) if original_zone else None
    moment = given.moment
    if written.time() == time() or zone is None or moment is None or given.unknown_zone or moment < _FIRST:
        return written.date()
    return moment.astimezone(zone).date()


def midnight(day: date, zone: tzinfo) -> datetime:
    """The beginning of a day."""
    return datetime.combine(day, time(), zone)
