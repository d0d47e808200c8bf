"""Times in KQL: a day, a moment, a named period, a range."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from outlook_mcp.sandbox.query.errors import QueryError
from outlook_mcp.sandbox.store.core import times

_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def period(text: str, now: datetime) -> tuple[str, str]:
    """The first second of the period, and the first one after it. Raises QueryError."""
    first, dots, last = text.partition("..")
    if dots:
        return _span(first, now)[0], _span(last, now)[1]
    return _span(text, now)


def _span(text: str, now: datetime) -> tuple[str, str]:
    try:
        start, end = _named(text.lower(), now) or _written(text)
        return times.write_time(start), times.write_time(end)
    except (ValueError, OverflowError) as error:
        raise QueryError("BadRequest", f"'{text}' is not a time.") from error


def _named(name: str, now: datetime) -> tuple[datetime, datetime] | None:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    week = today - timedelta(days=(today.weekday() + 1) % 7)
    month = today.replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    year = month.replace(month=1)
    day, seven = timedelta(days=1), timedelta(days=7)
    return {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this week": (week, week + seven),
        "last week": (week - seven, week),
        "this month": (month, (month + timedelta(days=32)).replace(day=1)),
        "last month": (last_month, month),
        "this year": (year, year.replace(year=year.year + 1)),
        "last year": (year.replace(year=year.year - 1), year),
    }.get(name)


def _written(text: str) -> tuple[datetime, datetime]:
    if american := _AMERICAN.fullmatch(text):
        month, day, year = map(int, american.groups())
        start = datetime(year, month, day, tzinfo=UTC)
        return start, start + timedelta(days=1)
    start = datetime.fromisoformat(text)
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    return start, start + timedelta(days=1 if len(text) <= 10 else 0, seconds=0 if len(text) <= 10 else 1)
