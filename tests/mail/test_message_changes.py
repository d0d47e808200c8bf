"""What a caller may write for the days of a flag."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.mail.message_changes import MessageChange, follow_up
from outlook_mcp.mail.models import Flag
from outlook_mcp.mail.reading import ReadItem
from outlook_mcp.text.html import ConvertedText
from tests.answers import read_answer
from tests.mail.shown import CONTEXT, message

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 30, 0, 30, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("start", "due", "shown"),
    [
        (None, "2026-12-04", "2026-11-30 to 2026-12-04"),
        (None, "4 Dec 2026", "2026-11-30 to 2026-12-04"),
        ("2026-12-02", "2026-12-04", "2026-12-02 to 2026-12-04"),
        (None, "3d", "2026-11-30 to 2026-12-03"),
        ("+1d", "+1w", "2026-12-01 to 2026-12-07"),
        ("1d", "in 2 weeks", "2026-12-01 to 2026-12-14"),
        (None, "today", "2026-11-30 to 2026-11-30"),
        ("today", "tomorrow", "2026-11-30 to 2026-12-01"),
        (None, "friday", "2026-11-30 to 2026-12-04"),
        ("next week", "next monday", "2026-12-07 to 2026-12-07"),
        (None, "5 Jan", "2026-11-30 to 2027-01-05"),
    ],
)
def test_days_are_those_of_the_users_calendar(start: str | None, due: str, shown: str) -> None:
    days = follow_up(start, due, NOW, ZONE)
    assert days
    assert f"{days.start} to {days.due}" == shown


@pytest.mark.parametrize(
    ("start", "due", "told"),
    [
        ("2026-12-01", None, "`start` needs `due`"),
        (None, "2026-11-29", "which has passed"),
        ("2026-12-05", "2026-12-04", "is after `due`"),
        (None, "yesterday", "which has passed"),
        (None, "soon", "'soon' is not a date"),
    ],
)
def test_days_that_make_no_sense_are_refused(start: str | None, due: str | None, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        follow_up(start, due, NOW, ZONE)


def test_a_flag_that_is_taken_off_has_no_due_day() -> None:
    with pytest.raises(InvalidInput, match="`due` is for a flag, and flag=none"):
        MessageChange(flag="none", due="3d").check()


@pytest.mark.parametrize(
    ("start", "shown"),
    [(None, "due"), ("2026-12-03T23:00:00", "due"), ("2026-11-30T23:00:00", "start Tue 1 Dec 2026, due")],
)
def test_a_message_that_is_read_says_when_it_is_due_and_when_to_begin_with_it(start: str | None, shown: str) -> None:
    due = ZonedTime(date_time="2026-12-03T23:00:00.0000000", time_zone="UTC")
    begun = ZonedTime(date_time=start, time_zone="UTC") if start else None
    flagged = message(flag=Flag(flag_status="flagged", start_date_time=begun, due_date_time=due))
    assert f", flagged, {shown} Fri 4 Dec 2026" in read_answer(CONTEXT, [ReadItem(flagged, ConvertedText("Hi"))])
