"""Instants and days: never UTC by silence, never a day off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.calendar.models import Event
from outlook_mcp.calendar.times import event_time, floating_day, midnight
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.text.dates import graph_time
from tests.calendar.shown import BERLIN, MONDAY, event

EVERYWHERE = [
    *(f"Etc/GMT{offset:+}" for offset in range(-14, 13)),
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "America/St_Johns",
]


@pytest.mark.parametrize("name", EVERYWHERE)
def test_all_day_events_are_on_their_day_from_utc_minus_12_to_plus_14(name: str) -> None:
    zone = ZoneInfo(name)
    time = event_time(event("1", 1, "1", originalStartTimeZone=name), zone)
    assert time is not None
    assert (time.first_day, time.last_day) == (date(2026, 12, 1), date(2026, 12, 1))
    longer = event_time(event("1", 1, "3", originalStartTimeZone="Tokyo Standard Time"), zone)
    assert longer is not None
    assert (longer.first_day, longer.last_day) == (date(2026, 12, 1), date(2026, 12, 3))


def test_an_all_day_event_stored_as_a_moment_is_on_the_day_of_its_own_zone() -> None:
    start = ZonedTime(date_time="2026-11-30T23:00:00.0000000", time_zone="UTC")
    assert floating_day(start, "Europe/Berlin") == date(2026, 12, 1)
    assert floating_day(start, "tzone://Microsoft/Custom") == date(2026, 11, 30)


def test_a_time_in_utc_is_shown_by_the_clock_of_the_reader_on_the_readers_day() -> None:
    time = event_time(event("1", 0, "23:30-23:45", zone=ZoneInfo("America/New_York")), BERLIN)
    assert time is not None
    assert (time.first_day, f"{time.start:%H:%M}") == (date(2026, 12, 1), "05:30")


def test_events_overlap_by_their_moments_in_an_hour_that_the_clock_repeats() -> None:
    day = datetime(2026, 10, 25, tzinfo=UTC)

    def at(hour: int, minute: int) -> Event:
        begin = day.replace(hour=hour, minute=minute)
        stamp = {"dateTime": f"{begin:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
        end = {"dateTime": f"{begin + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
        return event("1", start=stamp, end=end)

    first, second = event_time(at(0, 15), BERLIN), event_time(at(1, 15), BERLIN)
    assert first is not None
    assert second is not None
    assert (f"{first.start:%H:%M}", f"{second.start:%H:%M}") == ("02:15", "02:15")
    assert not first.overlaps(second)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_years_that_stand_for_no_time_are_no_time(year: str) -> None:
    stamp = {"dateTime": f"{year}-01-01T00:00:00.0000000", "timeZone": "UTC"}
    late = {"dateTime": f"{year}-12-31T23:59:59.0000000", "timeZone": "UTC"}
    zone = ZoneInfo("Etc/GMT+12" if year == "0001" else "Asia/Tokyo")
    assert event_time(event("1", start=stamp, end=late), zone) is None


def test_an_event_without_a_time_or_with_a_broken_one_has_none() -> None:
    assert event_time(event("1", start=None, end=None), BERLIN) is None
    assert event_time(event("1", start={"dateTime": "soon", "timeZone": "UTC"}), BERLIN) is None


def test_an_end_before_the_start_is_taken_for_the_start() -> None:
    time = event_time(event("1", end={"dateTime": "2026-11-30T08:00:00", "timeZone": "UTC"}), BERLIN)
    assert time is not None
    assert time.start == time.end


def test_a_windows_zone_is_a_zone_and_a_custom_one_is_told() -> None:
    stamp = {"dateTime": "2026-11-30T10:00:00.0000000", "timeZone": "W. Europe Standard Time"}
    time = event_time(event("1", start=stamp, end=stamp), BERLIN)
    assert time is not None
    assert (f"{time.start:%H:%M}", time.unknown_zone) == ("10:00", "")
    custom = event_time(event("1", start={**stamp, "timeZone": "Customized Time Zone"}, end=stamp), BERLIN)
    assert custom is not None
    assert custom.unknown_zone == "Customized Time Zone"


def test_the_bounds_of_a_query_are_in_utc() -> None:
    assert graph_time(midnight(MONDAY, ZoneInfo("Pacific/Kiritimati"))) == "2026-11-29T10:00:00Z"
