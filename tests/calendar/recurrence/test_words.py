"""Rules in plain words are those that people mean, and what is none is refused with ways to write it."""

from __future__ import annotations

from datetime import date

import pytest

from outlook_mcp.calendar.recurrence.rules import parse_rule
from outlook_mcp.calendar.recurrence.words import rule_in_words
from outlook_mcp.errors import InvalidInput

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("daily", "FREQ=DAILY"),
        ("Weekly", "FREQ=WEEKLY"),
        ("every month", "FREQ=MONTHLY"),
        ("annually", "FREQ=YEARLY"),
        ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("every two weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every monday", "FREQ=WEEKLY;BYDAY=MO"),
        ("mondays and thursdays", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("every Monday, Wednesday and Friday", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("every other tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("weekly for 10 times", "FREQ=WEEKLY;COUNT=10"),
        ("daily, 5 times", "FREQ=DAILY;COUNT=5"),
        ("weekly until 2027-03-31", "FREQ=WEEKLY;UNTIL=20270331"),
        ("every weekday until end of the year", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231"),
        ("monthly until march", "FREQ=MONTHLY;UNTIL=20270331"),
        ("weekly until christmas", ""),
        ("sometimes", ""),
        ("hourly", ""),
        ("FREQ=DAILY", ""),
    ],
)
def test_a_rule_in_words_is_the_one_that_people_mean(written: str, rule: str) -> None:
    assert rule_in_words(written, MONDAY) == rule
    if rule:
        assert parse_rule(written, MONDAY) == parse_rule(rule, MONDAY)


@pytest.mark.parametrize("written", ["weekly until christmas", "sometimes", "every blue moon", ""])
def test_words_that_are_no_rule_are_refused_with_ways_to_write_one(written: str) -> None:
    with pytest.raises(InvalidInput, match="that is no rule") as refused:
        parse_rule(written, MONDAY)
    assert refused.value.next_step.startswith("Write `weekly`, `every other monday`, or a rule such as FREQ=WEEKLY")
