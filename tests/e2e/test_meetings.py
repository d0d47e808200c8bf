"""Meetings through real clients of two people, against the sandbox: prepared, sent, answered, changed and cancelled."""

from __future__ import annotations

import re

import pytest

from outlook_mcp.sandbox import SandboxOptions, User
from tests.e2e.office import Office, call, refusal

TOOLSETS = "mail-read calendar-read calendar-write calendar-send"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False)


def prepared_in(answer: str) -> list[str]:
    """The ids of the prepared changes that an answer shows, in the order in which they are to be sent."""
    return re.findall(r'event_send\(id="(prepared-\w+)", action="send"\)', answer)


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
        assert "Cancelled" in await call(alice, "event_send", id=event, action="cancel", comment="Sorry")
        sent = ["Review", "Accepted: Review", "Review", "Canceled: Review"]
        assert await mail_of(office, office.bob) == sent


async def test_what_nobody_hears_of_is_written_at_once_and_deleted(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as alice:
        created = await call(
            alice, "event_save", subject="Stand-up", start="2030-03-04T09:00", end="09:15", repeat="FREQ=WEEKLY;COUNT=9"
        )
        assert "Repeats: every Monday, 9 times" in created
        listed = await call(alice, "calendar_list", start="2030-03-25", end="2030-04-07")
        dates = re.findall(r"^(\d+@\d{6}) 09:00-09:15 Stand-up", listed, re.MULTILINE)
        assert [date[-6:] for date in dates] == ["300325", "300401"]
        await call(alice, "event_save", id=dates[0], start="2030-03-25T14:00")
        changed = await call(alice, "event_save", id=dates[1], start="2030-04-01T08:00", from_here=True)
        # The old series is written anew when it ends, which undoes what was changed in it.
        assert "The old series ends before it; lost are" in changed
        assert "Mon 25 Mar 2030 (changed)" in changed
        await call(alice, "event_save", id=dates[0], start="2030-03-25T14:00")
        series = dates[0].partition("@")[0]
        shown = await call(alice, "event_save", id=series, start="2030-03-04T10:00")
        assert "regular again on Mon 25 Mar 2030 (changed)" in shown
        assert f"Deleted: {series}" in await call(alice, "event_delete", ids=[series])
        assert "08:00-08:15 Stand-up" in await call(alice, "calendar_list", start="2030-04-01", end="2030-04-08")
        assert "does not exist" in await refusal(
            alice, "event_save", subject="X", start="2030-03-31T02:30", zone="Europe/Berlin"
        )
    assert await mail_of(office, office.alice) == []
