"""Days and times of the past in more words: since monday, last night, q3, week 47, beginning of november, 9am."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.periods import Period, parse_period

_DAY = timedelta(days=1)
# Patterns are compiled when they are used first (`re` keeps them).
_LEAD = r"(?:since|from|during|in the(?= last| past)) (?:the )?"
_OTHER_NAMES = {
    r"(?:this|today) (?:afternoon|evening)|tonight": "today",
    r"yesterday (?:morning|afternoon|evening)|last (?:night|evening)": "yesterday",
    r"half an hour(?: ago)?": "30min",
}
_TIME_ALONE = r"(?:at )?(\d{1,2}:\d{2}|\d{1,2} ?[ap]m)"
_QUARTER = r"(?:quarter |q)([1-4])"
_WEEK = r"(?:(?:calendar )?week|kw|cw) ?(\d{1,2})"
_DAY_OF_WEEK = r"([a-z]{3,9}) ((?:last|this) week)|((?:last|this) week) ([a-z]{3,9})"
_LAST_MONTH_NAMED = r"last ([a-z]{3,9})"
_BEGINNING = r"(?:the )?(?:beginning|start) of (?:the )?(.+)"
_UNIT = r"week|month|quarter|year"
_DAY_AND_MONTH = r"(\d{1,2})\.(\d{1,2})\."
_MONTH_AND_YEAR = r"(\d{1,2})/(\d{4})"
_DASHES = r"(\d{1,2})-([a-z]{3,9}|\d{1,2})-(\d{4})"
_SHORT_YEAR = r"(\d{1,2}/\d{1,2})/(\d{2})"


def parse_past(value: str, now: datetime) -> Period:
    """The day, week, month, year or moment that is written, in UTC; what can be before or after `now` is before it.

    Days are those of the time zone of `now`. Raises InvalidInput.

    >>> now = datetime.fromisoformat("2026-11-25T14:30+00:00")
    >>> written = ("since monday", "monday last week", "q4", "q3", "start of november", "9am", "24.12.")
    >>> [f"{parse_past(text, now).start:%d %b %Y %H:%M}" for text in written[:4]]
    ['23 Nov 2026 00:00', '16 Nov 2026 00:00', '01 Oct 2026 00:00', '01 Jul 2026 00:00']
    >>> [f"{parse_past(text, now).start:%d %b %Y %H:%M}" for text in written[4:]]
    ['01 Nov 2026 00:00', '25 Nov 2026 09:00', '24 Dec 2025 00:00']
    """
    try:
        return parse_period(value, now)
    except InvalidInput as error:
        text = re.sub(r"\b(?:at )?noon\b", "12:00", " ".join(value.replace("_", " ").lower().split())[:80])
        bare = re.sub(f"^{_LEAD}", "", text)
        plainer = next((plain for reword in _REWORDERS if (plain := reword(bare, now))), bare)
        if plainer == value:
            raise
        try:
            return parse_period(plainer, now)
        except InvalidInput:
            raise error from None


def _other_name(text: str, now: datetime) -> str:
    return next((plain for pattern, plain in _OTHER_NAMES.items() if re.fullmatch(pattern, text)), "")


def _time_alone(text: str, now: datetime) -> str:
    found = re.fullmatch(_TIME_ALONE, text, re.ASCII)
    return f"today {found[1]}" if found else ""


def _quarter(text: str, now: datetime) -> str:
    found = re.fullmatch(_QUARTER, text)
    return f"{now.year - (int(found[1]) > (now.month + 2) // 3)}-q{found[1]}" if found else ""


def _week(text: str, now: datetime) -> str:
    found = re.fullmatch(_WEEK, text, re.ASCII)
    if not found:
        return ""
    this = now.date().isocalendar()
    return f"{this.year - (int(found[1]) > this.week)}-w{int(found[1]):02}"


def _day_of_week(text: str, now: datetime) -> str:
    """`monday last week`."""
    found = re.fullmatch(_DAY_OF_WEEK, text)
    if not found:
        return ""
    day, week = found[1] or found[4], found[2] or found[3]
    try:
        weekday = parse_period(day, now).start.astimezone(now.tzinfo).weekday()
    except InvalidInput:
        return ""
    monday = now.date() - (now.weekday() + 7 * week.startswith("last")) * _DAY
    return str(monday + weekday * _DAY)


def _last_named_month(text: str, now: datetime) -> str:
    """The latest such month that is over."""
    found = re.fullmatch(_LAST_MONTH_NAMED, text)
    if not found:
        return ""
    try:
        month = parse_period(f"{found[1]} 2000", now).start.astimezone(now.tzinfo).month
    except InvalidInput:
        return ""
    return f"{now.year - (month >= now.month)}-{month:02}"


def _beginning(text: str, now: datetime) -> str:
    """The first day of a week, month, quarter or year."""
    found = re.fullmatch(_BEGINNING, text)
    if not found:
        return ""
    unit = f"this {found[1]}" if re.fullmatch(_UNIT, found[1]) else found[1]
    try:
        return str(parse_period(unit, now).start.astimezone(now.tzinfo).date())
    except InvalidInput:
        return ""


def _numbers(text: str, now: datetime) -> str:
    if found := re.fullmatch(_DAY_AND_MONTH, text, re.ASCII):
        day, month = int(found[1]), int(found[2])
        return f"{now.year - ((month, day) > (now.month, now.day))}-{month}-{day}"
    if found := re.fullmatch(_MONTH_AND_YEAR, text, re.ASCII):
        return f"{found[2]}-{found[1]}"
    if found := re.fullmatch(_DASHES, text, re.ASCII):
        return ("/" if found[2].isdigit() else " ").join(found.groups())
    found = re.fullmatch(_SHORT_YEAR, text, re.ASCII)
    return f"{found[1]}/20{found[2]}" if found else ""


_REWORDERS: tuple[Callable[[str, datetime], str], ...] = (
    _other_name,
    _time_alone,
    _quarter,
    _week,
    _day_of_week,
    _last_named_month,
    _beginning,
    _numbers,
)
