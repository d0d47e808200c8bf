"""How often the meeting of a series takes place, in words."""

from __future__ import annotations

from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.invitations import Pattern, Range, Recurrence
from outlook_mcp.text.characters import one_line

# The types of Graph's recurrencePattern (https://learn.microsoft.com/graph/api/resources/recurrencepattern).
_UNITS = {
    "daily": "day",
    "weekly": "week",
    "absolutemonthly": "month",
    "relativemonthly": "month",
    "absoluteyearly": "year",
    "relativeyearly": "year",
}
_MONTHS = (
    *("", "January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_LONGEST_WORD = 20


def series_text(recurrence: Recurrence | None) -> str:
    """How often, on which days and for how long; "" where Graph does not tell it or tells it in new words.

    >>> weekly = Pattern(type="weekly", days_of_week=["monday", "friday"])
    >>> series_text(Recurrence(pattern=weekly, range=Range(type="endDate", end_date="2027-01-31")))
    'every week on Monday, Friday until 2027-01-31'
    """
    pattern = recurrence.pattern if recurrence else None
    kind = (pattern.type or "").lower() if pattern else ""
    if recurrence is None or pattern is None or kind not in _UNITS:
        return ""
    unit, count = _UNITS[kind], pattern.interval or 1
    often = f"every {unit}" if count == 1 else f"every {count} {unit}s"
    return " ".join(filter(None, [often, _days(pattern, kind), _month(pattern, unit)])) + _end(recurrence.range)


def _days(pattern: Pattern, kind: str) -> str:
    days = ", ".join(one_line(day, _LONGEST_WORD).capitalize() for day in (pattern.days_of_week or [])[:7])
    if kind.startswith("relative"):
        return f"on the {one_line(pattern.index or 'first', _LONGEST_WORD)} {days}" if days else ""
    if kind.startswith("absolute"):
        return f"on day {pattern.day_of_month}" if pattern.day_of_month else ""
    return f"on {days}" if kind == "weekly" and days else ""


def _month(pattern: Pattern, unit: str) -> str:
    month = pattern.month or 0
    return f"of {_MONTHS[month]}" if unit == "year" and 0 < month < len(_MONTHS) else ""


def _end(bounds: Range | None) -> str:
    kind = (bounds.type or "").lower() if bounds else ""
    if bounds and kind == "numbered" and bounds.number_of_occurrences:
        return f", {counted(bounds.number_of_occurrences, 'time')}"
    return f" until {one_line(bounds.end_date, 10)}" if bounds and kind == "enddate" and bounds.end_date else ""
