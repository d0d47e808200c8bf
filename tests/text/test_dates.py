from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.dates import day_heading, parse_when

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
    ],
)
def test_written_times_are_read_in_the_zone_of_the_caller(written: str, meant: datetime) -> None:
    assert parse_when(written, NOW) == meant


@settings(deadline=None)
@given(st.text(max_size=30) | st.sampled_from(["0001-01-01", "9999-12-31T23:59", "99999y", "7 d"]))
def test_any_text_is_a_time_or_a_refusal(text: str) -> None:
    try:
        assert parse_when(text, NOW).tzinfo is UTC
    except InvalidInput:
        return


def test_a_refusal_shows_how_to_write_a_time() -> None:
    with pytest.raises(InvalidInput, match="7d"):
        parse_when("someday", NOW)


def test_a_day_is_named_by_nearness_and_its_year_only_when_another() -> None:
    today = date(2026, 11, 23)
    assert day_heading(today, today) == "Today, Mon 23 Nov"
    assert day_heading(date(2026, 11, 22), today) == "Yesterday, Sun 22 Nov"
    assert day_heading(date(2025, 1, 2), today) == "Thu 2 Jan 2025"
