"""Reads the list of calendar_list back: which event is printed below which day, with which days and times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from dateutil import tz

from tests.calendar.generated.asked import DAY, Instance, zone_of

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = rf"(?P<{{0}}>(?:{'|'.join(WEEKDAYS)}) \d+(?: (?:{'|'.join(MONTHS)})(?: \d{{{{4}}}})?)?)"
_HEADING = re.compile(rf"(?:Today, |Yesterday, )?{_DAY.format('day')}")
_LINE = re.compile(r"(\S+) (all day.*?|since .*?|\d\d:\d\d.*?)(?: \(([^)]*)\))?(?: ([!?~xnpfoe]+))? (E\d+)")
_ALL_DAY = re.compile(rf"all day(?: since {_DAY.format('since')})?(?: to {_DAY.format('to')})?")
# An hour that a clock shows twice is told with its offset.
_CLOCK = r"(?P<{0}>\d\d:\d\d)(?: UTC(?:[+-]\d+(?::\d\d)?)?)?"
_SINCE = re.compile(
    rf"since {_DAY.format('since')} {_CLOCK.format('start')} to (?:{_DAY.format('to')} )?{_CLOCK.format('end')}"
)
_WITHIN = re.compile(rf"{_CLOCK.format('start')}(?:-(?:{_DAY.format('to')} )?{_CLOCK.format('end')})?")


class Line(NamedTuple):
    """What is printed of an event: days, and clock times unless it is all day; `own` is its start by its own clock."""

    subject: str
    below: date
    first_day: date
    last_day: date
    start: str = ""
    end: str = ""
    own: str = ""
    is_overlapping: bool = False


def printed(answer: str, this_year: int) -> Iterator[tuple[str, Line]]:
    """The id and what is printed, of each event of the list."""
    below = date.min
    for line in answer.splitlines():
        if found := _LINE.fullmatch(line):
            handle, when, own, marks, subject = found.groups()
            yield handle, _read_when(subject, when, below)._replace(own=own or "", is_overlapping="!" in (marks or ""))
        elif heading := _HEADING.fullmatch(line):
            below = _read_day(heading["day"], date(this_year, 1, 1))
        else:
            assert not re.search(r"\bE\d+$", line), line


def _read_when(subject: str, when: str, below: date) -> Line:
    if found := _ALL_DAY.fullmatch(when):
        since, to = (_read_day(found[name], below) if found[name] else below for name in ("since", "to"))
        return Line(subject, below, since, to)
    found = _SINCE.fullmatch(when) or _WITHIN.fullmatch(when)
    assert found is not None, when
    parts = found.groupdict()
    first = _read_day(parts["since"], below) if parts.get("since") else below
    last = _read_day(parts["to"], below) if parts["to"] else below
    end = parts["end"] or parts["start"]
    if end == "24:00" and not parts["to"]:
        last, end = below + DAY, "00:00"
    return Line(subject, below, first, last, parts["start"], end)


def _read_day(written: str, near: date) -> date:
    """`Wed 2`, `Wed 2 Dec` or `Wed 2 Dec 2026`. Without a month it is the day of that number within six days."""
    weekday, number, *rest = written.split()
    if rest:
        day = date(int(rest[1]) if len(rest) > 1 else near.year, MONTHS.index(rest[0]) + 1, int(number))
    else:
        (day,) = (found for n in range(-6, 7) if (found := near + n * DAY).day == int(number))
    assert WEEKDAYS[day.weekday()] == weekday, (written, near)
    return day


def expected(instance: Instance, first: date, reader: str, others: list[Instance]) -> Line:
    """What is to be printed of it in a list that begins on `first`."""
    if not isinstance(instance.start, datetime) or not isinstance(instance.end, datetime):
        return Line(instance.subject, max(instance.start, first), instance.start, instance.end)
    start, end = (at.astimezone(zone_of(reader)) for at in (instance.start, instance.end))
    timed = [other for other in others if not other.is_all_day and other != instance]
    return Line(
        instance.subject,
        max(start.date(), first),
        start.date(),
        end.date(),
        f"{start:%H:%M}",
        f"{end:%H:%M}",
        _own_clock(instance.start, start, instance.zone),
        any(instance.overlaps(other) for other in timed),
    )


def _own_clock(moment: datetime, here: datetime, zone: str) -> str:
    own = moment.astimezone(zone_of(zone))
    if zone == "UTC" or own.utcoffset() == here.utcoffset():
        return ""
    return f"{'' if own.date() == here.date() else WEEKDAYS[own.weekday()] + ' '}{_clock(own)} {zone}"


def _clock(moment: datetime) -> str:
    offset = moment.utcoffset()
    if offset is None or not tz.datetime_ambiguous(moment.replace(tzinfo=None), moment.tzinfo):
        return f"{moment:%H:%M}"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{moment:%H:%M} UTC{sign}{hours}{f':{minutes:02}' if minutes else ''}"


def is_same(line: Line, wanted: Line) -> bool:
    """Where the clocks are set back at midnight, `00:00` alone may be either of the two of that day."""
    if line.end == "00:00" and line.last_day == wanted.last_day + timedelta(days=1) and wanted.below == wanted.last_day:
        line = line._replace(last_day=wanted.last_day)
    return line == wanted


def utc(written: str) -> datetime:
    """A moment as the sandbox keeps it."""
    return datetime.fromisoformat(written).astimezone(UTC)
