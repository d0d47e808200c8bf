"""event_send of what was prepared: once, to whom it was shown, and told truthfully; and what deletes without a word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outlook_mcp.calendar.changes.fields import EventFields
from outlook_mcp.calendar.changes.results import Prepared
from outlook_mcp.errors import (
    Conflict,
    GraphUnavailable,
    InvalidInput,
    OutcomeUnknown,
    OutlookError,
    Throttled,
)
from tests.calendar.editors import ALICE, BOB, OUTSIDER, World
from tests.calendar.fake_sender import Killed


@pytest.fixture
def world() -> World:
    return World()


async def invitation(world: World) -> str:
    return await world.prepare(subject="Review", start="2026-12-01T10:00", attendees=[BOB, OUTSIDER])


async def moved(world: World) -> str:
    return await world.prepare(await world.meeting(BOB), place="Pine")


async def test_a_prepared_change_is_sent_by_the_first_call_on_any_server_alone(world: World) -> None:
    code = await invitation(world)
    await world.send(code)
    with pytest.raises(Conflict, match="was sent already"):
        await world.send(code)
    assert len(world.tenant.mail) == 2


async def test_a_prepared_change_is_of_one_mailbox_client_and_user(world: World) -> None:
    code = await invitation(world)
    with pytest.raises(InvalidInput, match="another client"):
        await world.editor(client="other").send(code, "send")
    with pytest.raises(InvalidInput, match="another mailbox"):
        await world.editor(connection="second").send(code, "send")
    with pytest.raises(InvalidInput, match="not known"):
        await world.editor(BOB).send(code, "send")
    assert world.tenant.mail == []
    await world.send(code)


async def test_a_change_of_an_event_that_was_changed_since_is_not_sent(world: World) -> None:
    meeting = await world.meeting(BOB)
    code = await world.prepare(meeting, place="Pine")
    await world.save(meeting, reminder_minutes=5)
    world.tenant.mail.clear()
    with pytest.raises(Conflict, match="was changed since"):
        await world.send(code)
    assert world.tenant.mail == []
    with pytest.raises(Conflict, match="was changed since"):
        await world.send(code)
    assert world.tenant.mail == []


async def test_what_was_prepared_is_sent_without_anything_else(world: World) -> None:
    code = await invitation(world)
    with pytest.raises(InvalidInput, match="as it was shown"):
        await world.send(code, comment="And bring the money")
    for handle, action in ((code, "accept"), ("AAMkEvent1", "send")):
        with pytest.raises(InvalidInput, match="is for a prepared change"):
            await world.send(handle, action)
    assert world.tenant.mail == []


@pytest.mark.parametrize("fault", ["lost after", "500 after", "503 after", "504 after", "lost", "500", "503", "504"])
async def test_an_invitation_whose_answer_is_lost_is_sent_once(world: World, fault: str) -> None:
    """The second POST has the transaction id of the first, which made the event or did not."""
    code = await invitation(world)
    world.tenant.faults.append(fault)
    sent = await world.send(code)
    assert sent.was_verified
    assert sorted(mail.to for mail in world.tenant.mail) == [BOB, OUTSIDER]
    assert "Its answer was lost" in world.shown(sent)


@pytest.mark.parametrize(
    ("fault", "is_sent"), [("lost after", True), ("504 after", True), ("lost", False), ("500", False)]
)
async def test_a_change_whose_answer_is_lost_is_looked_for_and_never_repeated(
    world: World, fault: str, is_sent: bool
) -> None:
    meeting = await world.meeting(BOB)
    world.tenant.mail.clear()
    code = await world.prepare(meeting, place="Pine", body="New", start="2026-12-02T10:00")
    world.tenant.faults.append(fault)
    if is_sent:
        assert (await world.send(code)).was_verified
    else:
        with pytest.raises(OutlookError, match="was not made, so nobody was told"):
            await world.send(code)
    assert len(world.tenant.mail) == is_sent
    assert [method for _, method, _ in world.tenant.requests].count("PATCH") == 1


@pytest.mark.parametrize("fault", ["lost", "500", "killed"])
async def test_what_another_change_made_of_the_event_is_not_told_as_sent_by_this_one(world: World, fault: str) -> None:
    meeting = await world.meeting(BOB)
    first, second = [await world.prepare(meeting, place="Pine") for _ in range(2)]
    await world.send(first)
    world.tenant.mail.clear()
    world.tenant.faults.append(fault)
    with pytest.raises(Conflict, match="was changed since"):
        await world.send(second)
    assert world.tenant.mail == []


async def test_what_cannot_be_looked_at_is_told_as_unknown_with_its_people(world: World) -> None:
    meeting = await world.meeting(BOB)
    code = await world.prepare(meeting, place="Pine")
    world.tenant.is_blind = True
    with pytest.raises(GraphUnavailable, match="Nothing was sent, and the prepared change is kept"):
        await world.send(code)
    world.tenant.is_blind = False
    world.tenant.faults.append("lost after")
    world.tenant.goes_blind = True
    with pytest.raises(OutcomeUnknown) as unknown:
        await world.send(code)
    assert unknown.value.recipients == (BOB,)
    with pytest.raises(Conflict, match="no look was possible"):
        await world.send(code)
    world.tenant.is_blind = False
    for _ in range(2):
        with pytest.raises(Conflict, match="was sent already"):
            await world.send(code)


async def unknown(world: World, code: str, fault: str) -> None:
    """Sends it, and neither its answer comes nor can the calendar be looked at."""
    world.tenant.faults.append(fault)
    world.tenant.goes_blind = True
    with pytest.raises(OutcomeUnknown):
        await world.send(code)
    world.tenant.goes_blind = world.tenant.is_blind = False


@pytest.mark.parametrize("fault", ["lost after", "lost"])
async def test_a_change_that_a_look_finds_no_more_stays_open_where_the_event_was_changed_since(
    world: World, fault: str
) -> None:
    meeting = await world.meeting(BOB)
    code = await world.prepare(meeting, place="Pine")
    await unknown(world, code, fault)
    await world.send(await world.prepare(meeting, place="Oak"))
    told = len(world.tenant.mail)
    for _ in range(2):
        with pytest.raises(Conflict, match="may or may not have been sent: the event was changed otherwise since"):
            await world.send(code)
    assert len(world.tenant.mail) == told


async def test_an_invitation_whose_event_is_gone_may_have_been_deleted_since(world: World) -> None:
    code = await invitation(world)
    world.tenant.faults.append("lost after")
    await unknown(world, code, "lost after")
    world.tenant.calendars[ALICE].clear()
    with pytest.raises(Conflict, match="was not sent, unless somebody deleted the event since") as told:
        await world.send(code)
    assert "Ask the user whether they deleted it" in (told.value.next_step or "")


@pytest.mark.parametrize("kind", ["invitation", "update"])
async def test_a_send_whose_process_was_killed_is_looked_into_by_the_next_call(world: World, kind: str) -> None:
    code = await (invitation(world) if kind == "invitation" else moved(world))
    already = len(world.tenant.mail)
    world.tenant.faults.append("killed after")
    with pytest.raises(Killed):
        await world.send(code)
    told = len(world.tenant.mail)
    assert told > already
    with pytest.raises(Conflict, match="was sent already: .* a look shows that it was made, once"):
        await world.send(code)
    with pytest.raises(Conflict, match="was sent already"):
        await world.send(code)
    assert len(world.tenant.mail) == told


@pytest.mark.parametrize("kind", ["invitation", "update"])
async def test_a_send_that_was_killed_before_its_request_is_made_by_a_later_call(world: World, kind: str) -> None:
    code = await (invitation(world) if kind == "invitation" else moved(world))
    already = len(world.tenant.mail)
    world.tenant.faults.append("killed")
    with pytest.raises(Killed):
        await world.send(code)
    # It may be on its way for as long as a call takes.
    with pytest.raises(Conflict, match="does not show it yet"):
        await world.send(code)
    world.now += timedelta(minutes=6)
    with pytest.raises(Conflict, match="was not sent.* a look shows"):
        await world.send(code)
    assert len(world.tenant.mail) == already
    sent = await world.send(code)
    assert [mail.to for mail in world.tenant.mail[already:]] == sent.told
    assert len(world.tenant.mail) == world.quota.counted


async def test_a_send_that_was_throttled_can_be_made_later(world: World) -> None:
    code = await invitation(world)
    world.tenant.faults.append("429")
    with pytest.raises(Throttled):
        await world.send(code)
    assert (world.tenant.mail, world.quota.counted) == ([], 0)
    await world.send(code)
    assert len(world.tenant.mail) == world.quota.counted == 2


async def test_only_what_tells_nobody_is_deleted(world: World) -> None:
    meeting = await world.meeting(BOB)
    (theirs,) = world.of(BOB)
    own = world.tenant.add(ALICE, subject="Focus", start=theirs["start"], end=theirs["end"])
    world.tenant.mail.clear()
    deleted = await world.editor().delete_events([own, meeting, "AAMkNone"])
    assert [handle for handle, _ in deleted.done] == [own]
    assert [handle for handle, _ in deleted.failed] == [meeting, "AAMkNone"]
    assert "Others are invited" in str(deleted.failed[0][1])
    assert (await world.editor(BOB).delete_events([theirs["id"]])).done == [(theirs["id"], True)]
    assert world.tenant.mail == []


async def test_somebody_who_was_invited_meanwhile_is_not_told_by_a_quiet_change(world: World) -> None:
    """The change goes with the etag of the event that nobody was invited to."""
    own = world.tenant.add(ALICE, subject="Focus", **_hour())
    editor = world.editor()
    writing = editor._writing(editor._calendar.own())
    event = await writing.event(own)  # type: ignore[arg-type]
    await world.send(await world.prepare(own, attendees=[BOB]))
    world.tenant.mail.clear()
    with pytest.raises(Conflict):
        await writing.graph.perform(writing.deletion_of(event))
    prepared = await editor.save_event(EventFields(place="Pine"), own)
    assert isinstance(prepared, Prepared)
    assert world.tenant.mail == []


def _hour() -> dict[str, dict[str, str]]:
    return {
        name: {"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "Europe/Berlin"}
        for name, hour in (("start", 10), ("end", 11))
    }


async def test_who_answers_a_whole_series_is_told_that_all_its_dates_are_meant(world: World) -> None:
    meeting = await world.meeting(BOB, repeat="FREQ=WEEKLY;COUNT=3")
    (theirs,) = world.of(BOB)
    said = world.shown(await world.send(theirs["id"], "accept", user=BOB))
    assert "Tue 1 Dec 2026 10:00-11:00 Europe/Berlin; all dates of the series, every Tuesday, 3 times\n" in said
    assert "; all dates of the series, every Tuesday, 3 times\n" in world.shown(await world.send(meeting, "cancel"))
