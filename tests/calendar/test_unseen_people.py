"""Mail of meetings to people whom nobody has seen: organizers who look like others, and people without an address."""

from __future__ import annotations

import pytest

from outlook_mcp.calendar.changes.results import Prepared
from outlook_mcp.errors import InvalidInput
from tests.calendar.editors import ALICE, BOB, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("action", ["accept", "tentative", "decline"])
async def test_no_answer_goes_to_an_organizer_who_looks_like_somebody_known(world: World, action: str) -> None:
    await world.meeting(BOB)
    (theirs,) = world.of(BOB)
    world.people.refused = (ALICE,)
    with pytest.raises(InvalidInput, match="looks like another one. Nothing was sent") as refused:
        await world.send(theirs["id"], action, user=BOB, comment="The figures: 12")
    assert "in Outlook" in refused.value.next_step
    assert [mail.kind for mail in world.tenant.mail] == ["invitation"]
    assert world.quota.counted == 1, "the invitation alone"


async def test_a_meeting_whose_people_have_names_and_no_addresses_is_not_changed_unseen(world: World) -> None:
    """Such as a list of contacts: who its members are, the event does not tell."""
    meeting = await world.meeting(BOB)
    (own,) = world.of(ALICE)
    own["attendees"] = [{"emailAddress": {"name": "The whole team"}, "type": "required"}]
    prepared = await world.save(meeting, start="2026-12-02T10:00", end="2026-12-02T11:00")
    assert isinstance(prepared, Prepared)
    assert "The whole team" in world.shown(prepared)
    with pytest.raises(InvalidInput, match="Others are invited"):
        await world.editor().delete_events([meeting])
