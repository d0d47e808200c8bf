"""Generated events in many zones: the clock times of an answer against dateutil's own reading of the zones."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import tz

from outlook_mcp.calendar.answers.when import time_within_day
from outlook_mcp.calendar.times import event_time
from tests.calendar.shown import event
from tests.effort import usually

ZONES = (
    *("Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "America/Anchorage"),
    *("America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver", "America/Halifax"),
    *("America/Havana", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Santiago"),
    *("America/Sao_Paulo", "America/St_Johns", "Asia/Amman", "Asia/Beirut", "Asia/Dubai", "Asia/Jerusalem"),
    *("Asia/Kathmandu", "Asia/Kolkata", "Asia/Shanghai", "Asia/Singapore", "Asia/Tehran", "Asia/Tokyo"),
    *("Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin"),
    *("Europe/Dublin", "Europe/Lisbon", "Europe/London", "Europe/Moscow", "Pacific/Auckland", "Pacific/Chatham"),
    *("Pacific/Honolulu", "Pacific/Kiritimati", "Etc/GMT+12"),
)
# Around these days clocks are changed somewhere, or the year is.
EDGES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 12, 31),
)


def test_no_instant_and_no_day_is_told_wrong_in_any_of_40_zones() -> None:
    source = random.Random(2026)
    for _ in range(usually(300, thoroughly=100_000)):
        own, reader = source.choice(ZONES), source.choice(ZONES)
        day = source.choice(EDGES) + timedelta(days=source.randrange(-2, 3))
        if source.random() < 0.25:
            _check_all_day(day, source.randrange(1, 5), own, reader)
        else:
            _check_timed(day, source.randrange(24 * 12) * 5, source.randrange(1, 600) * 5, own, reader)


def _check_timed(day: date, minute: int, length: int, own: str, reader: str) -> None:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=tz.gettz(own))
    start = tz.resolve_imaginary(local).astimezone(UTC)
    end = start + timedelta(minutes=length)
    item = event("1", start=_stamp(start), end=_stamp(end), originalStartTimeZone=own)
    time = event_time(item, ZoneInfo(reader))
    assert time is not None
    assert (time.start.astimezone(UTC), time.end.astimezone(UTC)) == (start, end)
    there, until = start.astimezone(tz.gettz(reader)), end.astimezone(tz.gettz(reader))
    assert time.first_day == there.date()
    shown = time_within_day(time, time.first_day)
    assert shown.startswith(f"{there:%H:%M}-")
    assert shown.endswith(f"{until:%H:%M}")


def _check_all_day(day: date, length: int, own: str, reader: str) -> None:
    stamps: dict[str, Any] = {
        name: {"dateTime": f"{moment.isoformat()}T00:00:00.0000000", "timeZone": "UTC"}
        for name, moment in (("start", day), ("end", day + timedelta(days=length)))
    }
    time = event_time(event("1", isAllDay=True, originalStartTimeZone=own, **stamps), ZoneInfo(reader))
    assert time is not None
    assert (time.first_day, time.last_day) == (day, day + timedelta(days=length - 1))
    assert time_within_day(time, day).startswith("all day")


def _stamp(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
