"""Dates and times as people and models write them: 7d, 3 months, yesterday, last week, 2026-11-30, 30 Nov 2026.

Days, weeks, months and years are those of the caller's calendar, in the caller's time zone; a week begins on Monday.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from outlook_mcp.errors import InvalidInput

FORMS = (
    "2026-11-30, 2026-11-30T14:00, 30 Nov 2026, 2026-11, today, yesterday, monday, last week, this month, "
    "or an age: 30min, 12h, 7d, 2w, 3m or 3 months, 1y"
)
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)

_UNITS = {
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "wk", "wks", "week", "weeks"),
    # As in the search of Gmail, `m` is months. An answer shows the dates that were looked for.
    "m": ("m", "mo", "mos", "mth", "mths", "month", "months"),
    "y": ("y", "yr", "yrs", "year", "years"),
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names}
_NUMBER_WORDS = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER_OF = {word: max(number, 1) for number, word in enumerate(_NUMBER_WORDS)} | {"an": 1}
_FIRST_HALF = ("january", "february", "march", "april", "may", "june")
_MONTHS = (*_FIRST_HALF, "july", "august", "september", "october", "november", "december")
_MONTH_OF = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_OF = {name[:length]: number for number, name in enumerate(WEEKDAYS) for length in (3, len(name))}
_WEEKDAY_OF |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_NAMED_DAYS = {"today": 0, "this morning": 0, "yesterday": 1, "day before yesterday": 2, "tomorrow": -1}

# Patterns are compiled when they are used first (`re` keeps them), since a server over stdio has to start fast.
_AGE = (
    rf"(?:-|(?:the )?(?:last|past) )?(?:(?P<number>\d{{1,5}}) ?|(?P<word>{'|'.join(_NUMBER_OF)}) )"
    rf"(?P<unit>{'|'.join(sorted(_UNIT_OF, key=len, reverse=True))})(?: ago| old)?"
)
_PAST_UNIT = r"(?:the )?(?:last|past) (hour|minute|day)|(?:the )?past (week|month|year)"
_NAMED_DAY = rf"(?:the )?({'|'.join(_NAMED_DAYS)})"
_NAMED_PERIOD = r"(?:the )?(this|current|last|previous) (week|month|quarter|year)"
_QUARTER = r"q([1-4])[ /-]?(\d{4})|(\d{4})[ /-]?q([1-4])"
_ISO_WEEK = r"(\d{4})-?w(\d{2})"
_COMPACT_DAY = r"(\d{4})(\d{2})(\d{2})"
_WEEKDAY = rf"(?:on )?(last |this )?({'|'.join(sorted(_WEEKDAY_OF, key=len, reverse=True))})"
_DAY_ONLY = r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
# As ISO 8601 writes a span of days, of which the last is one.
_DAYS = r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})"
_MONTH_ONLY = r"(\d{4})[-/](\d{1,2})"
_YEAR_ONLY = r"(?:19|20)\d{2}"
_DAY_FIRST = r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})"
_SLASHES = r"(\d{1,2})/(\d{1,2})/(\d{4})"
_ANY_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_WRITTEN_DAY = rf"(\d{{1,2}})(?:st|nd|rd|th)?\.? (?:of )?({_ANY_MONTH})\.?(?:,? (\d{{4}}))?"
_MONTH_THEN_DAY = rf"({_ANY_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?"
# As answers and headers of mail show a time: the day of the week goes without saying.
_DAY_OF_WEEK = rf"({'|'.join(sorted(_WEEKDAY_OF, key=len, reverse=True))})\.?,? (?=.*\d)"
_TIME_OF_DAY = (
    r"(?P<day>.+?),? (?:at )?(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::\d{2})?)?(?: ?(?P<half>am|pm))?"
    r"(?: ?(?P<offset>z|utc|gmt|[+-]\d{2}:?\d{2}))?"
)
_WRITTEN_MONTH = rf"({_ANY_MONTH})\.?(?:,? (\d{{4}}))?"


class Period(NamedTuple):
    """From `start` to before `end`; a moment is one second long."""

    start: datetime
    end: datetime


def parse_when(value: str, now: datetime) -> datetime:
    """The moment when what is written begins, in UTC: `last week` is Monday, 0:00, of last week.

    A value without an offset is in the time zone of `now`. Raises InvalidInput.

    >>> parse_when("7d", datetime(2026, 11, 30, 9, 0, tzinfo=UTC)).isoformat()
    '2026-11-23T09:00:00+00:00'
    >>> parse_when("last week", datetime(2026, 11, 25, 9, 0, tzinfo=UTC)).isoformat()
    '2026-11-16T00:00:00+00:00'
    >>> parse_when("2026-11-01T14:00+01:00", datetime.now(UTC)).isoformat()
    '2026-11-01T13:00:00+00:00'
    """
    return parse_period(value, now).start


def parse_period(value: str, now: datetime) -> Period:
    """The day, week, month, year or moment that is written, in UTC; an age such as `7d` lasts until now.

    Raises InvalidInput.

    >>> period = parse_period("yesterday", datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    >>> f"{period.start:%d %b %H:%M} to {period.end:%d %b %H:%M}"
    '29 Nov 00:00 to 30 Nov 00:00'
    """
    text = " ".join(value.replace("_", " ").split())
    try:
        if (period := _plain_period(text.lower(), now) or _time_of_day(text.lower(), now)) is not None:
            return Period(*(moment.astimezone(UTC) for moment in period))
        start = datetime.fromisoformat(text)
        start = start if start.tzinfo else start.replace(tzinfo=now.tzinfo)
        return Period(start.astimezone(UTC), start.astimezone(UTC) + _SECOND)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{text[:40]!r} is not a date or time.", next_step=f"Write {FORMS}.") from None


def _plain_period(text: str, now: datetime) -> Period | None:
    named = re.match(_DAY_OF_WEEK, text, re.ASCII)
    bare = text[named.end() :] if named else text
    period = next((period for read in _READERS if (period := read(bare, now)) is not None), None)
    if named and period is not None and period.start.weekday() != _WEEKDAY_OF[named[1]]:
        raise ValueError(text)
    return period


def _time_of_day(text: str, now: datetime) -> Period | None:
    """A day with a time of it: `Sat 28 Nov 2026 14:00`, `yesterday 2pm`."""
    found = re.fullmatch(_TIME_OF_DAY, text, re.ASCII)
    if not found or not (found["minute"] or found["half"]):
        return None
    day = _plain_period(found["day"], now)
    if day is None or not timedelta(hours=22) < day.end - day.start < timedelta(hours=26):
        return None
    hour, half = int(found["hour"]), found["half"]
    if half and not 1 <= hour <= 12:
        raise ValueError(text)
    start = day.start.replace(hour=hour % 12 + 12 * (half == "pm") if half else hour, minute=int(found["minute"] or 0))
    offset = found["offset"]
    if offset:
        zone = UTC if offset in ("z", "utc", "gmt") else datetime.strptime(offset, "%z").tzinfo
        start = start.replace(tzinfo=zone)
    return Period(start, start + _SECOND)


def _age(text: str, now: datetime) -> Period | None:
    if text == "now":
        return Period(now, now + _SECOND)
    if past := re.fullmatch(_PAST_UNIT, text, re.ASCII):
        return Period(_before(now, 1, _UNIT_OF[past[1] or past[2]]), now)
    if found := re.fullmatch(_AGE, text, re.ASCII):
        number = int(found["number"]) if found["number"] else _NUMBER_OF[found["word"]]
        return Period(_before(now, number, _UNIT_OF[found["unit"]]), now)
    return None


def _before(now: datetime, number: int, unit: str) -> datetime:
    """Hours have passed by the clock of UTC; days and more lie at the same time of day."""
    if unit in ("min", "h"):
        passed = timedelta(minutes=number) if unit == "min" else timedelta(hours=number)
        return now.astimezone(UTC) - passed
    if unit in ("d", "w"):
        return now - timedelta(days=number * (7 if unit == "w" else 1))
    months = now.year * 12 + now.month - 1 - number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def _named_day(text: str, now: datetime) -> Period | None:
    found = re.fullmatch(_NAMED_DAY, text, re.ASCII)
    if not found:
        return None
    day = now.date() - _NAMED_DAYS[found[1]] * _DAY
    return _days(day, day + _DAY, now)


def _named_period(text: str, now: datetime) -> Period | None:
    found = re.fullmatch(_NAMED_PERIOD, text, re.ASCII)
    if not found:
        return None
    back = 0 if found[1] in ("this", "current") else 1
    today = now.date()
    if found[2] == "week":
        start = today - timedelta(days=today.weekday() + 7 * back)
        return _days(start, start + 7 * _DAY, now)
    if found[2] == "quarter":
        return _quarter(*divmod(today.year * 4 + (today.month - 1) // 3 - back, 4), now)
    if found[2] == "month":
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        return _month(year, month + 1, now)
    return _days(date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1), now)


def _weekday(text: str, now: datetime) -> Period | None:
    """The latest such day, which may be today; with `last`, before today."""
    found = re.fullmatch(_WEEKDAY, text, re.ASCII)
    if not found:
        return None
    today = now.date()
    back = (today.weekday() - _WEEKDAY_OF[found[2]]) % 7
    if back == 0 and found[1] == "last ":
        back = 7
    day = today - timedelta(days=back)
    return _days(day, day + _DAY, now)


def _numbers(text: str, now: datetime) -> Period | None:
    if found := re.fullmatch(_DAY_ONLY, text, re.ASCII):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(_DAY_FIRST, text, re.ASCII):
        day, month, year = map(int, found.groups())
        year += 2000 if year < 100 else 0
    elif found := re.fullmatch(_COMPACT_DAY, text, re.ASCII):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(_SLASHES, text, re.ASCII):
        month, day, year = map(int, found.groups())
        if month > 12:
            month, day = day, month
        elif day <= 12 and day != month:
            raise InvalidInput(
                f"{text} can be two dates.",
                next_step=f"Write {year:04}-{month:02}-{day:02} or {year:04}-{day:02}-{month:02}.",
            )
    elif found := re.fullmatch(_DAYS, text, re.ASCII):
        since, until = map(date.fromisoformat, found.groups())
        if until < since:
            raise ValueError(text)
        return _days(since, until + _DAY, now)
    elif found := re.fullmatch(_MONTH_ONLY, text, re.ASCII):
        return _month(int(found[1]), int(found[2]), now)
    elif found := re.fullmatch(_QUARTER, text, re.ASCII):
        return _quarter(int(found[2] or found[3]), int(found[1] or found[4]) - 1, now)
    elif found := re.fullmatch(_ISO_WEEK, text, re.ASCII):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return _days(monday, monday + 7 * _DAY, now)
    elif re.fullmatch(_YEAR_ONLY, text, re.ASCII):
        return _days(date(int(text), 1, 1), date(int(text) + 1, 1, 1), now)
    else:
        return None
    first = date(year, month, day)
    return _days(first, first + _DAY if first < date.max else first, now)


def _month_names(text: str, now: datetime) -> Period | None:
    """Without a year it is the latest such day or month."""
    if found := re.fullmatch(_WRITTEN_DAY, text, re.ASCII):
        day, month, year = int(found[1]), _MONTH_OF[found[2]], found[3]
    elif found := re.fullmatch(_MONTH_THEN_DAY, text, re.ASCII):
        day, month, year = int(found[2]), _MONTH_OF[found[1]], found[3]
    elif found := re.fullmatch(_WRITTEN_MONTH, text, re.ASCII):
        month = _MONTH_OF[found[1]]
        return _month(int(found[2]) if found[2] else now.year - (month > now.month), month, now)
    else:
        return None
    first = date(int(year) if year else now.year - ((month, day) > (now.month, now.day)), month, day)
    return _days(first, first + _DAY, now)


def _quarter(year: int, number: int, now: datetime) -> Period:
    """`number` counts from 0."""
    return Period(_month(year, 3 * number + 1, now).start, _month(year, 3 * number + 3, now).end)


def _month(year: int, month: int, now: datetime) -> Period:
    following = date(year + month // 12, month % 12 + 1, 1)
    return _days(date(year, month, 1), following, now)


def _days(first: date, end: date, now: datetime) -> Period:
    return Period(*(datetime.combine(day, time(), now.tzinfo) for day in (first, end)))


_READERS: tuple[Callable[[str, datetime], Period | None], ...] = (
    _age,
    _named_day,
    _named_period,
    _weekday,
    _numbers,
    _month_names,
)
