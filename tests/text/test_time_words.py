"""Times in words mean in each tool what people mean by them, seen from Wednesday 25 November 2026, 14:30, in Berlin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.calendar.periods import event_period
from outlook_mcp.calendar.writing_times import written_span
from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.send_time import parse_send_time
from outlook_mcp.text.coming_times import parse_coming
from outlook_mcp.text.past_times import parse_past

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=BERLIN)
# A line names the reader, what is written, and start and end, of a moment the start alone, or REFUSED.
LINES = (Path(__file__).parents[1] / "data" / "times_in_words.txt").read_text("utf-8").splitlines()
READERS: dict[str, Callable[[str], tuple[datetime, ...]]] = {
    "past": lambda text: parse_past(text, NOW),
    "coming": lambda text: parse_coming(text, NOW),
    "send": lambda text: (parse_send_time(text, NOW, BERLIN),),
    "events": lambda text: event_period(text, None, NOW, BERLIN),
    "event": lambda text: (written_span(text, None, BERLIN, NOW).start,),
}


def read(line: str) -> list[str]:
    reader, written, *_ = line.split(" | ")
    try:
        moments = [moment.astimezone(BERLIN) for moment in READERS[reader](written)]
    except InvalidInput as refused:
        is_told = refused.next_step.startswith(("Write ", "For all of it write ", "Leave `at` out"))
        return ["REFUSED" if is_told else "refused without a way to write it"]
    return [f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00") for moment in moments]


@pytest.mark.parametrize("line", LINES)
def test_a_time_in_words_is_read_as_people_mean_it_or_refused_with_the_way_to_write_it(line: str) -> None:
    assert read(line) == line.split(" | ")[2:]


@pytest.mark.parametrize(
    ("today", "written", "first_day"),
    [
        ("2026-11-28", "this weekend", "2026-11-28"),
        ("2026-11-29", "last weekend", "2026-11-21"),
        ("2026-11-30", "the weekend", "2026-11-28"),
        ("2026-01-02", "the 31st", "2025-12-31"),
        ("2026-03-01", "the 30th", "2026-01-30"),
        ("2026-01-05", "week before last", "2025-12-22"),
    ],
)
def test_days_in_words_are_counted_from_every_day(today: str, written: str, first_day: str) -> None:
    now = datetime.fromisoformat(f"{today}T09:00").replace(tzinfo=BERLIN)
    assert f"{parse_past(written, now).start.astimezone(BERLIN):%Y-%m-%d}" == first_day


def test_next_weekend_is_one_date_when_it_is_the_weekend() -> None:
    saturday = datetime(2026, 11, 28, 9, 0, tzinfo=BERLIN)
    assert f"{parse_coming('next weekend', saturday).start.astimezone(BERLIN):%Y-%m-%d}" == "2026-12-05"


@pytest.mark.parametrize("reader", sorted(READERS))
@pytest.mark.parametrize(
    "written", ["9999-12-31", "0001-01-01", "30 december 9999", "h1 0000", "first half of 0000", "noon 0001-01-01"]
)
def test_days_at_the_ends_of_the_calendar_are_read_or_refused(reader: str, written: str) -> None:
    assert read(f"{reader} | {written}")


_WORDS = [
    *(
        "h1",
        "0000",
        "9999-12-31",
        "end of",
        "the",
        "week of",
        "mid",
        "next",
        "last",
        "in",
        "2",
        "h",
        "weekend",
        "99999",
    ),
    *("9am", "at", "q4", "/"),
]


@given(st.sampled_from(sorted(READERS)), st.lists(st.sampled_from(_WORDS) | st.text(max_size=5), max_size=8))
def test_any_words_are_a_time_or_a_refusal(reader: str, written: list[str]) -> None:
    read(f"{reader} | {' '.join(written).replace(' | ', ' ')}")
