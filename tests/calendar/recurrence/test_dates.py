"""Dates of series compared with dateutil, which reads rules of RFC 5545."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from outlook_mcp.calendar.recurrence.dates import dates_before, dates_of, first_date
from outlook_mcp.calendar.recurrence.rules import parse_rule
from outlook_mcp.graph.recurrence import DAYS, INDEXES, Pattern, Range, Recurrence
from tests.effort import usually

KINDS = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly")
SERIES = usually(150, thoroughly=5_000)


def any_series(rng: random.Random) -> Recurrence:
    kind = rng.choice(KINDS)
    start = date(2026, 1, 1) + timedelta(days=rng.randrange(700))
    days = rng.sample(DAYS, rng.choice((1, 1, 2, 5, 7)))
    pattern = Pattern(
        type=kind,
        interval=rng.choice((1, 2) if kind.endswith("Yearly") else (1, 1, 2, 3, 5)),
        month=rng.randrange(1, 13) if kind.endswith("Yearly") else 0,
        day_of_month=rng.choice((1, 15, 28, 29, 30, 31)) if kind.startswith("absolute") else 0,
        days_of_week=days if kind == "weekly" or kind.startswith("relative") else None,
        first_day_of_week=rng.choice(DAYS),
        index=rng.choice(INDEXES),
    )
    until = start + timedelta(days=rng.randrange(800))
    limits = rng.choice(
        [
            Range(type="noEnd", start_date=start.isoformat()),
            Range(type="numbered", start_date=start.isoformat(), number_of_occurrences=rng.randrange(1, 40)),
            Range(type="endDate", start_date=start.isoformat(), end_date=until.isoformat()),
        ]
    )
    return Recurrence(pattern=pattern, range=limits)


def rule_of(series: Recurrence) -> str:
    """The same series as a rule, with the month ends of Outlook."""
    pattern, limits = series.pattern, series.range
    kind = pattern.type
    unit = {"daily": "DAILY", "weekly": "WEEKLY"}.get(kind, "YEARLY" if kind.endswith("Yearly") else "MONTHLY")
    parts = [f"FREQ={unit}", f"INTERVAL={pattern.interval}"]
    if pattern.days_of_week:
        parts.append("BYDAY=" + ",".join(day[:2].upper() for day in pattern.days_of_week))
    if kind == "weekly":
        parts.append(f"WKST={(pattern.first_day_of_week or '')[:2].upper()}")
    if kind.endswith("Yearly"):
        parts.append(f"BYMONTH={pattern.month}")
    if kind.startswith("absolute"):
        number = pattern.day_of_month or 0
        ends = ",".join(map(str, range(28, number + 1)))
        parts.append(f"BYMONTHDAY={number}" if number < 29 else f"BYMONTHDAY={ends};BYSETPOS=-1")
    if kind.startswith("relative"):
        parts.append(f"BYSETPOS={-1 if pattern.index == 'last' else INDEXES.index(pattern.index or '') + 1}")
    if limits.type == "numbered":
        parts.append(f"COUNT={limits.number_of_occurrences}")
    if limits.end_date:
        parts.append(f"UNTIL={limits.end_date.replace('-', '')}")
    return ";".join(parts)


def test_the_dates_of_a_series_are_those_of_its_rule() -> None:
    rng = random.Random(7)
    last = date(2031, 1, 1)
    for _ in range(SERIES):
        series = any_series(rng)
        first = first_date(series)
        if first is None:
            continue
        dates = list(takewhile(lambda day: day <= last, dates_of(series)))
        rule = rule_of(series)
        expanded = rrulestr(rule, dtstart=datetime(first.year, first.month, first.day))
        assert dates == [moment.date() for moment in takewhile(lambda m: m.date() <= last, expanded)], rule
        # What is written as a rule is read as the same series.
        again = parse_rule(rule, series.range.first_day)
        assert list(takewhile(lambda day: day <= last, dates_of(again))) == dates, rule


@pytest.mark.parametrize(
    ("rule", "start", "dates"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=YEARLY", "2028-02-29", ["2028-02-29", "2029-02-28", "2030-02-28"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", "2026-11-29", ["2026-11-29", "2026-12-07", "2026-12-13"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "2026-11-29", ["2026-11-29", "2026-11-30", "2026-12-13"]),
    ],
)
def test_last_days_and_weeks_fall_where_outlook_puts_them(rule: str, start: str, dates: list[str]) -> None:
    series = parse_rule(rule, date.fromisoformat(start))
    assert [day.isoformat() for day in islice(dates_of(series), 3)] == dates


def test_a_series_without_end_goes_on_to_the_end_of_the_calendar() -> None:
    series = parse_rule("FREQ=YEARLY", date(9990, 1, 1))
    assert len(list(dates_of(series))) == 10


def test_the_dates_before_a_day_are_counted() -> None:
    series = parse_rule("FREQ=WEEKLY;COUNT=10", date(2026, 11, 30))
    assert len(dates_before(series, date(2026, 12, 14))) == 2
    assert dates_before(series, date(2026, 11, 30)) == []


def test_an_end_at_a_moment_leaves_out_what_would_begin_after_it() -> None:
    nine = datetime(2026, 12, 1, 9, 0)
    berlin = ZoneInfo("Europe/Berlin")
    ends = {
        "20261203T080000Z": "2026-12-03",
        "20261203T075959Z": "2026-12-02",
        "20261203T085959": "2026-12-02",
        "20261203": "2026-12-03",
    }
    assert {end: parse_rule(f"FREQ=DAILY;UNTIL={end}", nine, berlin).range.end_date for end in ends} == ends
    assert datetime(2026, 12, 3, 8, tzinfo=UTC).astimezone(berlin).hour == 9
