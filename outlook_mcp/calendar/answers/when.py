"""When an event is, in few words and always with its weekday. Only the caller's zone is shown without its name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.clock_changes import is_doubled
from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.times import EventTime
from outlook_mcp.identity.time_zone import known_time_zone
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import SHORT_DAYS, SHORT_MONTHS

_LONGEST_ZONE = 60
# What others see of the time of an event, where it is not simply busy.
SHOWN_AS = {
    "free": "free",
    "tentative": "tentative",
    "oof": "out of office",
    "workingElsewhere": "working elsewhere",
}


def short_day(day: date, near: date | None = None) -> str:
    """`Mon 30 Nov 2026`; without month and year where the day is near to another one that is shown.

    >>> short_day(date(2026, 11, 30)), short_day(date(2026, 12, 2), near=date(2026, 11, 30))
    ('Mon 30 Nov 2026', 'Wed 2')
    """
    label = f"{SHORT_DAYS[day.weekday()]} {day.day}"
    if near is not None and abs(day - near) <= timedelta(days=6):
        return label
    label += f" {SHORT_MONTHS[day.month - 1]}"
    return label if near is not None and near.year == day.year else f"{label} {day.year}"


def time_within_day(time: EventTime, day: date) -> str:
    """When it is, below a heading of this day: `09:15-09:30`, `all day to Wed 2`, `since Sun 29 22:00 to 01:00`."""
    if time.is_all_day:
        since = f" since {short_day(time.first_day, day)}" if time.first_day < day else ""
        until = f" to {short_day(time.last_day, day)}" if time.last_day > day else ""
        return f"all day{since}{until}"
    until = _until(time, day)
    if time.first_day < day:
        return f"since {short_day(time.first_day, day)} {_clock(time.start)} to {until}"
    return f"{_clock(time.start)}-{until}" if time.end != time.start else _clock(time.start)


def _until(time: EventTime, day: date) -> str:
    """The end: its clock time, with its day where that is another one."""
    if time.end.date() == day:
        return _clock(time.end)
    if time.last_day == day:
        return "24:00"
    return f"{short_day(time.end.date(), day)} {_clock(time.end)}"


def _clock(moment: datetime) -> str:
    """`02:30`, and of two equal times of a day `02:30 UTC+1`."""
    if not is_doubled(moment):
        return f"{moment:%H:%M}"
    offset = f"{moment:%z}"
    hours = offset[:1] + offset[1:3].removeprefix("0")
    return f"{moment:%H:%M} UTC{hours}{'' if offset[3:] == '00' else f':{offset[3:5]}'}"


def hour(moment: datetime) -> str:
    """`9` or `9:30`."""
    return f"{moment.hour}:{moment:%M}" if moment.minute else str(moment.hour)


def foreign_time(event: Event, time: EventTime) -> str:
    """When the event begins by the clock of its own zone, where that differs from the caller's; else "".

    Events in UTC are mostly made by programs that know no zone.
    """
    name = event.original_start_time_zone or ""
    zone = known_time_zone(name) if name else None
    if time.is_all_day or time.unknown_zone or zone is None or _is_utc(zone):
        return ""
    own = time.start.astimezone(zone)
    if own.utcoffset() == time.start.utcoffset():
        return ""
    day = f"{SHORT_DAYS[own.weekday()]} " if own.date() != time.first_day else ""
    return f"{day}{_clock(own)} {zone.key}"


def _is_utc(zone: ZoneInfo) -> bool:
    """Whether this is UTC itself, by one of its names."""
    return zone.key in ("UTC", "Etc/UTC", "Etc/GMT", "GMT")


def unknown_zone_note(time: EventTime) -> str:
    """Names the time zone of an event where it is not known here; empty where it is."""
    return f"in the unknown time zone {one_line(time.unknown_zone, _LONGEST_ZONE)}" if time.unknown_zone else ""
