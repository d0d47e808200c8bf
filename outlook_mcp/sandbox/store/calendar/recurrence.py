"""The dates of a recurring event, as microsoft.graph.patternedRecurrence describes them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES = ("first", "second", "third", "fourth", "last")
# Where an endless series is no longer followed.
_LAST_YEAR = 2200


def series_dates(recurrence: Mapping[str, Any]) -> Iterator[date]:
    """Every date of a series in order; deleted and changed ones are among them.

    >>> pattern = {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}
    >>> limits = {"type": "numbered", "startDate": "2026-01-31", "numberOfOccurrences": 2}
    >>> [day.isoformat() for day in series_dates({"pattern": pattern, "range": limits})]
    ['2026-01-31', '2026-02-28']
    """
    limits = recurrence["range"]
    first = date.fromisoformat(limits["startDate"])
    last = date.fromisoformat(limits["endDate"]) if limits["type"] == "endDate" else date(_LAST_YEAR, 12, 31)
    left = limits["numberOfOccurrences"] if limits["type"] == "numbered" else None
    for day in _pattern_dates(recurrence["pattern"], first):
        if day > last or left == 0:
            return
        if day >= first:
            left = None if left is None else left - 1
            yield day


def _pattern_dates(pattern: Mapping[str, Any], first: date) -> Iterator[date]:
    """From the week or month of the first date on."""
    kind, interval = pattern["type"], pattern["interval"]
    if kind == "daily":
        day = first
        while day.year <= _LAST_YEAR:
            yield day
            day += timedelta(days=interval)
    elif kind == "weekly":
        yield from _weekly_dates(pattern, first)
    else:
        yield from _monthly_dates(pattern, first)


def _weekly_dates(pattern: Mapping[str, Any], first: date) -> Iterator[date]:
    begin = DAYS.index(pattern.get("firstDayOfWeek") or "sunday")
    wanted = {DAYS.index(name) for name in pattern["daysOfWeek"]}
    week = first - timedelta(days=(first.weekday() - begin) % 7)
    while week.year <= _LAST_YEAR:
        for offset in range(7):
            day = week + timedelta(days=offset)
            if day.weekday() in wanted:
                yield day
        week += timedelta(weeks=pattern["interval"])


def _monthly_dates(pattern: Mapping[str, Any], first: date) -> Iterator[date]:
    """One date a month, or a year: Exchange takes the n-th of the days that are named."""
    is_yearly = pattern["type"].endswith("Yearly")
    month = first.year * 12 + (pattern["month"] if is_yearly else first.month) - 1
    while month // 12 <= _LAST_YEAR:
        yield _date_in(month // 12, month % 12 + 1, pattern)
        month += pattern["interval"] * (12 if is_yearly else 1)


def _date_in(year: int, month: int, pattern: Mapping[str, Any]) -> date:
    length = monthrange(year, month)[1]
    if pattern["type"].startswith("absolute"):
        return date(year, month, min(pattern["dayOfMonth"], length))
    wanted = {DAYS.index(name) for name in pattern["daysOfWeek"]}
    days = [day for day in range(1, length + 1) if date(year, month, day).weekday() in wanted]
    index = pattern.get("index") or "first"
    return date(year, month, days[-1] if index == "last" else days[INDEXES.index(index)])
