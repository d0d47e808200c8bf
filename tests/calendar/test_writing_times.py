"""Times as callers write them, and as Graph is told them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.calendar.clock_changes import is_doubled, is_skipped
from outlook_mcp.calendar.writing_times import WrittenSpan, written_span, zone_named
from outlook_mcp.errors import InvalidInput
from tests.effort import usually

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
ZONES = [
    *("Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Tokyo"),
    *("Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12", "Africa/Casablanca", "Europe/London", "Pacific/Chatham"),
    *("America/Sao_Paulo", "Asia/Kathmandu", "Australia/Adelaide", "Africa/Cairo", "America/Santiago", "UTC"),
]


def span(start: str, end: str | None = None, zone: ZoneInfo = BERLIN, length: timedelta | None = None) -> WrittenSpan:
    return written_span(start, end, zone, NOW, length=length)


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        ("2026-11-30T14:00", "15:00", "2026-11-30T14:00", "2026-11-30T15:00"),
        ("2026-11-30 14:00:00", None, "2026-11-30T14:00", "2026-11-30T14:30"),
        ("2026-11-30T14:00", "90 min", "2026-11-30T14:00", "2026-11-30T15:30"),
        ("2026-11-30T14:00", "1h 15m", "2026-11-30T14:00", "2026-11-30T15:15"),
        ("2026-11-30T23:00", "2026-12-01T01:00", "2026-11-30T23:00", "2026-12-01T01:00"),
        ("tomorrow 9:00", "10:00", "2026-11-26T09:00", "2026-11-26T10:00"),
        ("today at 18:15", "+45min", "2026-11-25T18:15", "2026-11-25T19:00"),
        ("fri 14:00", None, "2026-11-27T14:00", "2026-11-27T14:30"),
        ("+3d 08:30", None, "2026-11-28T08:30", "2026-11-28T09:00"),
        ("2026-11-30T14:00-05:00", None, "2026-11-30T20:00", "2026-11-30T20:30"),
        ("2026-11-30T14:00Z", None, "2026-11-30T15:00", "2026-11-30T15:30"),
        ("2026-11-30T14:00-11:00", None, "2026-12-01T02:00", "2026-12-01T02:30"),
        ("tomorrow at 3pm", "4 p.m.", "2026-11-26T15:00", "2026-11-26T16:00"),
        ("Nov 30, 2026 12:15 AM", "12pm", "2026-11-30T00:15", "2026-11-30T12:00"),
        ("friday noon", "1.5h", "2026-11-27T12:00", "2026-11-27T13:30"),
        ("in 2 hours", "PT1H30M", "2026-11-25T15:00", "2026-11-25T16:30"),
        ("2026-11-30T14:00", "1h30", "2026-11-30T14:00", "2026-11-30T15:30"),
        ("2026-11-30T14:00", "1 hour and 30 minutes", "2026-11-30T14:00", "2026-11-30T15:30"),
        ("2026-11-30T14:00", "1 day", "2026-11-30T14:00", "2026-12-01T14:00"),
    ],
)
def test_a_time_is_told_to_graph_as_the_time_of_day_and_its_zone(
    start: str, end: str | None, begins: str, ends: str
) -> None:
    assert span(start, end).json() == {
        "start": {"dateTime": f"{begins}:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"{ends}:00", "timeZone": "Europe/Berlin"},
        "isAllDay": False,
    }


def test_a_date_alone_is_all_day_and_its_end_belongs_to_it() -> None:
    days = span("2026-12-01", "2026-12-03")
    assert (days.is_all_day, days.length) == (True, timedelta(days=3))
    assert days.json()["end"] == {"dateTime": "2026-12-04T00:00:00", "timeZone": "Europe/Berlin"}
    assert span("tomorrow").length == timedelta(days=1)
    # A length is counted from the start, not from today.
    assert span("2026-12-01", "+2d") == span("2026-12-01", "2 days") == span("2026-12-01", "2026-12-02")
    assert span("2026-12-01", "1 week").length == timedelta(days=7)
    assert span("2026-12-01", length=timedelta(days=5)).end.date() == date(2026, 12, 6)


def test_an_event_keeps_its_length_when_only_its_start_is_written() -> None:
    assert span("2026-11-30T14:00", length=timedelta(hours=2)).end == datetime(2026, 11, 30, 16, 0, tzinfo=BERLIN)
    # Two hours pass while the clocks go on by three.
    assert f"{span('2027-03-28T01:00', length=timedelta(hours=2)).end:%H:%M}" == "04:00"


def test_a_time_that_does_not_exist_is_refused_with_the_jump_of_the_clocks() -> None:
    with pytest.raises(InvalidInput) as refused:
        span("2027-03-28T02:30")
    assert str(refused.value) == (
        "Sun 28 Mar 2027 02:30 does not exist in Europe/Berlin: the clocks go from 02:00 to 03:00. "
        "Ask the user, and write a time before 02:00 or from 03:00 on."
    )
    with pytest.raises(InvalidInput, match="does not exist in Europe/Berlin"):
        span("2027-03-28T01:30", "02:45")
    with pytest.raises(InvalidInput, match="clocks go from 02:00 to 02:30"):
        span("2026-10-04T02:15", zone=ZoneInfo("Australia/Lord_Howe"))


def test_a_time_that_comes_twice_is_asked_about_and_chosen_by_its_offset() -> None:
    with pytest.raises(InvalidInput) as asked:
        span("2026-10-25T02:30")
    first, second = "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"
    assert first in asked.value.next_step
    assert second in asked.value.next_step
    assert span(first).json()["start"] == {"dateTime": "2026-10-25T02:30:00", "timeZone": "Europe/Berlin"}
    assert span(second).json()["start"] == {"dateTime": "2026-10-25T01:30:00", "timeZone": "UTC"}
    assert span(second).is_second_of_doubled_hour
    assert not span(first).is_second_of_doubled_hour


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("soon", None, "not a date or time"),
        ("14:00", None, "is a time without a day. Write .* tomorrow 14:00"),
        ("3 pm", None, "is a time without a day"),
        ("13pm tomorrow", None, "not a date or time"),
        ("2026-11-30 10:00-11:00", None, "Write 2026-11-30 10:00 as `start` and 11:00 as `end`"),
        ("tomorrow 9 am to 10 am", None, "Write tomorrow 09:00 as `start` and 10:00 as `end`"),
        (
            "next week",
            None,
            "'next week' is more than one day. For all of it write start=2026-11-30 and end=2026-12-06",
        ),
        ("2026-12", None, "more than one day"),
        ("2026", None, "more than one day"),
        ("2026-11-30T10:00:30", None, "'2026-11-30T10:00:30' is not a date or time. Write 2026-11-30T14:00"),
        ("03/12/2026 10:00", None, "can be two dates. Write 2026-11-30T14:00"),
        ("2026-12-31T23:30", "00:30", "For one on the next day write 2027-01-01T00:30"),
        ("2026-11-30T14:00", "30", "not a date or time"),
        ("2026-11-30", "2 hours", "The end has a time"),
        ("2026-11-30T25:00", None, "not a date or time"),
        ("2026-11-30T14:00", "13:00", "ends before it begins"),
        ("2026-11-30T14:00", "14:00", "ends before it begins"),
        ("2026-11-30", "2026-11-29", "ends before it begins"),
        ("2026-11-30T14:00", "2026-12-01", "The end is a date"),
        ("2026-11-30", "2026-12-01T10:00", "The end has a time"),
        ("12 14:00", None, "not a date or time"),
    ],
)
def test_what_is_no_span_is_refused(start: str, end: str | None, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        span(start, end)


def test_zones_are_taken_by_names_that_graph_takes() -> None:
    assert zone_named("Europe/Berlin").key == "Europe/Berlin"
    assert zone_named("Pacific Standard Time").key == "America/Los_Angeles"
    assert zone_named("UTC").key == "Etc/UTC"
    with pytest.raises(InvalidInput, match="America/New_York"):
        zone_named("EST")
    assert zone_named("europe/berlin").key == "Europe/Berlin"
    assert zone_named("tokyo standard time").key == "Asia/Tokyo"
    assert zone_named("utc").key == "Etc/UTC"
    with pytest.raises(InvalidInput, match=r"'New York' is no time zone .* Write America/New_York\."):
        zone_named("New York")
    for name in ("PDT", "Mars/Base", "CET", "../etc", ""):
        with pytest.raises(InvalidInput, match="is no time zone"):
            zone_named(name)


def test_what_graph_is_told_is_the_moment_that_was_written_in_every_zone() -> None:
    """Read back as Graph reads it: the first of two equal times."""
    rng = random.Random(11)
    for _ in range(usually(700, thoroughly=60_000)):
        zone = ZoneInfo(rng.choice(ZONES))
        local = datetime.combine(
            date(2026, 1, 1) + timedelta(days=rng.randrange(800)),
            time(rng.randrange(24), rng.choice((0, 15, 30))),
            zone,
        )
        if is_skipped(local):
            with pytest.raises(InvalidInput, match="does not exist"):
                span(f"{local:%Y-%m-%dT%H:%M}", zone=zone)
            continue
        if is_doubled(local):
            local = local.replace(fold=rng.randrange(2))
            found = span(local.isoformat(timespec="minutes"), zone=zone)
        else:
            found = span(f"{local:%Y-%m-%dT%H:%M}", zone=zone)
        for name, moment in (("start", local), ("end", found.end)):
            told = found.json()[name]
            assert isinstance(told, dict)
            read = datetime.fromisoformat(told["dateTime"]).replace(tzinfo=ZoneInfo(told["timeZone"]))
            assert read.astimezone(UTC) == moment.astimezone(UTC), (zone, local)
