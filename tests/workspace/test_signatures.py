"""The signature that a user keeps for this server, below the text of drafts."""

from __future__ import annotations

import re

import pytest

from outlook_mcp.identity.email_config import Signature
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.models import Message
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World
from tests.workspace.test_drafts import html_of


@pytest.fixture
def seeded() -> bool:
    return False


async def test_the_signature_of_the_mailbox_stands_below_the_text_once(world: World, alice: EmailWorkspace) -> None:
    await alice.kept_settings.change_config(signature=Signature(content="Alice Archer\nContoso <Sales>"))
    alice = await world.reopened()
    draft = (await alice.drafts.save_draft(DraftContent(body="Hello Bob."))).message
    words = re.sub(r"<[^<>]*>|\s+", " ", html_of(draft))
    assert re.search(r"Hello Bob\. +Alice Archer +Contoso &lt;Sales&gt; *$", words), words
    again = await alice.drafts.save_draft(DraftContent(body="Hello again."), draft=draft.id)
    assert html_of(again.message).count("Alice Archer") == 1
    reply = await alice.drafts.save_draft(DraftContent(body="Yes."), kind="reply", of=world.deliver(text="Original.\n"))
    html = html_of(reply.message)
    assert html.index("Yes.") < html.index("Alice Archer") < html.index("Original.")
    # Whoever writes it gets no second one, and whoever deletes it is not given it again.
    own = await alice.drafts.save_draft(DraftContent(body="Hi\n\nAlice Archer\nContoso <Sales>"))
    assert html_of(own.message).count("Alice Archer") == 1
    builder = alice.mail.me.messages.by_message_id(draft.id)
    deleted = {"body": {"contentType": "html", "content": "<p>Only this</p>"}}
    await alice.mail.answer_to(alice.mail.request(builder, "PATCH", json=deleted), Message)
    await alice.messages.read_messages([draft.id], view="full")
    without = await alice.drafts.save_draft(DraftContent(body="Only that"), draft=draft.id)
    assert "Alice" not in html_of(without.message)
