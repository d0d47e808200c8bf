"""When the event of a meeting message is: durations, days, and zones as programs write them."""

from __future__ import annotations

import pytest

from outlook_mcp.sandbox.graph.mail.invitation import meeting_properties


def times(*lines: str, method: str = "REQUEST") -> tuple[str, str, str]:
    head = ("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT")
    found = meeting_properties("\r\n".join((*head, *lines, "END:VEVENT", "END:VCALENDAR")))
    start, end = found["startDateTime"], found["endDateTime"]
    return start["dateTime"][:16], end["dateTime"][:16], start["timeZone"]


@pytest.mark.parametrize(
    ("duration", "end"),
    [
        ("PT1H30M", "2026-12-02T15:00"),
        ("P1W", "2026-12-09T13:30"),
        ("-PT1H", "2026-12-02T13:30"),
        ("x", "2026-12-02T13:30"),
    ],
)
def test_an_event_with_a_duration_ends_when_that_is_over(duration: str, end: str) -> None:
    assert times("DTSTART:20261202T133000Z", f"DURATION:{duration}") == ("2026-12-02T13:30", end, "UTC")


def test_a_day_without_an_end_lasts_a_day() -> None:
    assert times("DTSTART;VALUE=DATE:20261202")[1] == "2026-12-03T00:00"
    assert times("DTSTART;VALUE=DATE:20261202", "DURATION:P2D")[1] == "2026-12-04T00:00"


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "europe/berlin",
        "/freeassociation.sourceforge.net/Europe/Berlin",
        "W. Europe Standard Time",
        '"(UTC+01:00) Amsterdam, Berlin"',
        "GMT+0100",
    ],
)
def test_a_zone_is_known_however_programs_write_it(zone: str) -> None:
    assert times(f"DTSTART;TZID={zone}:20261202T143000") == ("2026-12-02T13:30", "2026-12-02T13:30", "UTC")


def test_a_time_without_a_zone_is_one_of_the_reader_and_an_unknown_zone_is_kept() -> None:
    assert times("DTSTART:20261202T143000")[0] == "2026-12-02T13:30"
    assert times("DTSTART;TZID=Mars/Base:20261202T143000")[::2] == ("2026-12-02T14:30", "Mars/Base")


def test_one_date_of_a_series_is_no_series() -> None:
    calendar = (
        "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nDTSTART:20261203T133000Z\nRECURRENCE-ID:20261203T133000Z\n"
    )
    found = meeting_properties(f"{calendar}END:VEVENT\nEND:VCALENDAR")
    assert (found["type"], found["meetingMessageType"]) == ("exception", "meetingCancelled")
