from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.dates import day_heading
from outlook_mcp.text.past_times import parse_past
from outlook_mcp.text.periods import FORMS, parse_period, parse_when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 0, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-01", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-11-01T14:00", datetime(2026, 11, 1, 13, tzinfo=UTC)),
        ("2026-11-01T14:00:00Z", datetime(2026, 11, 1, 14, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 15, 23, 30, tzinfo=UTC)),
        ("-2w", datetime(2026, 11, 8, 23, 30, tzinfo=UTC)),
        ("90min", datetime(2026, 11, 22, 22, 0, tzinfo=UTC)),
        ("today", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("Yesterday", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("yesterday 14:00", datetime(2026, 11, 22, 13, tzinfo=UTC)),
        ("now", datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        ("2026-11", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("2026", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("2026/11/1", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("01.11.2026", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("11/30/2025", datetime(2025, 11, 29, 23, tzinfo=UTC)),
        ("30/11/2025", datetime(2025, 11, 29, 23, tzinfo=UTC)),
        ("3m", datetime(2026, 8, 22, 22, 30, tzinfo=UTC)),
        ("3 months", datetime(2026, 8, 22, 22, 30, tzinfo=UTC)),
        ("three months ago", datetime(2026, 8, 22, 22, 30, tzinfo=UTC)),
        ("1y", datetime(2025, 11, 22, 23, 30, tzinfo=UTC)),
        ("last 30 days", datetime(2026, 10, 23, 22, 30, tzinfo=UTC)),
        ("an hour ago", datetime(2026, 11, 22, 22, 30, tzinfo=UTC)),
        ("past week", datetime(2026, 11, 15, 23, 30, tzinfo=UTC)),
        ("last week", datetime(2026, 11, 15, 23, tzinfo=UTC)),
        ("this_month", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("last month", datetime(2026, 9, 30, 22, tzinfo=UTC)),
        ("last year", datetime(2024, 12, 31, 23, tzinfo=UTC)),
        ("monday", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("last Monday", datetime(2026, 11, 15, 23, tzinfo=UTC)),
        ("Fri", datetime(2026, 11, 19, 23, tzinfo=UTC)),
        ("20 Nov", datetime(2026, 11, 19, 23, tzinfo=UTC)),
        ("Nov 24th", datetime(2025, 11, 23, 23, tzinfo=UTC)),
        ("November 1, 2024", datetime(2024, 10, 31, 23, tzinfo=UTC)),
        ("December", datetime(2025, 11, 30, 23, tzinfo=UTC)),
        ("Sat 21 Nov 2026 14:00", datetime(2026, 11, 21, 13, tzinfo=UTC)),
        ("Sat 21 Nov", datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 13:00:00 +0000", datetime(2026, 11, 21, 13, tzinfo=UTC)),
        ("Nov 21, 2026 2:00 PM", datetime(2026, 11, 21, 13, tzinfo=UTC)),
        ("yesterday at 12am", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("the day before yesterday", datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ("1st of November 2026", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("01.11.26", datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("Q4 2026", datetime(2026, 9, 30, 22, tzinfo=UTC)),
        ("last quarter", datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ],
)
def test_written_times_are_read_in_the_zone_of_the_caller(written: str, meant: datetime) -> None:
    assert parse_when(written, NOW) == meant


@given(
    st.text(max_size=30)
    | st.sampled_from(["0001-01-01", "9999-12-31", "9999-12", "99999y", "7 d", "ad", "am", "30 feb"])
)
def test_any_text_is_a_time_or_a_refusal(text: str) -> None:
    try:
        assert parse_when(text, NOW).tzinfo is UTC
    except InvalidInput:
        return


@pytest.mark.parametrize(
    "text",
    ["someday", "am", "3x", "2026-13-01", "30 feb", "0 o'clock", "", "Mon 21 Nov 2026", "last week 9:00", "today 13pm"],
)
def test_a_refusal_lists_the_ways_to_write_a_time(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_when(text, NOW)
    assert refused.value.next_step == f"Write {FORMS}."


def test_every_form_that_a_refusal_lists_is_read() -> None:
    forms = [form.strip() for part in FORMS.replace("or an age: ", "").split(",") for form in part.split(" or ")]
    assert len(forms) == 16
    assert all(parse_when(form, NOW) for form in forms)


def test_a_date_that_can_be_two_is_asked_about() -> None:
    with pytest.raises(InvalidInput, match="2026-11-05 or 2026-05-11"):
        parse_when("11/05/2026", NOW)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        *[("2026-11-20", 1), ("yesterday", 1), ("last week", 7), ("2026-10", 31), ("last month", 31), ("2024", 366)],
        *[("20261120", 1), ("2026-W47", 7), ("2026-Q3", 92)],
    ],
)
def test_a_period_lasts_from_its_first_to_its_last_day(written: str, days: int) -> None:
    start, end = (moment.astimezone(BERLIN).replace(tzinfo=None) for moment in parse_period(written, NOW))
    assert (end - start).days == days


def test_a_month_ago_of_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert parse_when("1m", datetime(2026, 3, 31, 9, tzinfo=UTC)) == datetime(2026, 2, 28, 9, tzinfo=UTC)


def test_hours_have_passed_by_the_clock_where_summer_time_ended() -> None:
    after_the_change = datetime(2026, 10, 25, 6, tzinfo=BERLIN)
    assert parse_when("12h", after_the_change) == datetime(2026, 10, 24, 17, tzinfo=UTC)


def test_a_day_is_named_by_nearness_and_its_year_only_when_another() -> None:
    today = date(2026, 11, 23)
    assert day_heading(today, today) == "Today, Mon 23 Nov"
    assert day_heading(date(2026, 11, 22), today) == "Yesterday, Sun 22 Nov"
    assert day_heading(date(2025, 1, 2), today) == "Thu 2 Jan 2025"


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("in the last 7 days", "2026-11-16 00:30", "2026-11-23 00:30"),
        ("since Monday", "2026-11-23", "2026-11-24"),
        ("yesterday evening", "2026-11-22", "2026-11-23"),
        ("last night", "2026-11-22", "2026-11-23"),
        ("yesterday at noon", "2026-11-22 12:00", "2026-11-22 12:00:01"),
        ("half an hour ago", "2026-11-23", "2026-11-23 00:30"),
        ("9am", "2026-11-23 09:00", "2026-11-23 09:00:01"),
        ("q4", "2026-10-01", "2027-01-01"),
        ("quarter 3", "2026-07-01", "2026-10-01"),
        ("KW 47", "2026-11-16", "2026-11-23"),
        ("week 52", "2025-12-22", "2025-12-29"),
        ("friday last week", "2026-11-20", "2026-11-21"),
        ("last week friday", "2026-11-20", "2026-11-21"),
        ("last november", "2025-11-01", "2025-12-01"),
        ("last march", "2026-03-01", "2026-04-01"),
        ("the beginning of November", "2026-11-01", "2026-11-02"),
        ("start of the year", "2026-01-01", "2026-01-02"),
        ("24.12.", "2025-12-24", "2025-12-25"),
        ("11/2025", "2025-11-01", "2025-12-01"),
        ("24-Dec-2025", "2025-12-24", "2025-12-25"),
        ("24-12-2025", "2025-12-24", "2025-12-25"),
        ("12/24/25", "2025-12-24", "2025-12-25"),
    ],
)
def test_the_past_is_read_in_words_of_a_day_a_week_or_a_quarter(written: str, start: str, end: str) -> None:
    bounds = (datetime.fromisoformat(moment).replace(tzinfo=BERLIN) for moment in (start, end))
    assert parse_past(written, NOW) == tuple(bounds)


@pytest.mark.parametrize(
    "written", ["in 3 days", "last budget", "week 60", "q5", "10/11/12", "start of it", "31.2.", "x" * 9000]
)
def test_what_names_no_time_of_the_past_is_refused_with_the_forms_that_are_read(written: str) -> None:
    with pytest.raises(InvalidInput):
        parse_past(written, NOW)
