"""Rooms of the demo office as attendees, through real clients."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outlook_mcp.sandbox import SandboxOptions
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from tests.e2e.office import Office, call
from tests.sending import prepared_in

TOOLSETS = "mail-read calendar-read calendar-write calendar-send contacts-read"
OAK = "oak@contoso.example"
# A Sunday within the time that rooms can be booked ahead, when nobody in the office has anything.
DAY = date.today() + timedelta(days=20 - date.today().weekday())


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=True)


async def test_a_room_is_invited_by_its_name_books_itself_and_is_told_as_taken_to_the_next(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as alice:
        times = {"start": f"{DAY}T10:00", "end": "11:00"}
        shown = await call(alice, "event_save", subject="Plan", attendees=["Room Oak", office.bob.upn], **times)
        assert f"Is invited: {OAK} (room), {office.bob.upn}\n" in shown
        assert "Never written to" not in shown
        assert "Where: Room Oak" in shown
        assert "Taken at that time" not in shown
        sent = await call(alice, "event_send", id=prepared_in(shown)[0], action="send")
        assert f"Not booked yet: {OAK}. A room answers by itself in a moment" in sent
        await office.sandbox.store.outbox.settled()
        listed = await call(alice, "calendar_list", start=f"{DAY}", end=f"{DAY}")
        # The room is none of those who have to answer.
        assert "mine, 0/1 yes" in listed
        event = next(line.split()[0] for line in listed.splitlines() if "Plan" in line)
        assert f"Room Oak <{OAK}> (yes)" in await call(alice, "event_read", ids=[event])
        free = await call(alice, "find_time", people=["room oak"], start=f"{DAY}T09:00", end=f"{DAY}T13:00")
        assert "10:30" not in free
        assert f"'room oak' is {OAK}." in free
        again = await call(alice, "event_save", subject="Other", attendees=[OAK], start=f"{DAY}T10:30")
        assert f"Taken at that time, and will decline: {OAK}" in again
        # Moved by half an hour, the meeting itself keeps nobody from the room.
        moved = await call(alice, "event_save", id=event, start=f"{DAY}T10:30")
        assert "Taken at that time" not in moved
        await call(alice, "event_send", id=prepared_in(again)[0], action="send")
        await office.sandbox.store.outbox.settled()
        listed = await call(alice, "calendar_list", start=f"{DAY}", end=f"{DAY}")
        other = next(line.split()[0] for line in listed.splitlines() if "Other" in line)
        assert f"Room Oak <{OAK}> (no)" in await call(alice, "event_read", ids=[other])
    room = office.sandbox.store.mailbox_by_address(OAK)
    assert room is not None
    calendar = Calendars(room.database, room.account).default_calendar()
    booked = [event.fields["subject"] for event in Events(room.database, room.account).masters_in(calendar)]
    assert booked == [office.alice.display_name]


async def test_without_contacts_read_a_room_is_invited_by_its_address_and_books_itself_too(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS.replace("contacts-read", "")) as alice:
        shown = await call(alice, "event_save", subject="Plan", attendees=[OAK], start=f"{DAY}T10:00")
        assert "Where" not in shown
        await call(alice, "event_send", id=prepared_in(shown)[0], action="send")
        await office.sandbox.store.outbox.settled()
        assert "mine, 1/1 yes" in await call(alice, "calendar_list", start=f"{DAY}", end=f"{DAY}")
