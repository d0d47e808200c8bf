"""Times of day and spans of time in words: in two hours, a fortnight from now, 8am tomorrow."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_NUMBER_OF = {word: number for number, word in enumerate(_NUMBERS, 1)}
_UNITS = {"min": "minutes?|mins?", "h": "hours?|hrs?|h", "d": "days?|d", "w": "weeks?|w", "m": "months?", "y": "years?"}
_UNIT = "|".join(f"(?P<{unit}>{names})" for unit, names in _UNITS.items())
# Patterns are compiled when they are used first (`re` keeps them).
_AS_DIGITS = (
    (r"\bhalf an hour\b", "30 min"),
    (r"\bhalf a year\b", "6 months"),
    (r"\b(?:an? )?couple (?:of )?(?=(?:minute|hour|day|week|month|year)s)", "2 "),
    (r"\b(?:an? )?fortnight\b", "2 weeks"),
    (r"\b(\d{1,2})h(\d\d)\b", r"\1:\2 h"),
    (rf"\b({'|'.join(_NUMBERS)})(?= (?:minute|hour|day|week|month|year)s?\b)", None),
    (r"\ban?(?= (?:minute|hour|day|week|month|year)\b)", "1"),
)
_AHEAD = rf"(?:in )?(?P<number>\d{{1,4}}(?:[.:]\d{{1,2}})?) ?(?:{_UNIT})(?P<from> from (?:now|today))?"
_NEXT_FEW = r"(?:the )?(?:next|coming) (\d{1,3}) (day|week)s?"
_CLOCK = r"(?:at )?(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?: ?(?P<half>[ap])\.?m\b\.?)?"
_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}


def parted(text: str) -> tuple[str, str]:
    """A day and the time of day that stands behind or before it, as the 24-hour clock has it; "" for none.

    >>> parted("8am tomorrow"), parted("friday at noon"), parted("monday at 9")
    (('tomorrow', '08:00'), ('friday', '12:00'), ('monday', '09:00'))
    """
    text = re.sub(rf"\b({'|'.join(_NAMED)})\b", lambda found: _NAMED[found[1]], text)
    for pattern in (rf"(?P<day>.*?)(?:,? |^){_CLOCK}", rf"{_CLOCK},? (?P<day>.+)"):
        found = re.fullmatch(pattern, text, re.ASCII)
        if found and (found["minute"] or found["half"] or " at " in text) and (clock := _of_24_hours(found)):
            return found["day"], clock
    return text, ""


def _of_24_hours(found: re.Match[str]) -> str:
    hour, half = int(found["hour"]), found["half"]
    if half and not 1 <= hour <= 12:
        return ""
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return f"{hour:02}:{found['minute'] or '00'}"


def with_digits(text: str) -> str:
    """Numbers of minutes, days and other units in digits.

    >>> with_digits("a couple of days ago"), with_digits("in half an hour"), with_digits("a fortnight from now")
    ('2 days ago', 'in 30 min', '2 weeks from now')
    """
    for pattern, digits in _AS_DIGITS:
        text = re.sub(pattern, digits or (lambda found: str(_NUMBER_OF[found[1]])), text, flags=re.ASCII)
    return text


def day_or_moment_ahead(text: str, now: datetime) -> str:
    """The moment in so many minutes or hours, the day in so many days, or those days; "" for anything else.

    >>> now = datetime.fromisoformat("2026-11-30T09:00+00:00")
    >>> day_or_moment_ahead("in 2 weeks", now), day_or_moment_ahead("1:30 h from now", now)
    ('2026-12-14', '2026-11-30T10:30:00+00:00')
    """
    if few := re.fullmatch(_NEXT_FEW, text, re.ASCII):
        number = int(few[1]) * (7 if few[2] == "week" else 1)
        return f"{now.date()}/{now.date() + timedelta(days=number - 1)}" if number else ""
    found = re.fullmatch(_AHEAD, text, re.ASCII)
    if not found or not (found["from"] or text.startswith("in ") or ":" in text or "." in text):
        return ""
    unit = next(unit for unit in _UNITS if found[unit])
    hours, _, minutes = found["number"].partition(":")
    if unit in ("min", "h"):
        span = timedelta(minutes=float(hours) * (60 if unit == "h" else 1) + int(minutes or 0))
        return (now.astimezone(UTC) + span).astimezone(now.tzinfo).isoformat(timespec="seconds")
    if not hours.isdigit() or minutes:
        return ""
    return _day_on(now, int(hours), unit)


def _day_on(now: datetime, number: int, unit: str) -> str:
    """So many days, weeks, months or years later; of a shorter month the last day, and "" beyond the calendar."""
    try:
        if unit in ("d", "w"):
            return str(now.date() + timedelta(days=number * (7 if unit == "w" else 1)))
        year, month = divmod(now.year * 12 + now.month - 1 + number * (12 if unit == "y" else 1), 12)
        day = min(now.day, calendar.monthrange(year, month + 1)[1])
        return str(now.date().replace(year=year, month=month + 1, day=day))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return ""
