"""An event as it was asked for, and when it is by dateutil alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any, NamedTuple

from dateutil import tz
from dateutil.rrule import rrulestr

DAY = timedelta(days=1)


class Instance(NamedTuple):
    """One date of an event. `start` and `end` are moments in UTC; all day they are its first and its last day.

    `original` is the day of a series that it stands for.
    """

    subject: str
    start: datetime | date
    end: datetime | date
    zone: str
    original: date | None = None

    @property
    def is_all_day(self) -> bool:
        return not isinstance(self.start, datetime)

    def is_within(self, first: date, last: date, reader: str) -> bool:
        """Whether any of it is on these days of the reader's calendar."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            begin, until = moment_of(first, reader), moment_of(last + DAY, reader)
            if self.start == self.end:
                return begin <= self.start < until
            return self.start < until and begin < self.end
        return self.start <= last and first <= self.end

    def overlaps(self, other: Instance) -> bool:
        """Of two that are not all day."""
        return self.start < other.end and other.start < self.end


@dataclass
class Asked:
    """Local times of `zone` and `end_zone`; all day, `start` and `end` are its first and its last day.

    `recurrence` is that of Graph and `rule` the same as RFC 5545 says it. `moved` and `left_out` are by original day.
    """

    subject: str
    start: datetime | date
    end: datetime | date
    zone: str
    end_zone: str
    recurrence: dict[str, Any] | None = None
    rule: str = ""
    moved: dict[date, tuple[datetime, datetime]] = field(default_factory=dict)
    left_out: set[date] = field(default_factory=set)

    @property
    def first_day(self) -> date:
        return self.start.date() if isinstance(self.start, datetime) else self.start

    @property
    def has_length(self) -> bool:
        return not isinstance(self.start, datetime) or self.start != self.end

    def instances(self, until: date) -> Iterator[Instance]:
        """Those whose original day is not after `until`."""
        if not self.rule:
            yield self._on(self.first_day, None)
            return
        for original in self.days(until):
            if original in self.moved:
                yield Instance(self.subject, *self.moved[original], self.zone, original)
            elif original not in self.left_out:
                yield self._on(original, original)

    def days(self, until: date) -> Iterator[date]:
        """The days of the series, those too that were moved or left out."""
        for day in rrulestr(self.rule, dtstart=datetime.combine(self.first_day, time())):
            if day.date() > until:
                return
            yield day.date()

    def _on(self, day: date, original: date | None) -> Instance:
        later = day - self.first_day
        start, end = self.start + later, self.end + later
        if isinstance(start, datetime) and isinstance(end, datetime):
            start, end = moment_of(start, self.zone), moment_of(end, self.end_zone)
        return Instance(self.subject, start, end, self.zone, original)


@cache
def zone_of(name: str) -> tzinfo:
    found = tz.gettz(name)
    assert isinstance(found, tzinfo), name
    return found


def moment_of(local: datetime | date, zone: str) -> datetime:
    """In UTC. A time that is skipped goes on by the gap; of two equal ones it is the first unless `fold` says other."""
    at = local if isinstance(local, datetime) else datetime.combine(local, time())
    existing: datetime = tz.resolve_imaginary(at.replace(tzinfo=zone_of(zone)))
    return existing.astimezone(UTC)


def is_ambiguous(local: datetime, zone: str) -> bool:
    return bool(tz.datetime_ambiguous(local.replace(tzinfo=None), zone_of(zone)))


def is_skipped(local: datetime, zone: str) -> bool:
    return not tz.datetime_exists(local.replace(tzinfo=None), zone_of(zone))
