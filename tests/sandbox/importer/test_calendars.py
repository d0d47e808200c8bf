"""Events from calendar files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outlook_mcp.sandbox.importer import import_path
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent

FILE = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0200
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:series@x.example
SUMMARY:Choir
DTSTART;TZID=Europe/Berlin:20260302T190000
DTEND;TZID=Europe/Berlin:20260302T210000
RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4
EXDATE;TZID=Europe/Berlin:20260309T190000
END:VEVENT
BEGIN:VEVENT
UID:series@x.example
RECURRENCE-ID;TZID=Europe/Berlin:20260316T190000
SUMMARY:Choir\\, in the church
DTSTART;TZID=Europe/Berlin:20260317T190000
DTEND;TZID=Europe/Berlin:20260317T210000
END:VEVENT
BEGIN:VEVENT
UID:invited@x.example
SUMMARY:Review
DTSTART;TZID=Office:20260303T100000
DTEND;TZID=Office:20260303T110000
ORGANIZER;CN=Dora:mailto:dora@x.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:{own}
ATTENDEE;PARTSTAT=DECLINED:mailto:jo@x.example
CATEGORIES:Blue,Red
END:VEVENT
BEGIN:VEVENT
UID:day@x.example
SUMMARY:Holiday
DTSTART;VALUE=DATE:20260304
END:VEVENT
BEGIN:VEVENT
UID:strange@x.example
SUMMARY:Each hour
DTSTART:20260304T100000Z
RRULE:FREQ=HOURLY
END:VEVENT
END:VCALENDAR
"""


def month(mailbox: Mailbox) -> list[StoredEvent]:
    events = Events(mailbox.database, mailbox.account)
    calendar = Calendars(mailbox.database, mailbox.account).default_calendar()
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    return sorted(events.view(calendar, begin, begin + timedelta(days=31)), key=lambda event: event.start)


@pytest.fixture
def file(tmp_path: Path, mailbox: Mailbox) -> Path:
    path = tmp_path / "all.ics"
    path.write_text(FILE.replace("{own}", mailbox.account.upn))
    return path


def test_events_series_and_changed_dates_of_a_file_are_in_the_calendar(mailbox: Mailbox, file: Path) -> None:
    report = import_path(mailbox, file)
    assert report.events == 3
    assert report.unreadable == [("all.ics", "Each hour: Outlook has no such recurrence")]
    assert [(event.fields["subject"], event.start.isoformat()[5:16]) for event in month(mailbox)] == [
        ("Choir", "03-02T18:00"),
        ("Review", "03-03T08:00"),
        ("Holiday", "03-04T00:00"),
        ("Choir, in the church", "03-17T18:00"),
        ("Choir", "03-23T18:00"),
    ]


def test_an_event_of_somebody_else_has_the_owners_answer(mailbox: Mailbox, file: Path) -> None:
    import_path(mailbox, file)
    choir, review, holiday, *_ = month(mailbox)
    assert (choir.fields["isOrganizer"], holiday.is_all_day) == (True, True)
    assert (review.fields["isOrganizer"], review.fields["responseStatus"]["response"]) == (False, "accepted")
    assert (review.fields["showAs"], review.fields["categories"]) == ("busy", ["Blue", "Red"])
    assert [person["status"]["response"] for person in review.fields["attendees"]] == ["accepted", "declined"]


def test_what_is_there_already_and_what_is_no_calendar_is_named(mailbox: Mailbox, file: Path) -> None:
    import_path(mailbox, file)
    again = import_path(mailbox, file)
    assert again.events == 0
    assert ("all.ics", "Holiday: it is in the calendar already") in again.unreadable
    file.write_text("nothing")
    assert import_path(mailbox, file).unreadable == [("all.ics", "no calendar: it has no event")]
