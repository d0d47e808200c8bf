"""Odd and hostile calendar files and cards: what can be read is right, the rest is named, and nothing takes long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.sandbox.importer import ImportReport, import_path
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.contacts.contacts import Contacts

NO_TIMES, NO_RULE = "no times that can be read", "Outlook has no such recurrence"
BERLIN, TOKYO, NEW_YORK = (
    f"DTSTART;TZID={zone}:20260302T190000|DURATION:PT1H|"
    for zone in ("Europe/Berlin", "Asia/Tokyo", "America/New_York")
)
MORNING_IN_TOKYO = "DTSTART;TZID=Asia/Tokyo:20260303T080000|DURATION:PT1H|"


def calendar(lines: str) -> str:
    """A file of one event with these lines, between `|`."""
    return f"BEGIN:VCALENDAR|BEGIN:VEVENT|UID:1|SUMMARY:Odd|{lines}|END:VEVENT|END:VCALENDAR|".replace("|", "\r\n")


def changed(date: str, more: str = "") -> str:
    """The lines that end an event and begin a changed date of it."""
    times = "DTSTART;TZID=Asia/Tokyo:20260304T120000|DURATION:PT1H"
    return f"|END:VEVENT|BEGIN:VEVENT|UID:1|RECURRENCE-ID{date}|SUMMARY:Moved|{times}{more}"


def imported(mailbox: Mailbox, folder: Path, name: str, content: str | bytes) -> ImportReport:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_path(mailbox, file)


def starts(mailbox: Mailbox) -> list[str]:
    """In UTC, of March 2026."""
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    calendar = Calendars(mailbox.database, mailbox.account).default_calendar()
    found = Events(mailbox.database, mailbox.account).view(calendar, begin, begin + timedelta(days=31))
    return sorted(f"{event.start:%d %H}" for event in found)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # Limits, dates left out and changed dates that are written in UTC belong to the local day of the series.
        (f"{NEW_YORK}RRULE:FREQ=DAILY;UNTIL=20260305T045959Z", ["03 00", "04 00", "05 00"]),
        (f"{BERLIN}RRULE:FREQ=DAILY;UNTIL=20260305T000000Z", ["02 18", "03 18", "04 18"]),
        (f"{BERLIN}RRULE:FREQ=DAILY;UNTIL=20260304", ["02 18", "03 18", "04 18"]),
        (f"{MORNING_IN_TOKYO}RRULE:FREQ=DAILY;COUNT=3|EXDATE:20260303T230000Z", ["02 23", "04 23"]),
        (f"{BERLIN}RRULE:FREQ=DAILY;COUNT=3|EXDATE;VALUE=DATE:20260303,20260304", ["02 18"]),
        (f"{MORNING_IN_TOKYO}RRULE:FREQ=DAILY;COUNT=3{changed(':20260303T230000Z')}", ["02 23", "04 03", "04 23"]),
        (
            f"{MORNING_IN_TOKYO}RRULE:FREQ=DAILY;COUNT=3"
            f"{changed(';TZID=Asia/Tokyo:20260304T080000', '|STATUS:CANCELLED')}",
            ["02 23", "04 23"],
        ),
        (f"{BERLIN}RRULE:FREQ=DAILY;BYDAY=MO,WE,FR;COUNT=3", ["02 18", "04 18", "06 18"]),
        (f"{BERLIN}RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["31 17"]),
        ("DTSTART;TZID=../../../etc/passwd:20260302T190000|DURATION:PT1H", ["02 19"]),
        (f"DTSTART;TZID={'A/' * 20_000}:20260302T190000|DURATION:PT1H", ["02 19"]),
        (f"{BERLIN}BEGIN:VALARM|TRIGGER:-PT15M|DTSTART:20200101T000000Z|END:VALARM", ["02 18"]),
        (f"{BERLIN}ORGANIZER:|ATTENDEE:|ATTENDEE:urn:uuid:1|SEQUENCE:{'9' * 40}", ["02 18"]),
        (f'{BERLIN}ATTENDEE;CN="{"a" * 50_000}:x', ["02 18"]),
    ],
)
def test_an_odd_event_is_on_its_days(mailbox: Mailbox, tmp_path: Path, lines: str, expected: list[str]) -> None:
    assert imported(mailbox, tmp_path, "odd.ics", calendar(lines)).unreadable == []
    assert starts(mailbox) == expected


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        *((f"{BERLIN}RRULE:FREQ={rule}", NO_RULE) for rule in (
            "DAILY;INTERVAL=0", "DAILY;INTERVAL=99999999999", "DAILY;COUNT=0", "DAILY;COUNT=999999999",
            "DAILY;UNTIL=20269999", "DAILY;UNTIL=20250101", "DAILY;BYHOUR=9,15", "WEEKLY;BYDAY=XX", "WEEKLY;BYDAY=2MO",
            "MONTHLY;BYDAY=5MO", "MONTHLY;BYDAY=-2FR", "MONTHLY;BYDAY=MO", "MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "MONTHLY;BYMONTHDAY=2,16", "YEARLY;BYMONTH=3,6", "YEARLY;BYMONTH=13;BYMONTHDAY=40", "YEARLY;BYDAY=20MO",
            "HOURLY", "DAILY;COUNT=2|RRULE:FREQ=WEEKLY;COUNT=2",
        )),
        (f"{BERLIN}RDATE;TZID=Europe/Berlin:20260305T190000", NO_RULE),
        ("DTSTART;TZID=Asia/Tokyo:00010101T000000|DURATION:PT1H", NO_TIMES),
        ("DTSTART:00010101T000000Z|RRULE:FREQ=DAILY", NO_TIMES),
        ("DTSTART;TZID=America/New_York:99991231T230000|DURATION:PT1H", NO_TIMES),
        ("DTSTART;VALUE=DATE:99991231", NO_TIMES),
        ("DTSTART:20260302T190000Z|DTEND:20260302T180000Z", NO_TIMES),
        ("DTSTART:yesterday", NO_TIMES),
    ],
)  # fmt: skip
def test_an_event_that_outlook_cannot_have_is_named_and_left_out(
    mailbox: Mailbox, tmp_path: Path, lines: str, reason: str
) -> None:
    assert imported(mailbox, tmp_path, "odd.ics", calendar(lines)).unreadable == [("odd.ics", f"Odd: {reason}")]
    assert starts(mailbox) == []


def test_hours_pass_by_when_a_clock_is_set_and_days_do_not(mailbox: Mailbox, tmp_path: Path) -> None:
    for number, lasts in enumerate(("PT8H", "P1D")):
        lines = f"DTSTART;TZID=Europe/Berlin:20260328T230000|DURATION:{lasts}"
        imported(mailbox, tmp_path, "odd.ics", calendar(lines).replace("UID:1", f"UID:{number}"))
    calendars = Calendars(mailbox.database, mailbox.account).default_calendar()
    ends = [event.end for event in Events(mailbox.database, mailbox.account).masters_in(calendars)]
    assert [f"{end:%d %H}" for end in ends] == ["29 06", "29 21"]


@pytest.mark.parametrize(
    "content",
    [
        calendar(BERLIN).encode("utf-16"),
        b"\xef\xbb\xbf" + calendar(BERLIN).encode(),
        calendar(BERLIN).replace("\r\n", "\r").encode(),
        calendar(BERLIN).replace("Odd", "O\0d\x07d").encode(),
    ],
)
def test_a_file_of_any_encoding_and_with_any_line_breaks_is_read(
    mailbox: Mailbox, tmp_path: Path, content: bytes
) -> None:
    assert imported(mailbox, tmp_path, "odd.ics", content).events == 1
    assert starts(mailbox) == ["02 18"]


@pytest.mark.parametrize(
    "content", [b"", bytes(range(256)) * 500, b"BEGIN:VEVENT\n" * 50_000, b"BEGIN:VEVENT\n" + b"X;" * 100_000]
)
def test_what_never_ends_or_is_no_calendar_is_named_at_once(mailbox: Mailbox, tmp_path: Path, content: bytes) -> None:
    report = imported(mailbox, tmp_path, "odd.ics", content)
    assert report.unreadable == [("odd.ics", "no calendar: it has no event")]


def card(lines: str) -> str:
    return f"BEGIN:VCARD|VERSION:3.0|FN:Bo|{lines}|END:VCARD|".replace("|", "\r\n")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (card("BDAY:2026-99-99"), {}),
        (card("BDAY:--0412"), {"birthday": "1604-04-12T11:59:00Z"}),
        (card("BDAY:19800412T120000Z"), {"birthday": "1980-04-12T11:59:00Z"}),
        (card("EMAIL:nobody|EMAIL:@|EMAIL:<script>@x|EMAIL:mailto:bo@x.example"),
         {"emailAddresses": [{"address": "bo@x.example", "name": "Bo"}]}),
        (card("PHOTO;ENCODING=b;TYPE=JPEG:" + "QUJD" * 50_000), {}),
        (card("TEL;TYPE=CELL,FAX:1|TEL;CELL:2"), {"mobilePhone": "2"}),
        (card("BEGIN:VCARD|FN:In|END:VCARD"), {}),
        (card("X-A;ENCODING=QUOTED-PRINTABLE:" + "=|".join(["a"] * 20_000)), {}),
        (card("ADR;TYPE=HOME:;;1 Road;Town"), {"homeAddress": {"street": "1 Road", "city": "Town"}}),
        (card("").replace("\r\n", "\r"), {}),
    ],
)  # fmt: skip
def test_an_odd_card_becomes_a_contact_of_what_it_has(
    mailbox: Mailbox, tmp_path: Path, content: str, expected: dict[str, Any]
) -> None:
    assert imported(mailbox, tmp_path, "odd.vcf", content).contacts == 1
    (contact,) = Contacts(mailbox.database, mailbox.account).all_contacts()
    assert contact.fields == {"displayName": "Bo", **expected}


@pytest.mark.parametrize("content", ["BEGIN:VCARD\n" * 50_000, "BEGIN:VCARD\nTEL:1\nEND:VCARD\n", '["vcard",[]]'])
def test_a_card_without_an_end_or_a_name_is_named_at_once(mailbox: Mailbox, tmp_path: Path, content: str) -> None:
    report = imported(mailbox, tmp_path, "odd.vcf", content)
    assert report.unreadable == [("odd.vcf", "no contact: it has no card that names somebody")]
