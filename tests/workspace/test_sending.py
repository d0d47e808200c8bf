"""A draft is sent at most once, whatever the network does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import SecretStr

from outlook_mcp.errors import (
    AccessDenied,
    Conflict,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    Remedy,
    SendQuotaExceeded,
    SignInUnavailable,
    Throttled,
)
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.drafts.sending import UnsentDraft
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.sending import ReadyDraft, ready_draft
from tests.vaults import vault_in
from tests.waiting import PATIENCE_S, pause, until
from tests.workspace.conftest import World

SEND = "/v1.0/me/messages/*/send"


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(settle_s=0.8, poll_s=0.02)


@pytest.fixture
async def draft(alice: EmailWorkspace) -> ReadyDraft:
    content = DraftContent(to=("bob@contoso.example",), subject="Figures", body="<p>12</p>")
    return await ready_draft(alice, (await alice.drafts.save_draft(content)).message.id)


def patient(mailbox: EmailWorkspace) -> EmailWorkspace:
    """The mailbox, looked at for as long as it takes."""
    return replace(mailbox, mail_settings=MailSettings(settle_s=PATIENCE_S, poll_s=0.02))


async def arrived(world: World) -> int:
    bob = await world.mailbox("bob")
    for _ in range(50):
        found = await bob.search.search_messages(MailQuery(sender="alice@contoso.example", folder="inbox", unread=True))
        count = sum(message.subject == "Figures" for message in found.messages)
        if count:
            return count
        await pause(0.02)
    return 0


async def test_a_sent_draft_arrives_once(world: World, alice: EmailWorkspace, draft: ReadyDraft) -> None:
    outcome = await draft.send(alice)
    assert not outcome.was_verified
    assert outcome.message.subject == "Figures"
    assert await arrived(world) == 1
    assert len(world.requests("POST", "/send")) == 1


@pytest.mark.parametrize("fault", [{"cut": "after"}, {"status": 504}, {"status": 500}, {"cut": "before"}])
async def test_a_lost_answer_is_looked_into_and_nothing_is_posted_twice(
    world: World, alice: EmailWorkspace, draft: ReadyDraft, fault: dict[str, object]
) -> None:
    world.faults({"route": SEND, "method": "POST", **fault})
    if fault == {"cut": "after"}:
        assert (await draft.send(patient(alice))).was_verified
        assert await arrived(world) == 1
    else:
        with pytest.raises(OutcomeUnknown, match="still a draft"):
            await draft.send(alice)
    assert len(world.requests("POST", "/send")) == 1


async def test_an_outcome_nobody_can_see_is_unknown(world: World, alice: EmailWorkspace, draft: ReadyDraft) -> None:
    world.faults(
        {"route": SEND, "method": "POST", "cut": "after"},
        {"route": "/v1.0/me/m*", "method": "GET", "skip": 1, "status": 500},
    )
    with pytest.raises(OutcomeUnknown, match="looking for it failed") as caught:
        await draft.send(alice)
    assert caught.value.remedy is Remedy.LOOK_FOR_SENT


async def test_a_sign_in_that_ends_after_the_post_does_not_hide_that_the_outcome_is_open(
    world: World, alice: EmailWorkspace, draft: ReadyDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.faults({"route": SEND, "method": "POST", "status": 504})
    lent = world.tokens.access_token

    async def until_the_post(*given: Any, **named: Any) -> SecretStr:
        if world.requests("POST", "/send"):
            raise SignInUnavailable("Entra ID does not answer.")
        return await lent(*given, **named)

    monkeypatch.setattr(world.tokens, "access_token", until_the_post)
    with pytest.raises(OutcomeUnknown, match="sign_in_unavailable"):
        await draft.send(alice)


async def test_a_message_that_left_its_id_is_found_in_sent_items(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    world.faults(
        {"route": SEND, "method": "POST", "cut": "after"},
        {"route": f"/v1.0/me/messages/{draft.id}", "method": "GET", "skip": 1, "status": 404},
    )
    assert (await draft.send(patient(alice))).was_verified


async def test_a_throttled_or_refused_send_is_a_plain_error_and_one_post(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    world.faults({"route": SEND, "method": "POST", "status": 429, "headers": {"Retry-After": "0"}})
    with pytest.raises(Throttled, match="Nothing was sent"):
        await draft.send(alice)
    assert len(world.requests("POST", "/send")) == 1
    world.faults()
    await draft.send(alice)
    assert await arrived(world) == 1


async def test_two_calls_at_once_send_a_draft_once(world: World, alice: EmailWorkspace, draft: ReadyDraft) -> None:
    world.faults({"route": SEND, "method": "POST", "delay_s": 0.2})
    other = replace(alice, folders=alice.folders)
    refused: list[Conflict] = []

    async def send(mailbox: EmailWorkspace) -> None:
        try:
            await draft.send(mailbox)
        except Conflict as conflict:
            refused.append(conflict)

    async with anyio.create_task_group() as group:
        group.start_soon(send, alice)
        group.start_soon(send, other)
    assert "this one sent nothing" in refused[0].message
    assert "Sent Items" in refused[0].next_step
    assert len(world.requests("POST", "/send")) == 1


async def test_two_servers_at_once_send_a_draft_once(
    world: World, alice: EmailWorkspace, draft: ReadyDraft, tmp_path: Path
) -> None:
    world.faults({"route": SEND, "method": "POST", "delay_s": 0.2})
    ended: list[str] = []

    async def send_from_a_server() -> None:
        vault = vault_in(tmp_path)
        marks = Tickets(vault, Digests(await vault.derive_key("digests")))
        try:
            await draft.send(replace(alice, shared=replace(alice.shared, marks=marks)))
            ended.append("sent")
        except Conflict:
            ended.append("refused")
        finally:
            await vault.close()

    async with anyio.create_task_group() as group:
        group.start_soon(send_from_a_server)
        group.start_soon(send_from_a_server)
    assert sorted(ended) == ["refused", "sent"]
    assert len(world.requests("POST", "/send")) == 1


async def test_after_an_outcome_nobody_can_see_the_next_call_sends_nothing(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    world.faults(
        {"route": SEND, "method": "POST", "cut": "before"},
        {"route": "/v1.0/me/m*", "method": "GET", "skip": 1, "status": 500},
    )
    with pytest.raises(OutcomeUnknown):
        await draft.send(alice)
    world.faults()
    with pytest.raises(Conflict, match="sent nothing"):
        await draft.send(alice)
    assert len(world.requests("POST", "/send")) == 1


async def test_without_the_permission_to_send_the_permission_is_named(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    world.tokens.scopes = ("Mail.ReadWrite",)
    world.tokens.held.clear()
    with pytest.raises(AccessDenied) as caught:
        await draft.send(alice)
    assert "Mail.Send" in caught.value.next_step


async def test_a_cancellation_during_the_post_waits_for_its_outcome(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    world.faults({"route": SEND, "method": "POST", "delay_s": 0.4})
    outcomes: list[object] = []

    async def send() -> None:
        outcomes.append(await draft.send(alice))

    async with anyio.create_task_group() as group:
        group.start_soon(send)
        await until(lambda: len(world.requests("POST", "/send")) == 1)
        group.cancel_scope.cancel()
    assert len(outcomes) == 1
    world.faults()
    assert await arrived(world) == 1
    assert len(world.requests("POST", "/send")) == 1


async def test_what_cannot_be_sent_is_refused_before_the_post(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    empty = (await alice.drafts.save_draft(DraftContent(subject="Nobody"))).message.id
    with pytest.raises(InvalidInput, match="no recipients"):
        await alice.drafts.send_draft(empty)
    with pytest.raises(InvalidInput, match="not a draft"):
        await alice.drafts.send_draft(world.deliver())
    with pytest.raises(NotFound):
        await alice.drafts.send_draft(Handle("AAAA"))
    assert world.requests("POST", "/send") == []


async def test_a_list_of_contacts_that_shows_no_address_is_not_sent_to(world: World, alice: EmailWorkspace) -> None:
    """Who its members are, the draft does not tell."""
    box = world.sandbox.store.mailbox(world.user("alice").oid)
    to = [Address("bob@contoso.example", "Bob"), Address("", "Everybody I know")]
    listed = Message(subject="Figures", body="x", is_draft=True, to=to)
    draft = Handle(box.insert_message(listed, box.folders.by_name("drafts")).immutable_id)
    with pytest.raises(InvalidInput, match="has no address"):
        await alice.drafts.send_draft(draft)
    assert world.requests("POST", "/send") == []


async def test_a_draft_of_another_user_is_not_found(world: World, draft: ReadyDraft) -> None:
    bob = await world.mailbox("bob")
    with pytest.raises(NotFound):
        await draft.send(bob)
    assert world.requests("POST", "/send") == []


async def test_a_call_without_recipients_and_check_shows_both_and_sends_nothing(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    for to, check in ((None, draft.terms.check), (draft.terms.to, None), ([], ""), (None, None)):
        unsent = await alice.drafts.send_draft(draft.id, to, check)
        assert isinstance(unsent, UnsentDraft)
        assert unsent.terms == draft.terms
    assert world.requests("POST", "/send") == []


async def test_a_draft_that_was_changed_after_it_was_shown_is_not_sent(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    """A recipient or another text is put in between the user's word and the send."""
    changed = await alice.drafts.save_draft(DraftContent(bcc=("eve@fabrikam.example",)), draft=draft.id)
    for to in (draft.terms.to, ("bob@contoso.example", "eve@fabrikam.example")):
        with pytest.raises(Conflict, match="was changed since"):
            await alice.drafts.send_draft(draft.id, to, draft.terms.check)
    assert changed.terms is not None
    with pytest.raises(Conflict, match="not everybody"):
        await alice.drafts.send_draft(draft.id, draft.terms.to, changed.terms.check)
    assert world.requests("POST", "/send") == []
    assert changed.terms == (await alice.messages.read_messages([draft.id])).items[0].terms
    await ReadyDraft(draft.id, changed.terms).send(alice)


async def test_a_user_who_sent_too_much_sends_nothing_more_and_keeps_the_draft(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    hasty = replace(alice, mail_settings=MailSettings(sends_per_hour=1))
    again = await ready_draft(
        alice, (await alice.drafts.save_draft(DraftContent(to=("bob@contoso.example",)))).message.id
    )
    world.faults({"route": SEND, "method": "POST", "status": 429, "headers": {"Retry-After": "0"}, "times": 1})
    with pytest.raises(Throttled):
        await draft.send(hasty)
    await draft.send(hasty)
    for _ in range(2):
        with pytest.raises(SendQuotaExceeded, match="at most 1 message an hour"):
            await again.send(hasty)
    await again.send(alice)
