"""Meetings through real clients of two people, against the sandbox: prepared, sent, answered, changed and cancelled."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from outlook_mcp.sandbox import SandboxOptions, User
from tests.e2e.office import Office, call, refusal
from tests.e2e.test_calendar import MONDAY, line_of, outlook_of
from tests.mail.shown import unmarked
from tests.sending import prepared_in

TOOLSETS = "mail-read calendar-read calendar-write calendar-send"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False, control=True)


async def mail_of(office: Office, user: User) -> list[str]:
    """The subjects of the messages in a mailbox, the oldest first."""
    await office.sandbox.store.outbox.settled()
    return [message.subject for message in office.mailbox(user).messages.select("1 = 1", (), order="m.id", limit=50)]


async def test_a_meeting_is_prepared_sent_answered_from_the_mail_changed_and_cancelled(office: Office) -> None:
    address = office.bob.upn
    async with (
        office.client(office.alice, toolsets=TOOLSETS) as alice,
        office.client(office.bob, toolsets=TOOLSETS) as bob,
    ):
        shown = await call(
            alice, "event_save", subject="Review", start="2030-01-07T10:00", end="11:00", attendees=[address]
        )
        assert f"Is invited: {address}" in shown
        assert await mail_of(office, office.bob) == []
        (code,) = prepared_in(shown)
        assert f"Mail goes to {address}." in await call(alice, "event_send", id=code, action="send")
        assert "was sent already" in await refusal(alice, "event_send", id=code, action="send")
        assert await mail_of(office, office.bob) == ["Review"]
        # Bob answers by the id of the mail.
        (mail,) = re.findall(r"^(\d+) ", await call(bob, "mail_search"), re.MULTILINE)
        answered = await call(bob, "event_send", id=mail, action="accept", comment="Gladly")
        assert "Accepted" in answered
        assert await mail_of(office, office.alice) == ["Review", "Accepted: Review"]
        listed = await call(alice, "calendar_list", start="2030-01-07", end="2030-01-07")
        (event,) = re.findall(r"^(\d+) 10:00-11:00", listed, re.MULTILINE)
        moved = await call(alice, "event_save", id=event, start="2030-01-08T10:00")
        assert "Mon 7 Jan 2030 10:00-11:00" in moved
        assert f"Is told: {address}" in moved
        await call(alice, "event_send", id=prepared_in(moved)[0], action="send")
        assert await mail_of(office, office.bob) == ["Review", "Accepted: Review", "Review"]
        # The first mail is out of date now, and is not answered.
        assert "Nothing was sent" in await refusal(bob, "event_send", id=mail, action="decline")
        (latest,) = re.findall(r"^(\d+) .*not answered", await call(bob, "mail_search"), re.MULTILINE)
        assert "Declined" in await call(bob, "event_send", id=latest, action="decline", comment="I am away")
        sent = ["Review", "Accepted: Review", "Review", "Declined: Review"]
        assert await mail_of(office, office.alice) == sent
        said = "declined, and not in the calendar any more"
        assert said in line_of(await call(bob, "mail_search"), f"{latest} ")
        assert f"; {said}\n" in await call(bob, "mail_read", ids=[latest])
        assert "Nothing was sent" in await refusal(bob, "event_send", id=latest, action="accept")
        assert "Cancelled" in await call(alice, "event_send", id=event, action="cancel", comment="Sorry")
        assert await mail_of(office, office.bob) == [*sent, "Canceled: Review"]


async def test_an_invitation_that_a_delegate_gets_says_for_whom_it_is_and_is_not_answered_here(office: Office) -> None:
    owner, delegate = office.alice.upn, {"address": office.bob.upn}
    async with outlook_of(office, office.alice) as alice, outlook_of(office, office.sandbox.users[2]) as carol:
        share = {"emailAddress": delegate, "role": "delegateWithoutPrivateEventAccess"}
        assert (await alice.http.post("/me/calendar/calendarPermissions", json=share)).status_code == 201
        await carol.create("Steering", 0, "10:00-11:00", owner)
    await office.sandbox.store.outbox.settled()
    async with office.client(office.bob, toolsets=TOOLSETS) as bob:
        line = line_of(await call(bob, "mail_search"), "Steering")
        assert "(for somebody else, as whose delegate the user got it)" in line
        mail = line.split()[0]
        read = await call(bob, "mail_read", ids=[mail])
        assert f"; it is for {owner}, as whose delegate the user got it" in read
        assert "An answer would be in their name, and is given in Outlook, not by event_send" in read
        assert "as whose delegate" in await refusal(bob, "event_read", ids=[mail])
        assert "Nothing was sent" in await refusal(bob, "event_send", id=mail, action="accept")
    assert await mail_of(office, office.sandbox.users[2]) == ["Steering"]


async def test_what_nobody_hears_of_is_written_at_once_and_deleted(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as alice:
        created = await call(
            alice, "event_save", subject="Stand-up", start="2030-03-04T09:00", end="09:15", repeat="FREQ=WEEKLY;COUNT=9"
        )
        assert "Repeats: every Monday, 9 times" in created
        listed = await call(alice, "calendar_list", start="2030-03-25", end="2030-04-07")
        dates = re.findall(r"^(\d+@\d{6}) 09:00-09:15 Stand-up", listed, re.MULTILINE)
        assert [date[-6:] for date in dates] == ["300325", "300401"]
        await call(alice, "event_save", id=dates[0], start="2030-03-25T14:00", place="Pine")
        series = dates[0].partition("@")[0]
        await call(alice, "event_delete", ids=[f"{series}@300318"])
        told = await call(alice, "event_read", ids=[series])
        assert "the first of a series, every Monday, 9 times\n" in told
        assert "Changed dates: Mon 25 Mar 2030 is Mon 25 Mar 2030 14:00-14:15, Pine\n" in told
        assert "Left out: Mon 18 Mar 2030\n" in told
        changed = await call(alice, "event_save", id=dates[1], start="2030-04-01T08:00", from_here=True)
        # The old series is written anew when it ends, which undoes what was changed in it.
        assert "The old series ends before it; lost: " in changed
        assert "Mon 25 Mar 2030 (changed)" in changed
        for code in re.findall(r'event_save\(id="([^"]+)"\)', changed):
            assert "Nobody else was told." in await call(alice, "event_save", id=code)
        await call(alice, "event_save", id=dates[0], start="15:00")
        shown = await call(alice, "event_save", id=series, start="2030-03-04T10:00")
        assert "Becomes regular again: Mon 25 Mar 2030 (changed)" in shown
        assert "15:00-15:15" in await call(alice, "event_read", ids=[dates[0]])
        assert f"Deleted: {series} (all dates of the series). Nobody" in await call(alice, "event_delete", ids=[series])
        assert "08:00-08:15 Stand-up" in await call(alice, "calendar_list", start="2030-04-01", end="2030-04-08")
        assert "does not exist" in await refusal(
            alice, "event_save", subject="X", start="2030-03-31T02:30", zone="Europe/Berlin"
        )
    assert await mail_of(office, office.alice) == []


async def _share(office: Office, owner: User, role: str) -> None:
    async with outlook_of(office, owner) as outlook:
        share = {"emailAddress": {"address": office.alice.upn}, "role": role}
        assert (await outlook.http.post("/me/calendar/calendarPermissions", json=share)).status_code == 201


async def test_an_event_is_created_in_the_calendar_that_is_named_and_stays_there(office: Office) -> None:
    async with outlook_of(office, office.alice) as outlook:
        assert (await outlook.http.post("/me/calendars", json={"name": "Family"})).status_code == 201
    times = {"start": "2030-01-07T10:00", "end": "11:00"}
    async with office.client(office.alice, toolsets=TOOLSETS) as alice:
        await call(alice, "event_save", subject="Work", **times)
        created = await call(alice, "event_save", subject="Football", calendar="family", **times)
        assert "in the calendar {Family}. Nobody else was told." in unmarked(created)
        assert "At that time" not in created
        listed = await call(alice, "calendar_list", start="2030-01-07", end="2030-01-07", calendar="Family")
        assert "Football" in listed
        assert "Work" not in listed
        (event,) = re.findall(r"^(\d+) 10:00", listed, re.MULTILINE)
        shown = await call(
            alice, "event_save", subject="Picnic", calendar="Family", attendees=[office.bob.upn], **times
        )
        assert "It is to be in the calendar {Family}." in unmarked(shown)
        assert f"At that time: {event} 10:00-11:00 Football" in shown
        await call(alice, "event_send", id=prepared_in(shown)[0], action="send")
        assert "Picnic" in await call(alice, "calendar_list", start="2030-01-07", end="2030-01-07", calendar="Family")
        assert "Picnic" not in await call(alice, "calendar_list", start="2030-01-07", end="2030-01-07")
        assert "Changed" in await call(alice, "event_save", id=event, start="2030-01-07T12:00")
        assert "stays in the calendar" in await refusal(alice, "event_save", id=event, calendar="Calendar")
        assert "Calendar, Family</data" in await refusal(alice, "event_save", subject="X", calendar="Zebra", **times)
        assert "into one calendar" in await refusal(alice, "event_save", subject="X", calendar="all", **times)


async def test_what_may_be_changed_in_the_calendar_of_somebody_else_is_changed_there(office: Office) -> None:
    bob, times = office.bob.upn, {"start": "2030-01-07T10:00", "end": "11:00"}
    await _share(office, office.bob, "write")
    async with outlook_of(office, office.bob) as outlook:
        await outlook.create("Surgery", 1, "11:00-12:00", sensitivity="private")
    async with office.client(office.alice, toolsets=TOOLSETS, shared_mailboxes=True) as alice:
        created = await call(alice, "event_save", subject="Desk", calendar=bob, **times)
        (event,) = re.findall(rf"Created (\d+:{re.escape(bob)}) in the calendar", created)
        assert "Changed" in await call(alice, "event_save", id=event, place="Oslo")
        shown = await call(
            alice, "event_save", subject="Review", calendar=bob, attendees=["carol@contoso.example"], **times
        )
        assert f"It is to be in the calendar {bob}, in the name of {bob}." in shown
        assert f"At that time: {event} 10:00-11:00 Desk" in shown
        assert await mail_of(office, office.bob) == []
        assert "Mail goes to carol" in await call(alice, "event_send", id=prepared_in(shown)[0], action="send")
        assert await mail_of(office, office.bob) == ["Review"]
        assert await mail_of(office, office.alice) == []
        listed = await call(alice, "calendar_list", start="2030-01-07", end="2030-01-07", calendar=bob)
        assert "Desk, Oslo" in listed
        assert "No event" in await call(alice, "calendar_list", start="2030-01-07", end="2030-01-07")
        (meeting,) = re.findall(r"^(\S+) 10:00-11:00 ?!? Review", listed, re.MULTILINE)
        assert "who alone answers and cancels" in await refusal(alice, "event_send", id=meeting, action="cancel")
        day = MONDAY + timedelta(days=1)
        hidden = line_of(await call(alice, "calendar_list", start=f"{day}", end=f"{day}", calendar=bob), "private")
        private = hidden.split()[0]
        assert "private to the owner" in await refusal(alice, "event_save", id=private, subject="Seen")
        assert "private to the owner" in await refusal(alice, "event_delete", ids=[private])
        assert f"Deleted: {event}" in await call(alice, "event_delete", ids=[event])
    async with office.client(office.bob, toolsets=TOOLSETS) as owner:
        assert "Review" in await call(owner, "calendar_list", start="2030-01-07", end="2030-01-07")
        assert "Surgery" in await call(owner, "calendar_list", start=f"{day}", end=f"{day}")


async def test_a_calendar_that_is_not_shared_for_writing_is_not_written(office: Office) -> None:
    carol = next(user for user in office.sandbox.users if user.upn.startswith("carol"))
    await _share(office, office.bob, "read")
    async with outlook_of(office, office.bob) as outlook:
        event = await outlook.create("Standup", 1, "11:00-12:00")
    async with office.client(office.alice, toolsets=TOOLSETS, shared_mailboxes=True) as alice:
        said = {"subject": "X", "start": "2030-01-07T10:00"}
        read_only = f"The calendar {office.bob.upn} may be read, but not changed by the user. Ask {office.bob.upn}"
        assert read_only in await refusal(alice, "event_save", calendar=office.bob.upn, **said)
        day = MONDAY + timedelta(days=1)
        listed = await call(alice, "calendar_list", start=f"{day}", end=f"{day}", calendar=office.bob.upn)
        handle = line_of(listed, "Standup").split()[0]
        assert read_only in await refusal(alice, "event_save", id=handle, subject="Mine")
        assert read_only in await refusal(alice, "event_delete", ids=[handle])
        assert "has not shared a calendar" in await refusal(alice, "event_save", calendar=carol.upn, **said)
    async with outlook_of(office, office.bob) as outlook:
        assert (await outlook.http.get(f"/me/events/{event['id']}")).json()["subject"] == "Standup"
    async with office.client(carol, toolsets=TOOLSETS) as client:
        told = await refusal(client, "event_save", calendar=office.bob.upn, **said)
        assert "The permission Calendars.Read.Shared is missing" in told
