"""Days and times ahead as people and models write them: 3d, friday, next week, tomorrow 8am, 2026-12-04."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.periods import Period, parse_period
from outlook_mcp.text.time_words import parse_in_words

FORMS = "2026-12-04, 2026-12-04T18:00, 4 Dec, friday, next week, tomorrow 8am, or 3d for three days from now"
_DAY = timedelta(days=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Patterns are compiled when they are used first (`re` keeps them).
_AHEAD = r"(?:in |\+)?(\d{1,4}) ?(d|w)(?:ays?|eeks?)?"
_WEEKDAY = (
    r"(?:on |this )?(?P<next>next )?(?P<name>mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur|urs)?(?:day)?"
    r"(?P<clock>,? (?:at )?\d{1,2}(?::\d\d| ?[ap]m)(?: ?[ap]m)?)?"
)


def parse_coming(value: str, now: datetime) -> Period:
    """The day, week or moment that is written, in UTC; what can be before or after `now` is after it.

    Days are those of the time zone of `now`. What is written as past is past. Raises InvalidInput.

    >>> now = datetime.fromisoformat("2026-11-30T09:00+00:00")
    >>> [f"{parse_coming(text, now).start:%a %d %b %Y %H:%M}" for text in ("friday", "3d", "tomorrow 8am", "5 Jan")]
    ['Fri 04 Dec 2026 00:00', 'Thu 03 Dec 2026 00:00', 'Tue 01 Dec 2026 08:00', 'Tue 05 Jan 2027 00:00']
    """
    return parse_in_words(value, now, _plain_coming, is_ahead=True)


def _plain_coming(value: str, now: datetime) -> Period:
    written = re.sub(r" at (\d{1,2})$", r" at \1:00", " ".join(value.split()), flags=re.ASCII | re.IGNORECASE)
    text = written.casefold()
    if ahead := re.fullmatch(_AHEAD, text, re.ASCII):
        return _days(int(ahead[1]) * (7 if ahead[2] == "w" else 1), 1, now)
    if text == "next week":
        return _days(7 - now.weekday(), 7, now)
    if weekday := re.fullmatch(_WEEKDAY, text, re.ASCII):
        return _weekday(weekday, now)
    try:
        period = parse_period(written, now)
    except InvalidInput as error:
        step = f"Write {FORMS}." if "is not a date" in error.message else error.next_step
        raise InvalidInput(error.message, next_step=step) from None
    if period.end <= now and re.search(r"[a-z]{3}", text) and not re.search(r"\d{4}|[a-z]{3,}day|ago|last|past", text):
        return _a_year_on(period)
    return period


def is_day(period: Period) -> bool:
    """Whether it is a day or longer, and no moment."""
    return period.end - period.start > timedelta(hours=20)


def _weekday(found: re.Match[str], now: datetime) -> Period:
    """Today or the first such day that follows; with `next`, and where its time is over, not today."""
    ahead = (_WEEKDAYS.index(found["name"]) - now.weekday()) % 7
    if found["next"] and not ahead:
        ahead = 7
    if found["clock"] is None:
        return _days(ahead, 1, now)
    period = parse_period(f"{now.date() + ahead * _DAY}{found['clock']}", now)
    return period if period.start > now else parse_period(f"{now.date() + (ahead + 7) * _DAY}{found['clock']}", now)


def _days(ahead: int, number: int, now: datetime) -> Period:
    first = now.date() + ahead * _DAY
    return Period(*(datetime.combine(day, time(), now.tzinfo) for day in (first, first + number * _DAY)))


def _a_year_on(period: Period) -> Period:
    """Of 29 February there is none in the next year."""
    try:
        return Period(*(moment.replace(year=moment.year + 1) for moment in period))
    except ValueError:
        return period
