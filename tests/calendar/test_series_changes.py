"""Changes of one date, of all of a series, and of its rest."""

from __future__ import annotations

import pytest

from outlook_mcp.calendar.changes.results import Prepared, Saved, Sent
from outlook_mcp.errors import Conflict, InvalidInput
from tests.calendar.editors import ALICE, BOB, World


@pytest.fixture
def world() -> World:
    return World()


async def series(world: World, **fields: object) -> str:
    said = {"subject": "Standup", "start": "2026-12-01T09:00", "end": "09:15", "repeat": "FREQ=WEEKLY;COUNT=10"}
    saved = await world.save(**{**said, **fields})  # type: ignore[arg-type]
    assert isinstance(saved, Saved)
    return saved.event.id


async def test_a_series_is_told_in_words(world: World) -> None:
    saved = await world.save(subject="A", start="2026-12-25T09:00", repeat="FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270327")
    assert "Repeats: every last Friday of the month until Sat 27 Mar 2027" in world.shown(saved)


async def test_a_start_that_is_no_date_of_the_rule_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="Begin it on Fri 2026-12-04"):
        await world.save(subject="A", start="2026-12-01T09:00", repeat="FREQ=WEEKLY;BYDAY=FR")


async def test_one_date_is_changed_alone(world: World) -> None:
    master = await series(world)
    await world.save(f"{master}-20261208", start="2026-12-08T11:00")
    event = world.tenant.calendars[ALICE][master]
    assert list(event["changed"]) == ["2026-12-08"]
    with pytest.raises(InvalidInput, match="one date of a series"):
        await world.save(f"{master}-20261208", repeat="FREQ=DAILY")


async def test_before_a_series_is_changed_the_dates_that_it_puts_back_are_named(world: World) -> None:
    master = await series(world)
    await world.save(f"{master}-20261208", start="2026-12-08T11:00")
    await world.editor().delete_events([f"{master}-20261215"])
    prepared = await world.save(master, start="2026-12-01T10:00")
    shown = world.shown(prepared)
    assert shown.startswith("Not saved yet: what was changed or left out on single dates of the series would be lost.")
    assert "Becomes regular again: Tue 8 Dec 2026 (changed), Tue 15 Dec 2026 (left out)" in shown
    assert isinstance(prepared, Prepared)
    ((code, _),) = prepared.changes
    assert f'Once they agree: event_save(id="{code}"), within 24 hours.' in shown
    assert list(world.tenant.calendars[ALICE][master]["changed"]) == ["2026-12-08"]
    with pytest.raises(InvalidInput, match="made as it was shown"):
        await world.save(code, subject="Other")
    saved = world.shown(await world.save(code))
    assert saved.startswith("Saved: ")
    assert saved.endswith("Nobody else was told.")
    assert (world.tenant.mail, world.quota.counted) == ([], 0)
    with pytest.raises(Conflict, match="sent already"):
        await world.save(code)
    event = world.tenant.calendars[ALICE][master]
    assert event["recurrence"]["range"] == {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 10}
    # A change that leaves its times alone keeps them.
    renamed = await world.save(master, subject="Daily")
    assert isinstance(renamed, Saved)
    assert f"Changed {master} (all dates of the series). Nobody" in world.shown(renamed)
    one = await world.save(f"{master}-20261229", subject="Other")
    assert "all dates" not in world.shown(one)


async def test_a_prepared_change_of_which_others_hear_is_not_made_by_saving(world: World) -> None:
    code = await world.prepare(subject="Review", start="2026-12-01T10:00", attendees=[BOB])
    with pytest.raises(InvalidInput, match=f'event_send\\(id="{code}", action="send"\\)'):
        await world.save(code)
    assert world.tenant.mail == []
    await world.send(code)
    assert len(world.tenant.mail) == 1


async def test_of_a_series_that_began_long_ago_the_dates_ahead_are_looked_at_and_what_was_not_is_said(
    world: World,
) -> None:
    master = await series(world, start="2015-01-08T09:00", repeat="FREQ=MONTHLY;COUNT=200")
    await world.save(f"{master}-20261208", start="2026-12-08T11:00")
    await world.editor().delete_events([f"{master}-20270108", f"{master}-20150208"])
    prepared = await world.save(master, start="2015-01-08T10:00")
    assert (
        "regular again: Tue 8 Dec 2026 (changed), Fri 8 Jan 2027 (left out), "
        "any before Tue 25 Nov 2025, which were not looked at\n" in world.shown(prepared)
    )


