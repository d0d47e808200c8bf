"""The dates of a series. Graph expands series itself; here they tell where one begins and what is left of it.

Two things are not as in RFC 5545: day 31 is the last day of a shorter month, and several days of the week in a monthly
pattern give one date a month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice, takewhile

from outlook_mcp.graph.recurrence import DAYS, INDEXES, Pattern, Recurrence

# No series of Exchange has more dates.
_MOST_DATES = 3000


def dates_of(recurrence: Recurrence) -> Iterator[date]:
    """The dates of the series, oldest first, as if none was left out or moved; endless for a series without end.

    >>> from outlook_mcp.graph.recurrence import Range
    >>> last_friday = Pattern(type="relativeMonthly", days_of_week=["friday"], index="last")
    >>> limits = Range(type="numbered", start_date="2026-01-01", number_of_occurrences=2)
    >>> [day.isoformat() for day in dates_of(Recurrence(pattern=last_friday, range=limits))]
    ['2026-01-30', '2026-02-27']
    """
    limits = recurrence.range
    first = limits.first_day
    found = (day for day in _until_the_last_year(_pattern_dates(recurrence.pattern, first)) if day >= first)
    if limits.type == "numbered":
        return islice(found, limits.number_of_occurrences or 0)
    if limits.type == "endDate" and limits.end_date:
        last = date.fromisoformat(limits.end_date)
        return takewhile(lambda day: day <= last, found)
    return found


def first_date(recurrence: Recurrence) -> date | None:
    """The first date of a series; None where it has no date in its range."""
    return next(dates_of(recurrence), None)


def dates_before(recurrence: Recurrence, day: date) -> list[date]:
    """The dates of a series before this day, at most the first 3,000."""
    return list(islice(takewhile(lambda other: other < day, dates_of(recurrence)), _MOST_DATES))


def _until_the_last_year(days: Iterator[date]) -> Iterator[date]:
    """A series without end goes on until the calendar ends, in the year 9999."""
    while True:
        try:
            yield next(days)
        except (OverflowError, ValueError, StopIteration):
            return


def _pattern_dates(pattern: Pattern, start: date) -> Iterator[date]:
    """The dates of a pattern, also those before the start of the series in the week or month in which it begins."""
    every = pattern.interval or 1
    if pattern.type == "daily":
        yield from (start + timedelta(days=every * number) for number in count())
    elif pattern.type == "weekly":
        first = DAYS.index(pattern.first_day_of_week or "sunday")
        week = start - timedelta(days=(start.weekday() - first) % 7)
        offsets = sorted((DAYS.index(name) - first) % 7 for name in pattern.days_of_week or ())
        if offsets:
            yield from (week + timedelta(days=7 * every * number + offset) for number in count() for offset in offsets)
    else:
        is_yearly = pattern.type.endswith("Yearly")
        month = (pattern.month or start.month) if is_yearly else start.month
        for number in count():
            months = start.year * 12 + month - 1 + (every * 12 if is_yearly else every) * number
            yield _date_in_month(pattern, *divmod(months, 12))


def _date_in_month(pattern: Pattern, year: int, month_index: int) -> date:
    month = month_index + 1
    last = monthrange(year, month)[1]
    if pattern.type.startswith("absolute"):
        return date(year, month, min(pattern.day_of_month or 1, last))
    wanted = {DAYS.index(name) for name in pattern.days_of_week or DAYS}
    days = [day for number in range(1, last + 1) if (day := date(year, month, number)).weekday() in wanted]
    index = pattern.index or "first"
    return days[-1 if index == "last" else INDEXES.index(index)]
