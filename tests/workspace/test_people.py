"""Names as recipients: who the user wrote to, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.workspace.models import ONLY_SENT_ITEMS, PeopleSources
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World

ERIN = Address("erin@fabrikam.example", "Erin Evans")


@pytest.fixture
def seeded() -> bool:
    return False


def wrote(world: World, *to: Address, **more: Any) -> None:
    """A message of Alice in her Sent Items."""
    box = world.sandbox.store.mailbox(world.user("alice").oid)
    me = Address(world.user("alice").upn, "Alice Archer")
    box.insert_message(
        Message(subject="Sent", body="x", from_=me, sender=me, to=list(to), **more), box.folders.by_name("sentitems")
    )


async def test_a_name_that_one_person_has_is_their_address(world: World, alice: EmailWorkspace) -> None:
    wrote(world, ERIN, cc=[Address("j@fabrikam.example", "Größe, Jürgen")])
    for name, address in (
        ("Erin", ERIN.address),
        ("erin evans", ERIN.address),
        ("Evans, Erin", ERIN.address),
        ("Jurgen Größe", "j@fabrikam.example"),
        ("J", "j@fabrikam.example"),
    ):
        assert await alice.people_from(ONLY_SENT_ITEMS).recipients([name]) == (address,), name


async def test_me_is_the_user_and_addresses_stay_as_they_are(world: World, alice: EmailWorkspace) -> None:
    written = ["Me", "Bob <bob@contoso.example>", "a@x.example, b@x.example; c@x.example", '"Doe, Jo" <jo@x.example>']
    assert await alice.people_from(ONLY_SENT_ITEMS).recipients(written) == (
        "alice@contoso.example",
        "Bob <bob@contoso.example>",
        "a@x.example",
        "b@x.example",
        "c@x.example",
        '"Doe, Jo" <jo@x.example>',
    )
    assert await alice.people_from(ONLY_SENT_ITEMS).recipients([]) == ()


async def test_a_name_of_several_people_is_answered_with_all_of_them(world: World, alice: EmailWorkspace) -> None:
    wrote(world, ERIN, Address("erin@evil.example", "Erin Evans"))
    with pytest.raises(InvalidInput) as refused:
        await alice.people_from(ONLY_SENT_ITEMS).recipients(["Erin"])
    assert "Erin Evans <erin@fabrikam.example>" in refused.value.next_step
    assert "Erin Evans <erin@evil.example>" in refused.value.next_step


async def test_the_name_that_a_sender_chose_is_nobodys(world: World, alice: EmailWorkspace) -> None:
    world.deliver(sender="Erin Evans <erin@evil.example>")
    with pytest.raises(InvalidInput, match="has written to nobody called 'Erin'"):
        await alice.people_from(ONLY_SENT_ITEMS).recipients(["Erin"])
    wrote(world, ERIN)
    assert await alice.people_from(ONLY_SENT_ITEMS).recipients(["Erin"]) == (ERIN.address,)


async def test_where_no_source_may_be_asked_that_is_said(world: World, alice: EmailWorkspace) -> None:
    nowhere = alice.people_from(PeopleSources(sent_items=False))
    with pytest.raises(InvalidInput, match="may look up no names, so the address of 'Erin' is not known"):
        await nowhere.recipients(["Erin"])
    assert await nowhere.recipients(["erin@fabrikam.example"]) == ("erin@fabrikam.example",)


async def test_every_word_of_a_name_has_to_be_one_of_the_persons(world: World, alice: EmailWorkspace) -> None:
    wrote(world, ERIN, Address("bob@contoso.example", "Bob Novak"))
    for name in ("Eri", "Erin Novak", "Bob Evans"):
        with pytest.raises(InvalidInput, match="has written to nobody"):
            await alice.people_from(ONLY_SENT_ITEMS).recipients([name])


async def test_where_the_index_does_not_answer_the_newest_sent_messages_are_looked_at(
    world: World, alice: EmailWorkspace
) -> None:
    wrote(world, ERIN)
    world.faults({"route": "/v1.0/me/mailFolders/sentitems/messages", "query": "$search=", "status": 503})
    assert await alice.people_from(ONLY_SENT_ITEMS).recipients(["Erin"]) == (ERIN.address,)
