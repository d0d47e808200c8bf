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
    SignInUnavailable,
    Throttled,
)
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.search.query import MailQuery
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.vaults import vault_in
from tests.waiting import PATIENCE_S, pause, until
from tests.workspace.conftest import World

SEND = "/v1.0/me/messages/*/send"


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(settle_s=0.8, poll_s=0.02)


@pytest.fixture
async def draft(alice: EmailWorkspace) -> MessageId:
    content = DraftContent(to=("bob@contoso.example",), subject="Figures", body="<p>12</p>")
    return (await alice.drafts.save_draft(content)).message.id


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


async def test_a_sent_draft_arrives_once(world: World, alice: EmailWorkspace, draft: MessageId) -> None:
    outcome = await alice.drafts.send_draft(draft)
    assert not outcome.was_verified
    assert outcome.message.subject == "Figures"
    assert await arrived(world) == 1
    assert len(world.requests("POST", "/send")) == 1


@pytest.mark.parametrize("fault", [{"cut": "after"}, {"status": 504}, {"status": 500}, {"cut": "before"}])
async def test_a_lost_answer_is_looked_into_and_nothing_is_posted_twice(
    world: World, alice: EmailWorkspace, draft: MessageId, fault: dict[str, object]
) -> None:
    world.faults({"route": SEND, "method": "POST", **fault})
    if fault == {"cut": "after"}:
        assert (await patient(alice).drafts.send_draft(draft)).was_verified
        assert await arrived(world) == 1
    else:
        with pytest.raises(OutcomeUnknown, match="still a draft"):
            await alice.drafts.send_draft(draft)
    assert len(world.requests("POST", "/send")) == 1


async def test_an_outcome_nobody_can_see_is_unknown(world: World, alice: EmailWorkspace, draft: MessageId) -> None:
    world.faults(
        {"route": SEND, "method": "POST", "cut": "after"},
        {"route": "/v1.0/me/m*", "method": "GET", "skip": 1, "status": 500},
    )
    with pytest.raises(OutcomeUnknown, match="looking for it failed") as caught:
        await alice.drafts.send_draft(draft)
    assert caught.value.remedy is Remedy.LOOK_FOR_SENT


async def test_a_sign_in_that_ends_after_the_post_does_not_hide_that_the_outcome_is_open(
    world: World, alice: EmailWorkspace, draft: MessageId, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.faults({"route": SEND, "method": "POST", "status": 504})
    lent = world.tokens.access_token

    async def until_the_post(*given: Any, **named: Any) -> SecretStr:
        if world.requests("POST", "/send"):
            raise SignInUnavailable("Entra ID does not answer.")
        return await lent(*given, **named)

    monkeypatch.setattr(world.tokens, "access_token", until_the_post)
    with pytest.raises(OutcomeUnknown, match="sign_in_unavailable"):
        await alice.drafts.send_draft(draft)


async def test_a_message_that_left_its_id_is_found_in_sent_items(
    world: World, alice: EmailWorkspace, draft: MessageId
) -> None:
    world.faults(
        {"route": SEND, "method": "POST", "cut": "after"},
        {"route": f"/v1.0/me/messages/{draft}", "method": "GET", "skip": 1, "status": 404},
    )
    assert (await patient(alice).drafts.send_draft(draft)).was_verified


async def test_a_throttled_or_refused_send_is_a_plain_error_and_one_post(
    world: World, alice: EmailWorkspace, draft: MessageId
) -> None:
    world.faults({"route": SEND, "method": "POST", "status": 429, "headers": {"Retry-After": "0"}})
    with pytest.raises(Throttled, match="Nothing was sent"):
        await alice.drafts.send_draft(draft)
    assert len(world.requests("POST", "/send")) == 1
    world.faults()
    await alice.drafts.send_draft(draft)
    assert await arrived(world) == 1


async def test_two_calls_at_once_send_a_draft_once(world: World, alice: EmailWorkspace, draft: MessageId) -> None:
    world.faults({"route": SEND, "method": "POST", "delay_s": 0.2})
    other = replace(alice, folders=alice.folders)
    refused: list[Conflict] = []

    async def send(mailbox: EmailWorkspace) -> None:
        try:
            await mailbox.drafts.send_draft(draft)
        except Conflict as conflict:
            refused.append(conflict)

    async with anyio.create_task_group() as group:
        group.start_soon(send, alice)
        group.start_soon(send, other)
    assert "this one sent nothing" in refused[0].message
    assert "Sent Items" in refused[0].next_step
    assert len(world.requests("POST", "/send")) == 1


async def test_two_servers_at_once_send_a_draft_once(
    world: World, alice: EmailWorkspace, draft: MessageId, tmp_path: Path
) -> None:
    world.faults({"route": SEND, "method": "POST", "delay_s": 0.2})
    ended: list[str] = []

    async def send_from_a_server() -> None:
        vault = vault_in(tmp_path)
        marks = Tickets(vault, Digests(await vault.derive_key("digests")))
        try:
            await replace(alice, marks=marks).drafts.send_draft(draft)
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
    world: World, alice: EmailWorkspace, draft: MessageId
) -> None:
    world.faults(
        {"route": SEND, "method": "POST", "cut": "before"},
        {"route": "/v1.0/me/m*", "method": "GET", "skip": 1, "status": 500},
    )
    with pytest.raises(OutcomeUnknown):
        await alice.drafts.send_draft(draft)
    world.faults()
    with pytest.raises(Conflict, match="sent nothing"):
        await alice.drafts.send_draft(draft)
    assert len(world.requests("POST", "/send")) == 1


async def test_without_the_permission_to_send_the_permission_is_named(world: World, alice: EmailWorkspace) -> None:
    draft = (await alice.drafts.save_draft(DraftContent(to=("bob@contoso.example",)))).message.id
    world.tokens.scopes = ("Mail.ReadWrite",)
    world.tokens.held.clear()
    with pytest.raises(AccessDenied) as caught:
        await alice.drafts.send_draft(draft)
    assert "Mail.Send" in caught.value.next_step


async def test_a_cancellation_during_the_post_waits_for_its_outcome(
    world: World, alice: EmailWorkspace, draft: MessageId
) -> None:
    world.faults({"route": SEND, "method": "POST", "delay_s": 0.4})
    outcomes: list[object] = []

    async def send() -> None:
        outcomes.append(await alice.drafts.send_draft(draft))

    async with anyio.create_task_group() as group:
        group.start_soon(send)
        await until(lambda: len(world.requests("POST", "/send")) == 1)
        group.cancel_scope.cancel()
    assert len(outcomes) == 1
    world.faults()
    assert await arrived(world) == 1
    assert len(world.requests("POST", "/send")) == 1


async def test_what_cannot_be_sent_is_refused_before_the_post(
    world: World, alice: EmailWorkspace, draft: MessageId
) -> None:
    empty = (await alice.drafts.save_draft(DraftContent(subject="Nobody"))).message.id
    with pytest.raises(InvalidInput, match="no recipients"):
        await alice.drafts.send_draft(empty)
    with pytest.raises(InvalidInput, match="not a draft"):
        await alice.drafts.send_draft(world.deliver())
    with pytest.raises(NotFound):
        await alice.drafts.send_draft(Handle("AAAA"))
    assert world.requests("POST", "/send") == []


async def test_a_draft_of_another_user_is_not_found(world: World, draft: MessageId) -> None:
    bob = await world.mailbox("bob")
    with pytest.raises(NotFound):
        await bob.drafts.send_draft(draft)
    assert world.requests("POST", "/send") == []
