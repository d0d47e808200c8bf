"""When the event of a meeting message is: durations, days, and zones as programs write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr

from outlook_mcp.sandbox.graph.mail.invitation import meeting_properties
from outlook_mcp.sandbox.mime.content_lines import read_content_lines
from outlook_mcp.sandbox.mime.time_zone_rules import read_zone


def times(*lines: str, method: str = "REQUEST") -> tuple[str, str, str]:
    head = ("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT")
    found = meeting_properties("\r\n".join((*head, *lines, "END:VEVENT", "END:VCALENDAR")), "UTC")
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
    found = meeting_properties(f"{calendar}END:VEVENT\nEND:VCALENDAR", "UTC")
    assert (found["type"], found["meetingMessageType"]) == ("exception", "meetingCancelled")


# As Outlook writes a zone that somebody made by hand, and one that moved its rules.
CUSTOM_ZONE = """\
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Station
BEGIN:STANDARD
DTSTART:20200101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:-043000
END:STANDARD
BEGIN:STANDARD
DTSTART:20250601T000000
RDATE:20270601T000000
TZOFFSETFROM:-0430
TZOFFSETTO:+0545
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260101T000000
TZOFFSETFROM:+0545
TZOFFSETTO:+0600
RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=1TH;UNTIL=20260301T000000Z
END:DAYLIGHT
END:VTIMEZONE
""".splitlines()


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Customized Time Zone", "20261202T143000", "2026-12-02T13:30"),
        ("Customized Time Zone", "20260702T143000", "2026-07-02T12:30"),
        # The last Sunday of March 2026 is the 29th.
        ("Customized Time Zone", "20260328T143000", "2026-03-28T13:30"),
        ("Customized Time Zone", "20260329T143000", "2026-03-29T12:30"),
        ("Station", "20190101T120000", "2019-01-01T16:30"),
        ("Station", "20240101T120000", "2024-01-01T16:30"),
        ("Station", "20250701T120000", "2025-07-01T06:15"),
        ("Station", "20260201T120000", "2026-02-01T06:00"),
        ("Station", "20270701T120000", "2027-07-01T06:15"),
        ("Elsewhere", "20260201T120000", "2026-02-01T12:00"),
    ],
)
def test_the_rules_of_a_zone_that_an_invitation_brings_along_are_followed(zone: str, local: str, utc: str) -> None:
    event = (f"DTSTART;TZID={zone}:{local}", "END:VEVENT", *CUSTOM_ZONE, "BEGIN:VEVENT")
    expected = (utc, "UTC" if zone != "Elsewhere" else zone)
    assert times(*event)[::2] == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=20",
        "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=-1",
        "FREQ=YEARLY;BYMONTH=4;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7",
        "FREQ=YEARLY;BYMONTH=10;BYDAY=-2FR",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20200401T000000",
        "FREQ=YEARLY;INTERVAL=3;BYMONTH=3;BYDAY=-1SU",
        "FREQ=YEARLY;COUNT=9;BYMONTH=3;BYDAY=-1SU",
        "FREQ=YEARLY;INTERVAL=2;COUNT=3",
        "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1FR",
        "FREQ=MONTHLY;INTERVAL=30",
        "FREQ=MONTHLY;COUNT=99",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=TU,FR",
        "FREQ=WEEKLY;INTERVAL=7;BYDAY=MO,SU",
        "FREQ=WEEKLY;INTERVAL=99",
        "FREQ=WEEKLY;COUNT=60;BYMONTH=5",
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=45;BYMONTH=1,6,11",
        "FREQ=DAILY;COUNT=95;INTERVAL=30",
    ],
)
def test_an_observance_begins_when_its_rule_says(rule: str) -> None:
    begins = datetime(2015, 3, 29, 2)
    lines = ["BEGIN:STANDARD", "TZOFFSETTO:+0100", f"DTSTART:{begins:%Y%m%dT%H%M%S}", f"RRULE:{rule}", "END:STANDARD"]
    _, zone = read_zone(list(read_content_lines("\n".join(lines))))
    expected = rrulestr(rule, dtstart=begins)
    for day in range(0, 1500, 53):
        moment = datetime(2023, 1, 1, 12) + timedelta(days=day)
        assert zone.observances[0].last_onset(moment) == expected.before(moment, inc=True), moment


def test_every_date_that_an_observance_lists_counts() -> None:
    zone = (
        *("BEGIN:VTIMEZONE", "TZID:Z", "BEGIN:STANDARD", "DTSTART:20200101T000000", "TZOFFSETTO:+0100"),
        *("RDATE:20250101T000000,20260301T000000", "RDATE:20260501T000000", "END:STANDARD"),
        *("BEGIN:DAYLIGHT", "DTSTART:20240601T000000", "TZOFFSETTO:+0200", "RDATE:20260401T000000"),
        *("END:DAYLIGHT", "END:VTIMEZONE"),
    )
    found = {
        month: times(f"DTSTART;TZID=Z:2026{month:02}15T120000", "END:VEVENT", *zone, "BEGIN:VEVENT")[0][11:13]
        for month in (2, 3, 4, 5)
    }
    assert found == {2: "11", 3: "11", 4: "10", 5: "11"}


@pytest.mark.parametrize(
    "broken",
    ["TZOFFSETTO:x", "DTSTART:x", "RRULE:FREQ=YEARLY;BYMONTH=13;BYDAY=1SU", "RRULE:FREQ=DAILY;INTERVAL=0", "TZID:"],
)
def test_a_zone_that_cannot_be_read_makes_no_invitation_fail(broken: str) -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:Z", "BEGIN:STANDARD", broken, "END:STANDARD", "END:VTIMEZONE")
    event = ("DTSTART;TZID=Z:20260201T120000", "END:VEVENT", *zone, "BEGIN:VEVENT")
    assert times(*event)[::2] == ("2026-02-01T12:00", "Z")
