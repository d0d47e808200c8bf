"""Calendar files of messages that are no invitations: when and where stands in the answer."""

from __future__ import annotations

import pytest

from outlook_mcp.text.files import reading
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.text.files.made import ics
from tests.workspace.conftest import World
from tests.workspace.test_reading_views import read

DAY = "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSUMMARY:Leave"
ZONED = "DTSTART:20261202T133000Z\nDURATION:PT45M\nSUMMARY:Flight\nLOCATION:Gate 7\nSTATUS:CANCELLED"
OWN = "DTSTART:20261203T090000\nDTEND:20261203T100000\nSUMMARY:Dentist\nRRULE:FREQ=WEEKLY;COUNT=3"
ELSEWHERE = "DTSTART;TZID=Mars/Base:20261203T090000\nSUMMARY:Landing"


@pytest.fixture
def seeded() -> bool:
    return False


async def test_the_first_events_of_calendar_files_are_told_with_the_message(
    world: World, alice: EmailWorkspace
) -> None:
    files = [
        ("trip.ics", "application/octet-stream", ics(ZONED, DAY, OWN, "DTSTART:20261209\nSUMMARY:Fourth")),
        ("broken.ics", "text/calendar", b"BEGIN:VCALENDAR"),
        ("later.ics", "text/calendar", ics(ELSEWHERE)),
    ]
    answer = await read(alice, world.deliver(attachments=files), view="new", whole_conversation=False)
    assert [line for line in answer.splitlines() if "alendar file" in line or line.startswith("Note")] == [
        "In calendar file 1: Flight, Wed 2 Dec 2026 14:30-15:15, Gate 7, called off.",
        "In calendar file 1: Leave, Thu 24 Dec 2026, 3 days.",
        "In calendar file 1: Dentist, Thu 3 Dec 2026 09:00-10:00, the first of a series.",
        "In calendar file 3: Landing, Thu 3 Dec 2026 09:00 in the unknown time zone Mars/Base.",
        "Note: attachment 2 is a calendar file; mail_attachment n=2 shows when and where",
    ]


async def test_without_a_library_for_calendar_files_the_answer_says_how_to_read_them(
    world: World, alice: EmailWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "is_installed", lambda libraries: not libraries)
    message = world.deliver(attachments=[("trip.ics", "text/calendar", ics(ZONED))])
    answer = await read(alice, message, view="new", whole_conversation=False)
    assert "attachment 1 is a calendar file; mail_attachment n=1 shows when and where" in answer
