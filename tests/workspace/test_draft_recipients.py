"""Who a draft goes to: those of a reply and those who are added, and who is dropped by a change."""

from __future__ import annotations

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.choices import DraftKind
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.drafts.drafts import SavedDraft
from outlook_mcp.mail.models import Message
from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.message import Message as StoredMessage
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World

ALICE = "alice@contoso.example"
GRACE = Address("grace@partner.example", "Grace Green")
BOB = Address("bob@contoso.example", "Bob Brandt")
CAROL = Address("carol@contoso.example", "Carol Castellano")
DAVE = Address("dave@fabrikam.example", "Dave Duarte")
ERIN = "erin@fabrikam.example"


@pytest.fixture
def seeded() -> bool:
    return False


def put(world: World, folder: str, from_: Address, to: list[Address], cc: list[Address]) -> Handle:
    box = world.sandbox.store.mailbox(world.user("alice").oid)
    message = StoredMessage(subject="Plan", body="x", from_=from_, sender=from_, to=to, cc=cc)
    return Handle(box.insert_message(message, box.folders.by_name(folder)).immutable_id)


def groups(message: Message) -> tuple[list[str], list[str], list[str]]:
    to, cc, bcc = (
        [recipient.email_address.address or "" for recipient in recipients]
        for recipients in (message.to_recipients, message.cc_recipients, message.bcc_recipients)
    )
    return to, cc, bcc


def addresses_of(saved: SavedDraft) -> list[str]:
    return [recipient.email_address.address or "" for recipient in saved.people.dropped]


def moves(saved: SavedDraft) -> list[tuple[str, str, str]]:
    return [(moved.recipient.email_address.address or "", moved.label, moved.not_in) for moved in saved.people.moved]


async def test_those_who_are_given_are_added_to_the_recipients_of_a_reply(world: World, alice: EmailWorkspace) -> None:
    received = put(world, "inbox", GRACE, [Address(ALICE), BOB], [CAROL, DAVE])
    content = DraftContent(to=(ERIN,), cc=("Frida <frida@x.example>", CAROL.address), bcc=("boss@x.example",))
    saved = await alice.drafts.save_draft(content, kind="reply_all", of=received)
    assert groups(saved.message) == (
        [GRACE.address, BOB.address, ERIN],
        [DAVE.address, "frida@x.example", CAROL.address],
        ["boss@x.example"],
    )
    assert saved.people.dropped == ()
    assert moves(saved) == []


async def test_a_recipient_of_a_reply_who_is_given_in_another_field_is_moved_there(
    world: World, alice: EmailWorkspace
) -> None:
    received = put(world, "inbox", GRACE, [Address(ALICE), BOB], [])
    content = DraftContent(bcc=("GRACE@partner.example",), to=(ERIN,))
    saved = await alice.drafts.save_draft(content, kind="reply_all", of=received)
    assert groups(saved.message) == ([BOB.address, ERIN], [], ["GRACE@partner.example"])
    assert moves(saved) == [("GRACE@partner.example", "Bcc", "To")]


async def test_whoever_is_given_in_two_fields_of_a_new_draft_stands_in_the_first_and_that_is_told(
    alice: EmailWorkspace,
) -> None:
    content = DraftContent(to=(ERIN,), cc=("Erin <ERIN@fabrikam.example>", BOB.address), bcc=(BOB.address,))
    saved = await alice.drafts.save_draft(content)
    assert groups(saved.message) == ([ERIN], [BOB.address], [])
    assert moves(saved) == [(ERIN, "To", "Cc"), (BOB.address, "Cc", "Bcc")]


async def test_a_change_replaces_the_field_and_names_those_who_are_dropped(world: World, alice: EmailWorkspace) -> None:
    content = DraftContent(to=(ERIN, BOB.address), cc=(CAROL.address,), bcc=(DAVE.address,))
    draft = (await alice.drafts.save_draft(content)).message
    saved = await alice.drafts.save_draft(DraftContent(to=(CAROL.address,), bcc=()), draft=draft.id)
    assert groups(saved.message) == ([CAROL.address], [], [])
    assert moves(saved) == [(CAROL.address, "To", "Cc")]
    assert addresses_of(saved) == [ERIN, BOB.address, DAVE.address]
    same = await alice.drafts.save_draft(DraftContent(subject="Other"), draft=draft.id)
    assert (groups(same.message), addresses_of(same)) == (groups(saved.message), [])


async def test_a_name_is_written_as_the_address_of_whom_the_user_wrote_to(world: World, alice: EmailWorkspace) -> None:
    put(world, "sentitems", Address(ALICE, "Alice Archer"), [BOB], [CAROL])
    saved = await alice.drafts.save_draft(DraftContent(to=("Bob; me",), bcc=("carol@contoso.example, x@y.example",)))
    assert groups(saved.message) == ([BOB.address, ALICE], [], [CAROL.address, "x@y.example"])


async def test_a_name_that_is_not_known_leaves_no_draft_behind(world: World, alice: EmailWorkspace) -> None:
    received = put(world, "inbox", GRACE, [Address(ALICE)], [])
    with pytest.raises(InvalidInput, match="has written to nobody called 'Nemo'"):
        await alice.drafts.save_draft(DraftContent(to=(ERIN,), cc=("Nemo",)), kind="reply", of=received)
    assert world.requests("POST", "createreply") == []


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("reply", (), ([BOB.address, CAROL.address], [], [])),
        ("reply_all", (), ([BOB.address, CAROL.address], [DAVE.address], [])),
        ("reply_all", (ERIN,), ([BOB.address, CAROL.address], [DAVE.address, ERIN], [])),
    ],
)
async def test_an_answer_to_a_message_of_ones_own_goes_to_whom_that_went_to(
    world: World,
    alice: EmailWorkspace,
    kind: DraftKind,
    given: tuple[str, ...],
    expected: tuple[list[str], list[str], list[str]],
) -> None:
    sent = put(world, "sentitems", Address(ALICE, "Alice Archer"), [BOB, CAROL], [DAVE])
    saved = await alice.drafts.save_draft(DraftContent(body="<p>x</p>", cc=given or None), kind=kind, of=sent)
    assert groups(saved.message) == expected


async def test_an_answer_to_a_note_to_oneself_goes_to_oneself(world: World, alice: EmailWorkspace) -> None:
    note = put(world, "inbox", Address(ALICE, "Alice Archer"), [Address(ALICE)], [])
    saved = await alice.drafts.save_draft(DraftContent(body="<p>x</p>"), kind="reply", of=note)
    assert groups(saved.message) == ([ALICE], [], [])
