"""How often a series takes place, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.recurrence import DAYS, INDEXES, Pattern, Range, Recurrence
from outlook_mcp.text.dates import day_heading

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WORKING, _WEEKEND = DAYS[:5], DAYS[5:]


def recurrence_words(recurrence: Any) -> str:
    """What Graph's patternedRecurrence says; "" where it says nothing, or nothing that can be read.

    >>> pattern = {"type": "relativeMonthly", "daysOfWeek": ["friday"], "index": "last", "interval": 1}
    >>> limits = {"type": "endDate", "startDate": "2026-11-27", "endDate": "2027-03-27"}
    >>> recurrence_words({"pattern": pattern, "range": limits})
    'every last Friday of the month until Sat 27 Mar 2027'
    >>> recurrence_words({"pattern": {"type": "daily"}}), recurrence_words(None)
    ('', '')
    """
    try:
        return series_words(msgspec.convert(recurrence, Recurrence))
    except (msgspec.ValidationError, ValueError):
        return ""


def series_words(recurrence: Recurrence) -> str:
    """The pattern and its end; "in a pattern that is not known" for one that Graph may add."""
    return _pattern_words(recurrence.pattern) + _range_words(recurrence.range)


def _pattern_words(pattern: Pattern) -> str:
    every, kind = pattern.interval or 1, pattern.type
    if kind == "daily":
        return _every(every, "day")
    if kind == "weekly":
        return _weekly(every, [day for day in DAYS if day in (pattern.days_of_week or ())])
    if kind.startswith("absolute"):
        return _on_day(pattern, every)
    if kind.startswith("relative"):
        return _relative(pattern, every)
    return "in a pattern that is not known"


def _weekly(every: int, days: Sequence[str]) -> str:
    if every == 1 and days:
        return f"every {_day_names(days, 'and')}" if len(days) < 7 else "every day"
    return f"{_every(every, 'week')} on {_day_names(days, 'and')}"


def _on_day(pattern: Pattern, every: int) -> str:
    number = pattern.day_of_month or 1
    if pattern.type.endswith("Yearly"):
        return f"{_every(every, 'year')} on {number} {_month(pattern)}"
    day = "the last day" if number == 31 else f"day {number}"
    shorter = ", or the last day of a shorter month" if number in (29, 30) else ""
    return f"{_every(every, 'month')} on {day}{shorter}"


def _relative(pattern: Pattern, every: int) -> str:
    index = pattern.index if pattern.index in INDEXES else "first"
    days = _day_names([day for day in DAYS if day in (pattern.days_of_week or ())], "or")
    if pattern.type.endswith("Yearly"):
        return f"{_every(every, 'year')} on the {index} {days} of {_month(pattern)}"
    if every == 1:
        return f"every {index} {days} of the month"
    return f"{_every(every, 'month')} on the {index} {days}"


def _day_names(days: Sequence[str], joined_by: str) -> str:
    if tuple(days) == _WORKING:
        return "weekday"
    if tuple(days) == _WEEKEND and joined_by == "or":
        return "weekend day"
    if len(days) == 7:
        return "day"
    names = [day.capitalize() for day in days]
    return f"{', '.join(names[:-1])} {joined_by} {names[-1]}" if len(names) > 1 else "".join(names)


def _every(number: int, unit: str) -> str:
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def _month(pattern: Pattern) -> str:
    return _MONTHS[((pattern.month or 1) - 1) % 12]


def _range_words(limits: Range) -> str:
    if limits.type == "numbered":
        return f", {counted(limits.number_of_occurrences or 0, 'time')}"
    if limits.type == "endDate" and limits.end_date:
        # Always with its year: `today` of another year is given.
        return f" until {day_heading(date.fromisoformat(limits.end_date), date.min)}"
    return ", without end"