async def test_before_a_meeting_is_changed_the_dates_that_it_puts_back_are_shown(world: World) -> None:
    prepared = await world.save(
        subject="Standup", start="2026-12-01T09:00", repeat="FREQ=WEEKLY;COUNT=5", attendees=[BOB]
    )
    assert isinstance(prepared, Prepared)
    sent = await world.send(prepared.changes[0][0])
    assert sent.event is not None
    await world.send(await world.prepare(f"{sent.event.id}-20261208", place="Pine"))
    again = await world.save(sent.event.id, repeat="FREQ=WEEKLY;COUNT=3")
    assert "Becomes regular again: Tue 8 Dec 2026 (changed)" in world.shown(again)
    assert "Repeats: every Tuesday, 5 times -> every Tuesday, 3 times" in world.shown(again)


async def test_a_series_moves_to_other_days_only_with_a_rule(world: World) -> None:
    master = await series(world)
    with pytest.raises(InvalidInput, match="begins on 2026-12-01"):
        await world.save(master, start="2026-12-02T09:00")
    await world.save(master, start="2026-12-02T09:00", repeat="FREQ=WEEKLY;BYDAY=WE;COUNT=4")
    assert world.tenant.calendars[ALICE][master]["recurrence"]["pattern"]["daysOfWeek"] == ["wednesday"]
    await world.save(master, repeat="none")
    assert world.tenant.calendars[ALICE][master]["type"] == "singleInstance"


async def test_a_series_is_changed_from_a_date_on_and_what_is_lost_is_said(world: World) -> None:
    master = await series(world, body="Agenda", place="Pine")
    await world.save(f"{master}-20261229", start="2026-12-29T11:00")
    prepared = await world.save(f"{master}-20261222", start="2026-12-22T10:00", from_here=True)
    assert isinstance(prepared, Prepared)
    shown = world.shown(prepared)
    assert "The old series ends before it; lost: what was changed or left out on Tue 29 Dec 2026 (changed).\n" in shown
    # The old series has no such date any more.
    assert "Becomes regular again" not in shown
    (begin, _), (end, _) = prepared.changes
    assert f'event_save(id="{begin}") then event_save(id="{end}")' in shown
    saved = await world.save(begin)
    assert isinstance(saved, Sent)
    assert saved.event is not None
    await world.save(end)
    assert world.tenant.mail == []
    old, new = (world.tenant.calendars[ALICE][item] for item in (master, saved.event.id))
    assert old["recurrence"]["range"]["endDate"] == "2026-12-15"
    assert new["recurrence"]["range"] == {"type": "numbered", "startDate": "2026-12-22", "numberOfOccurrences": 7}
    assert (new["start"]["dateTime"][:16], new["end"]["dateTime"][:16]) == ("2026-12-22T09:00", "2026-12-22T09:15")
    assert (new["subject"], new["location"]["displayName"]) == ("Standup", "Pine")
    assert "Agenda" in new["body"]["content"]
    with pytest.raises(InvalidInput, match="first date"):
        await world.save(f"{saved.event.id}-20261222", subject="X", from_here=True)


async def test_where_a_divided_series_is_not_ended_both_are_named(world: World) -> None:
    master = await series(world)
    world.tenant.faults += ["", "412"]
    with pytest.raises(
        Conflict, match=f"new series AAMk\\w+ was created, but that the old one, {master}, was ended"
    ) as told:
        await world.save(f"{master}-20261222", start="2026-12-22T10:00", from_here=True)
    assert "Nothing was changed" not in told.value.message
    assert "delete the new one" in (told.value.next_step or "")


async def test_the_rest_of_a_meeting_is_prepared_as_two_changes_the_new_one_first(world: World) -> None:
    prepared = await world.save(
        subject="Standup", start="2026-12-01T09:00", repeat="FREQ=WEEKLY", attendees=[BOB], online=True
    )
    assert isinstance(prepared, Prepared)
    sent = await world.send(prepared.changes[0][0])
    assert sent.event is not None
    world.tenant.mail.clear()
    rest = await world.save(f"{sent.event.id}-20261215", place="Oak", from_here=True)
    assert isinstance(rest, Prepared)
    answer = world.shown(rest)
    # Nobody has answered yet.
    assert "lost: the address to join by, for which it gets a new one.\n" in answer
    (begin, _), (end, _) = rest.changes
    assert answer.index(f'id="{begin}"') < answer.index(f'id="{end}"')
    assert world.tenant.mail == []
    await world.send(begin)
    await world.send(end)
    assert [mail.kind for mail in world.tenant.mail] == ["invitation", "update"]
    assert world.tenant.calendars[ALICE][sent.event.id]["recurrence"]["range"]["endDate"] == "2026-12-08"


async def test_a_series_keeps_its_time_of_day_over_the_change_of_the_clocks(world: World) -> None:
    master = await series(world, start="2027-03-02T09:00", end="10:00", repeat="FREQ=WEEKLY;COUNT=8")
    saved = await world.save(f"{master}-20270406", place="Oak", from_here=True)
    assert isinstance(saved, Saved)
    assert saved.event.start is not None
    assert saved.event.start.date_time[:16] == "2027-04-06T07:00"
