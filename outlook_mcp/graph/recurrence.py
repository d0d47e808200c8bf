"""When a series takes place (patternedRecurrence), as Graph reads and writes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from outlook_mcp.graph.models import WireModel

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES = ("first", "second", "third", "fourth", "last")


class Pattern(WireModel, frozen=True, kw_only=True):
    """How often (recurrencePattern). Graph fills fields that its type does not use with 0, `first` or null.

    `type` is daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly or relativeYearly.
    """

    type: str
    interval: int | None = 1
    month: int | None = 0
    day_of_month: int | None = 0
    days_of_week: list[str] | None = None
    first_day_of_week: str | None = "sunday"
    index: str | None = "first"


class Range(WireModel, frozen=True, kw_only=True):
    """How long it goes on (recurrenceRange): `type` is endDate, numbered or noEnd; both dates are ISO days."""

    type: str
    start_date: str
    end_date: str | None = None
    number_of_occurrences: int | None = 0
    recurrence_time_zone: str | None = None

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.start_date)


class Recurrence(WireModel, frozen=True, kw_only=True):
    """A pattern within a range. Its dates are those of the time zone of the series."""

    pattern: Pattern
    range: Range


def recurrence_json(recurrence: Recurrence) -> dict[str, Any]:
    """What Graph takes: only the fields that the types use, and no time zone, which Graph refuses beside `start`."""
    pattern, limits = recurrence.pattern, recurrence.range
    kind = pattern.type
    written: dict[str, Any] = {"type": kind, "interval": pattern.interval or 1}
    if kind == "weekly" or kind.startswith("relative"):
        written["daysOfWeek"] = list(pattern.days_of_week or ())
        written["firstDayOfWeek"] = pattern.first_day_of_week or "sunday"
    if kind.startswith("relative"):
        written["index"] = pattern.index or "first"
    if kind.startswith("absolute"):
        written["dayOfMonth"] = pattern.day_of_month
    if kind.endswith("Yearly"):
        written["month"] = pattern.month
    bounds: dict[str, Any] = {"type": limits.type, "startDate": limits.start_date}
    if limits.type == "endDate":
        bounds["endDate"] = limits.end_date
    if limits.type == "numbered":
        bounds["numberOfOccurrences"] = limits.number_of_occurrences
    return {"pattern": written, "range": bounds}
