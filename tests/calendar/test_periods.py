"""Days and weeks lie ahead in the calendar, and what could be meant both ways is asked about."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.calendar.periods import event_period
from outlook_mcp.errors import InvalidInput

BERLIN = ZoneInfo("Europe/Berlin")
# A Wednesday.
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=BERLIN)


def test_days_ahead_count_from_today_behind_a_start_that_is_so_many_days_ago() -> None:
    now = datetime(2026, 11, 30, 9, 0, tzinfo=BERLIN)
    period = event_period("-30d", "+30d", now, BERLIN)
    assert (period.start.date(), period.last_day) == (date(2026, 10, 31), date(2026, 12, 29))


def period_of(start: str, end: str | None = None, now: datetime = NOW) -> str:
    period = event_period(start, end, now, BERLIN)
    return f"{period.start:%y-%m-%d %H:%M} to {period.end:%y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("today", None, "26-11-25 00:00 to 26-12-02 00:00"),
        ("today", "today", "26-11-25 00:00 to 26-11-26 00:00"),
        ("tomorrow", "tomorrow", "26-11-26 00:00 to 26-11-27 00:00"),
        ("2026-12-01", "2026-12-03", "26-12-01 00:00 to 26-12-04 00:00"),
        ("2026-12-01", "+1d", "26-12-01 00:00 to 26-12-02 00:00"),
        ("2026-12-01T14:00", "+2h", "26-12-01 14:00 to 26-12-01 16:00"),
        ("2026-12-01T14:00", "2026-12-01T15:00", "26-12-01 14:00 to 26-12-01 15:00"),
        ("2026-12-01T14:00", None, "26-12-01 14:00 to 26-12-08 00:00"),
        ("2026-12-01T14:00+09:00", "+1h", "26-12-01 06:00 to 26-12-01 07:00"),
        ("now", "+4h", "26-11-25 14:30 to 26-11-25 18:30"),
        ("+3d", "+1d", "26-11-28 00:00 to 26-11-29 00:00"),
        ("in 2 weeks", "+1d", "26-12-09 00:00 to 26-12-10 00:00"),
        ("next week", None, "26-11-30 00:00 to 26-12-07 00:00"),
        ("this week", None, "26-11-23 00:00 to 26-11-30 00:00"),
        ("last week", None, "26-11-16 00:00 to 26-11-23 00:00"),
        ("next month", None, "26-12-01 00:00 to 27-01-01 00:00"),
        ("2026-12", None, "26-12-01 00:00 to 27-01-01 00:00"),
        ("monday", "monday", "26-11-30 00:00 to 26-12-01 00:00"),
        ("wednesday", "wednesday", "26-11-25 00:00 to 26-11-26 00:00"),
        ("next wednesday", "+1d", "26-12-02 00:00 to 26-12-03 00:00"),
        ("fri 15:00", "+1h", "26-11-27 15:00 to 26-11-27 16:00"),
        ("tomorrow 2pm", "4:30 pm", "26-11-26 14:00 to 26-11-26 16:30"),
        ("2026-12-01", "noon", "26-12-01 00:00 to 26-12-01 12:00"),
        ("-7d", "yesterday", "26-11-18 00:00 to 26-11-25 00:00"),
        ("2 days ago", "today", "26-11-23 00:00 to 26-11-26 00:00"),
        ("3 March", "+1d", "27-03-03 00:00 to 27-03-04 00:00"),
        ("january", None, "27-01-01 00:00 to 27-02-01 00:00"),
        ("2026-01-31", "+1m", "26-01-31 00:00 to 26-02-28 00:00"),
        ("today", "1 year", "26-11-25 00:00 to 27-11-25 00:00"),
        ("tomorrow", "2 weeks", "26-11-26 00:00 to 26-12-10 00:00"),
        ("next week", "friday", "26-11-30 00:00 to 26-12-05 00:00"),
        ("last week", "friday", "26-11-16 00:00 to 26-11-28 00:00"),
    ],
)
def test_a_period_is_as_it_was_written(start: str, end: str | None, expected: str) -> None:
    assert period_of(start, end) == expected


def test_a_start_and_an_end_in_one_are_not_taken_for_a_time_with_an_offset() -> None:
    with pytest.raises(InvalidInput, match="Write 2026-12-03 10:00 as `start` and 11:00 as `end`"):
        period_of("2026-12-03 10:00-11:00")


def test_an_age_as_in_mail_is_asked_about() -> None:
    with pytest.raises(InvalidInput, match=r"'7d' can be before or after now. Write \+7d or -7d"):
        period_of("7d")
    with pytest.raises(InvalidInput, match=r"'3 days' can be before or after now. Write \+3 days or -3 days"):
        period_of("3 days")


@pytest.mark.parametrize(
    ("start", "end"),
    [("someday", None), ("2026-12-03", "2026-12-01"), ("today", "2040-01-01"), ("monday 25:00", None), ("", None)],
)
def test_what_is_no_period_is_refused(start: str, end: str | None) -> None:
    with pytest.raises(InvalidInput):
        period_of(start, end)


def test_a_day_on_which_the_clock_is_set_back_is_whole() -> None:
    period = event_period("2026-10-25", "2026-10-25", NOW, BERLIN)
    assert (period.end.timestamp() - period.start.timestamp()) / 3600 == 25


def test_a_day_before_one_that_begins_at_one_is_a_single_day() -> None:
    zone = ZoneInfo("Atlantic/Azores")
    period = event_period("2026-03-28", "2026-03-28", NOW, zone)
    assert (period.end.hour, period.days) == (1, 1)
