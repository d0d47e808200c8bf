"""Times as people write them and as answers show them. Every datetime here has a time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from outlook_mcp.errors import InvalidInput

_AGO = re.compile(r"-?(\d{1,5})\s?(min|h|d|w|mo|y)", re.ASCII | re.IGNORECASE)
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
_NAMED_DAYS = {"today": 0, "yesterday": 1}


def parse_when(value: str, now: datetime) -> datetime:
    """An ISO date or time, `today`, `yesterday`, or an age such as `7d` (min, h, d, w, mo, y), in UTC.

    A value without an offset is in the time zone of `now`. Raises InvalidInput.

    >>> parse_when("7d", datetime(2026, 11, 30, 9, 0, tzinfo=UTC)).isoformat()
    '2026-11-23T09:00:00+00:00'
    >>> parse_when("2026-11-01T14:00+01:00", datetime.now(UTC)).isoformat()
    '2026-11-01T13:00:00+00:00'
    """
    text = value.strip()
    try:
        return _moment(text, now).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text[:40]!r} is not a date or time.",
            next_step="Write 2026-11-30, 2026-11-30T14:00, today, yesterday or an age such as 7d or 12h.",
        ) from None


def _moment(text: str, now: datetime) -> datetime:
    if text.lower() in _NAMED_DAYS:
        return _midnight(now.date() - timedelta(days=_NAMED_DAYS[text.lower()]), now)
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS[ago[2].lower()]
    if _DATE_ONLY.fullmatch(text):
        return _midnight(date.fromisoformat(text), now)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def graph_time(moment: datetime) -> str:
    """The moment in UTC as Graph's filters take it, in whole seconds.

    >>> graph_time(datetime(2026, 11, 30, 9, 0, 1, 999, tzinfo=UTC))
    '2026-11-30T09:00:01Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_heading(day: date, today: date) -> str:
    """A day as the heading of a list; with its year unless that is the current one.

    >>> day_heading(date(2026, 11, 23), today=date(2026, 11, 23))
    'Today, Mon 23 Nov'
    >>> day_heading(date(2025, 1, 2), today=date(2026, 11, 23))
    'Thu 2 Jan 2025'
    """
    label = f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    if day.year != today.year:
        label += f" {day.year}"
    near = {0: "Today, ", 1: "Yesterday, "}.get((today - day).days, "")
    return near + label


def day_and_time(moment: datetime, zone: tzinfo) -> str:
    """Day and minute of a moment in a time zone.

    >>> day_and_time(datetime(2026, 11, 23, 14, 5, tzinfo=UTC), UTC)
    'Mon 23 Nov 2026 14:05'
    """
    local = moment.astimezone(zone)
    weekday, month = _WEEKDAYS[local.weekday()], _MONTHS[local.month - 1]
    return f"{weekday} {local.day} {month} {local.year} {local:%H:%M}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
