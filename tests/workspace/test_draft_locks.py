"""What is sent is what was checked: meanwhile no other call of these servers changes the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr

from outlook_mcp.errors import Conflict, StoreUnavailable
from outlook_mcp.identity.email_config import Signature
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.sending import ReadyDraft, ready_draft
from tests.workspace.conftest import MarksInMemory, World

EVIL = DraftContent(to=("mallory@evil.example",), body="<p>13</p>")


@pytest.fixture
async def draft(alice: EmailWorkspace) -> ReadyDraft:
    content = DraftContent(to=("bob@contoso.example",), subject="Figures", body="<p>12</p>")
    return await ready_draft(alice, (await alice.drafts.save_draft(content)).message.id)


@dataclass
class SendingSignature:
    """A signature whose owner sends the draft while it is put below the changed text."""

    mailbox: EmailWorkspace
    draft: ReadyDraft

    async def signature(self) -> Signature | None:
        with pytest.raises(Conflict, match=r"changing or sending this draft, so this one sent nothing\."):
            await self.draft.send(self.mailbox)
        return None


class MarksThatStay(MarksInMemory):
    async def discard_ticket(self, purpose: str, handle: SecretStr, /) -> None:
        raise StoreUnavailable("The store does not answer.")


async def test_a_draft_cannot_be_changed_between_its_check_and_the_send(
    alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    async def change() -> None:
        with pytest.raises(Conflict, match=r"so this one changed nothing\.") as refused:
            await alice.drafts.save_draft(EVIL, draft=draft.id)
        assert "mail_read" in refused.value.next_step

    sent = await alice.drafts.send_held(alice.handles.full(draft.id), draft.terms.check, change)
    assert sent.recipients == ["bob@contoso.example"]


async def test_a_draft_that_is_being_changed_is_not_sent_and_can_be_afterwards(
    world: World, alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    writing = alice.drafts_telling(None, signature=SendingSignature(alice, draft))
    await writing.save_draft(DraftContent(body="<p>13</p>"), draft=draft.id)
    assert world.requests("POST", "/send") == []
    await (await ready_draft(alice, draft.id)).send(alice)


async def test_a_change_that_fails_leaves_no_lock(world: World, alice: EmailWorkspace, draft: ReadyDraft) -> None:
    world.faults({"route": "/v1.0/me/messages/*", "method": "PATCH", "status": 403})
    with pytest.raises(Exception, match="403"):
        await alice.drafts.save_draft(EVIL, draft=draft.id)
    await draft.send(alice)


async def test_a_message_that_was_sent_is_told_as_sent_although_the_lock_stays(
    alice: EmailWorkspace, draft: ReadyDraft
) -> None:
    mailbox = replace(alice, shared=replace(alice.shared, marks=MarksThatStay()))
    assert (await draft.send(mailbox)).recipients == ["bob@contoso.example"]
