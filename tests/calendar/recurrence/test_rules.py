"""Rules as callers write them, Graph's recurrence, and the words of an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from outlook_mcp.calendar.recurrence.rules import parse_rule
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.recurrence import Recurrence, recurrence_json
from outlook_mcp.graph.recurrence_words import recurrence_words, series_words

START = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("rule", "words", "pattern"),
    [
        ("FREQ=DAILY", "every day, without end", {"type": "daily", "interval": 1}),
        ("RRULE:FREQ=DAILY;INTERVAL=3;COUNT=1", "every 3 days, 1 time", {"type": "daily", "interval": 3}),
        (
            "freq=daily;byday=mo,tu,we,th,fr; until=2026-12-24",
            "every weekday until Thu 24 Dec 2026",
            {
                "type": "weekly",
                "interval": 1,
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "firstDayOfWeek": "monday",
            },
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO;COUNT=6",
            "every 2 weeks on Monday and Friday, 6 times",
            {"type": "weekly", "interval": 2, "daysOfWeek": ["friday", "monday"], "firstDayOfWeek": "monday"},
        ),
        (
            "FREQ=WEEKLY",
            "every Tuesday, without end",
            {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"},
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270327",
            "every last Friday of the month until Sat 27 Mar 2027",
            {
                "type": "relativeMonthly",
                "interval": 1,
                "daysOfWeek": ["friday"],
                "firstDayOfWeek": "monday",
                "index": "last",
            },
        ),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=30",
            "every 3 months on day 30, or the last day of a shorter month, without end",
            {"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 30},
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            "every month on the last day, without end",
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
        ),
        (
            "FREQ=YEARLY;BYMONTH=3;BYDAY=SA,SU;BYSETPOS=2",
            "every year on the second weekend day of March, without end",
            {
                "type": "relativeYearly",
                "interval": 1,
                "daysOfWeek": ["saturday", "sunday"],
                "firstDayOfWeek": "monday",
                "index": "second",
                "month": 3,
            },
        ),
        (
            "FREQ=YEARLY",
            "every year on 1 December, without end",
            {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1, "month": 12},
        ),
    ],
)
def test_a_rule_becomes_graphs_recurrence_and_is_told_in_words(rule: str, words: str, pattern: dict[str, Any]) -> None:
    series = parse_rule(rule, START)
    assert series_words(series) == words
    written = recurrence_json(series)
    assert recurrence_words(written) == words
    assert written["pattern"] == pattern
    # Graph refuses a time zone beside that of the start.
    assert "recurrenceTimeZone" not in written["range"]
    assert msgspec.convert(written, Recurrence).range == series.range


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=MONTHLY;BYDAY=1MO,1TU", "one date a month"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "one date a month"),
        ("FREQ=MONTHLY;BYDAY=MO", "as in BYDAY=-1FR"),
        ("FREQ=MONTHLY;BYDAY=5MO", "1st, 2nd, 3rd, 4th or last"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "one date a month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "-1 for the last day"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=1FR", "stands with BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTHDAY=15", "BYMONTH is missing"),
        ("FREQ=YEARLY;BYDAY=1MO", "BYMONTH is missing"),
        ("FREQ=WEEKLY;BYDAY=1MO", "belongs to months"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "does not go with FREQ=WEEKLY"),
        ("FREQ=DAILY;BYMONTH=1", "does not go with FREQ=DAILY"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "BYDAY goes with FREQ=DAILY only every day"),
        ("FREQ=HOURLY", "FREQ is DAILY"),
        ("FREQ=DAILY;BYHOUR=9", "'BYHOUR=9' has no place"),
        ("FREQ=DAILY;FREQ=DAILY", "has no place"),
        ("every full moon", "that is no rule"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "exclude each other"),
        ("FREQ=WEEKLY;UNTIL=20261130", "ends before it begins"),
        ("FREQ=WEEKLY;UNTIL=20261340", "UNTIL is a day"),
        ("FREQ=WEEKLY;COUNT=0", "not a number from 1"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY takes"),
        ("FREQ=WEEKLY;WKST=XX", "WKST takes"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS stands alone"),
        ("FREQ=YEARLY;BYMONTH=13", "not a number from 1 to 12"),
    ],
)
def test_what_outlook_cannot_do_is_refused_with_the_reason(rule: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rule(rule, START)
    assert why in str(refused.value)
    assert "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10" in refused.value.next_step


def test_a_pattern_that_graph_may_add_is_told_as_unknown() -> None:
    series = parse_rule("FREQ=DAILY", START)
    lunar = msgspec.structs.replace(series, pattern=msgspec.structs.replace(series.pattern, type="lunar"))
    assert series_words(lunar).startswith("in a pattern that is not known")


def test_a_pattern_that_graph_may_add_is_not_told_as_another_one() -> None:
    new = {"pattern": {"type": "hourly"}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}
    assert recurrence_words(new) == "in a pattern that is not known, without end"
