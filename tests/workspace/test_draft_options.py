"""What a draft says besides its text: sender, reply addresses, receipts; and what Exchange tells of recipients."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outlook_mcp.errors import AccessDenied, Conflict, InvalidInput
from outlook_mcp.mail.drafts.content import DraftContent, parse_receipts, reply_to_addresses
from outlook_mcp.mail.lazy import draft_answer
from outlook_mcp.mail.models import Message
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import CONTEXT
from tests.sending import ready_draft
from tests.workspace.conftest import ALL_SCOPES, World

TIPS = "/v1.0/me/getMailTips"
BOB, DAVE = "bob@contoso.example", "dave@fabrikam.example"


@pytest.fixture
def seeded() -> bool:
    return False


async def test_sender_reply_addresses_and_receipts_are_saved_shown_and_part_of_the_check(
    world: World, alice: EmailWorkspace
) -> None:
    content = DraftContent(
        to=(BOB,),
        subject="Plan",
        body="Hi",
        sender="Sales <sales@contoso.example>",
        reply_to=reply_to_addresses(f"{DAVE}, {BOB}"),
        receipts=parse_receipts("read, delivery"),
    )
    saved = await alice.drafts.save_draft(content)
    assert [person.email_address.address for person in saved.message.reply_to] == [DAVE, BOB]
    answer = draft_answer(CONTEXT, saved)
    assert f"Reply to: {DAVE}, {BOB}" in answer
    assert (
        "Comes from sales@contoso.example, not from this mailbox: Exchange decides on sending whether it may." in answer
    )
    assert "Asks for a receipt of read and delivery." in answer
    handle = alice.handles.short(saved.message.id)
    checks = [saved.terms and saved.terms.check]
    for change in (DraftContent(reply_to=()), DraftContent(receipts=frozenset())):
        changed = await alice.drafts.save_draft(change, draft=handle)
        checks.append(changed.terms and changed.terms.check)
    assert len(set(checks)) == 3
    assert changed.message.reply_to == []
    assert not changed.message.is_read_receipt_requested
    with pytest.raises(AccessDenied) as caught:
        await (await ready_draft(alice, handle)).send(alice)
    assert "Nothing was sent" in caught.value.message
    assert "neither as the address in From" in caught.value.next_step


async def test_with_the_right_and_the_permission_a_message_goes_out_from_a_shared_mailbox(world: World) -> None:
    store, user = world.sandbox.store, world.user("alice")
    team = store.add_mailbox(user.tid, "dddddddd-0000-4000-8000-000000000004", "team@contoso.example", "Team")
    grant_rights(team, user.oid, ["send_as"])
    alice = await world.mailbox("alice")
    draft = (
        await alice.drafts.save_draft(DraftContent(to=(BOB,), subject="Ours", sender="team@contoso.example"))
    ).message
    ready = await ready_draft(alice, alice.handles.short(draft.id))
    with pytest.raises(AccessDenied) as caught:
        await ready.send(alice)
    assert "Mail.Send.Shared" in caught.value.next_step
    world.tokens.scopes, world.tokens.held = (*ALL_SCOPES, "Mail.Send.Shared"), {}
    await ready.send(alice)
    await store.outbox.settled()
    bob = store.mailbox(world.user("bob").oid)
    (message,) = bob.messages.select("m.subject = 'Ours'", (), "m.id", 10)
    author = bob.messages.load_message(message).from_
    assert author is not None
    assert author.address == "team@contoso.example"


def test_a_message_id_is_no_address_to_reply_to() -> None:
    with pytest.raises(InvalidInput) as caught:
        reply_to_addresses("4711")
    assert "`of`" in caught.value.next_step


@pytest.mark.parametrize("written", ["", "maybe", "read please"])
def test_other_receipts_are_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="`read`, `delivery`"):
        parse_receipts(written)


async def test_what_exchange_tells_of_recipients_is_in_the_answer(world: World, alice: EmailWorkspace) -> None:
    end = {"dateTime": "2026-12-01T08:00:00.0000000", "timeZone": "UTC"}
    tips: list[dict[str, object]] = [
        {
            "automaticReplies": {"message": "<p>Back in <b>December</b>.</p>", "scheduledEndTime": end},
            "mailboxFull": True,
        },
        {"recipientScope": "external", "automaticReplies": {"message": ""}, "mailboxFull": False},
        {
            "totalMemberCount": 250,
            "externalMemberCount": 3,
            "isModerated": True,
            "customMailTip": "<i>Announcements</i>",
        },
        {"error": {"code": "x", "message": "y"}},
    ]
    addresses = [BOB, DAVE, "all@contoso.example", "nobody@contoso.example"]
    value: list[dict[str, object]] = [
        {"emailAddress": {"address": address}, **tip} for address, tip in zip(addresses, tips, strict=True)
    ]
    world.faults({"route": TIPS, "status": 200, "body": {"value": value}})
    answer = draft_answer(CONTEXT, await alice.drafts.save_draft(DraftContent(to=addresses, subject="Plan")))
    lines = [line for line in answer.splitlines() if line.partition(":")[0] in EXPECTED]
    assert {line.partition(":")[0]: line.partition(": ")[2] for line in lines} == EXPECTED


async def test_exchange_is_asked_about_those_who_get_the_draft(world: World, alice: EmailWorkspace) -> None:
    """As the sandbox computes it from its own mailboxes."""
    saved = await alice.drafts.save_draft(DraftContent(to=(BOB, "nobody@contoso.example"), cc=(DAVE,)))
    lines = draft_answer(CONTEXT, saved).splitlines()
    assert {line for line in lines if line.startswith(("Out", "Unk", "Mailbox", "A mod"))} == {
        "Unknown to Exchange, so mail to it will probably come back: nobody@contoso.example",
        f"Outside the organisation: {DAVE}",
    }


EXPECTED = {
    "Out of office": f"{BOB} until {CONTEXT.time(datetime(2026, 12, 1, 8, tzinfo=UTC))}: Back in December.",
    "Unknown to Exchange, so mail to it will probably come back": "nobody@contoso.example",
    "Mailbox full": BOB,
    "A moderator reads it first": "all@contoso.example",
    "Outside the organisation": DAVE,
    "Large group": "all@contoso.example, 250 members, 3 of them outside",
    "Note on all@contoso.example": "Announcements",
}


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 503}, {"cut": "body"}, {"status": 200, "body": "{"}])
async def test_a_draft_is_saved_whatever_becomes_of_the_tips(
    world: World, alice: EmailWorkspace, fault: dict[str, object]
) -> None:
    world.faults({"route": TIPS, **fault})
    saved = await alice.drafts.save_draft(DraftContent(to=(BOB,), subject="Plan"))
    assert (saved.tips, saved.unread) == ([], None)
    # Without new recipients there is nothing new to tell.
    before = len(world.requests("POST"))
    await alice.drafts.save_draft(DraftContent(subject="Other"), draft=saved.message.id)
    assert len(world.requests("POST")) == before


async def test_what_the_user_changed_in_outlook_is_not_overwritten_unseen(world: World, alice: EmailWorkspace) -> None:
    draft = (await alice.drafts.save_draft(DraftContent(to=(BOB,), subject="Plan", body="Mine"))).message.id
    builder, in_outlook = alice.mail.me.messages.by_message_id(draft), {"contentType": "html", "content": "Theirs"}
    request = alice.mail.request(builder, "PATCH", json={"subject": "Theirs", "body": in_outlook})
    await alice.mail.answer_to(request, Message)
    with pytest.raises(Conflict, match="changed the text and subject of this draft") as caught:
        await alice.drafts.save_draft(DraftContent(subject="Mine again", body="Mine again"), draft=draft)
    assert "mail_read" in caught.value.next_step
    # What was not changed elsewhere can be changed; the answer shows the subject, but not the text.
    await (await world.reopened()).drafts.save_draft(DraftContent(cc=(DAVE,)), draft=draft)
    await alice.drafts.save_draft(DraftContent(subject="Mine again"), draft=draft)
    with pytest.raises(Conflict, match="changed the text of this draft"):
        await alice.drafts.save_draft(DraftContent(body="Mine again"), draft=draft)
    read = await alice.messages.read_messages([alice.handles.short(draft)], view="full")
    assert read.items[0].text.text == "Theirs"
    await alice.drafts.save_draft(DraftContent(body="Both"), draft=draft)
