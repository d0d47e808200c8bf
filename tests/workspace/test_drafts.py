"""Drafts: new, reply, forward, change; nothing here sends."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import Conflict, GraphError, InvalidInput, NotFound
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.choices import DraftKind
from outlook_mcp.mail.drafts.attach_references import AttachmentRef
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.models import Message
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World, attachments_of

PDF = b"%PDF-1.4 small"
BIG = bytes(range(256)) * 4096 * 5 + b"end"


def addresses(message: Message) -> list[str]:
    return [recipient.email_address.address or "" for recipient in message.recipients]


async def drafts_in(mailbox: EmailWorkspace) -> int:
    (folder,) = (await mailbox.folders.folder_tree("drafts")).folders
    return folder.total_item_count or 0


def html_of(message: Message) -> str:
    return (message.body and message.body.content) or ""


async def test_a_new_draft_has_what_was_written(alice: EmailWorkspace) -> None:
    content = DraftContent(
        to=("Bob Brandt <bob@contoso.example>",),
        cc=("carol@contoso.example",),
        bcc=("dave@fabrikam.example",),
        subject="Figures — Q4",
        body="<p>Hello <b>Bob</b></p>",
        importance="high",
    )
    draft = (await alice.drafts.save_draft(content)).message
    assert draft.is_draft
    assert (draft.subject, draft.importance) == ("Figures — Q4", "high")
    assert addresses(draft) == ["bob@contoso.example", "carol@contoso.example", "dave@fabrikam.example"]
    assert draft.to_recipients[0].email_address.name == "Bob Brandt"
    assert "<b>Bob</b>" in html_of(draft)
    assert draft.parent_folder_id == (await alice.folders.find_folder("drafts")).id


@pytest.mark.parametrize("kind", ["reply", "reply_all", "forward"])
async def test_an_answer_keeps_the_history_below_the_new_text(
    world: World, alice: EmailWorkspace, kind: DraftKind
) -> None:
    message_id = world.deliver(subject="Plan", text="The original words.\n")
    draft = (await alice.drafts.save_draft(DraftContent(body="<p>My answer</p>"), kind=kind, of=message_id)).message
    html = html_of(draft)
    assert 0 <= html.index("My answer") < html.index("The original words.")
    assert html.lower().count("<body") == 1
    assert addresses(draft) == ([] if kind == "forward" else ["grace@partner.example"])
    assert draft.subject
    assert draft.subject.lower().startswith("fw" if kind == "forward" else "re:")


async def test_changing_a_reply_replaces_its_text_and_keeps_the_history(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver(text="The original words.\n")
    first = (
        await alice.drafts.save_draft(DraftContent(body="<div><p>First try</p></div>"), kind="reply", of=message_id)
    ).message
    second = await alice.drafts.save_draft(DraftContent(body="<div><p>Second try</p></div>"), draft=first.id)
    html = html_of(second.message)
    assert "First try" not in html
    assert html.index("Second try") < html.index("The original words.")
    third = (await alice.drafts.save_draft(DraftContent(subject="Only the subject"), draft=first.id)).message
    assert "Second try" in html_of(third)


async def test_a_small_attachment_of_another_message_is_copied(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver(attachments=[("a.txt", "text/plain", b"A"), ("offer.pdf", "application/pdf", PDF)])
    saved = await alice.drafts.save_draft(DraftContent(subject="With file", attach=(AttachmentRef(message_id, 2),)))
    assert [attachment.name for attachment in saved.attachments] == ["offer.pdf"]
    (copy,) = await attachments_of(alice).list_attachments(saved.message.id)
    assert (copy.name, copy.content_type) == ("offer.pdf", "application/pdf")
    assert await attachments_of(alice).bytes_of(saved.message.id, copy.id) == PDF
    assert saved.message.has_attachments


async def test_five_megabytes_are_copied_through_an_upload_session(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver(attachments=[("scan.bin", "application/octet-stream", BIG)])
    saved = await alice.drafts.save_draft(DraftContent(attach=(AttachmentRef(message_id, 1),)))
    (copy,) = await attachments_of(alice).list_attachments(saved.message.id)
    assert await attachments_of(alice).bytes_of(saved.message.id, copy.id) == BIG
    assert len(world.requests("PUT")) == 2


async def test_a_draft_is_not_left_behind_when_its_attachment_fails(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver(attachments=[("a.txt", "text/plain", b"A")])
    before = await drafts_in(alice)
    world.faults({"route": "/v1.0/me/messages/*/attachments", "method": "POST", "status": 413})
    with pytest.raises(GraphError):
        await alice.drafts.save_draft(DraftContent(subject="x", attach=(AttachmentRef(message_id, 1),)))
    with pytest.raises(InvalidInput, match="no attachment 2"):
        await alice.drafts.save_draft(DraftContent(subject="x", attach=(AttachmentRef(message_id, 2),)))
    assert await drafts_in(alice) == before


async def test_a_reply_is_not_left_behind_when_its_text_cannot_be_saved(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    before = await drafts_in(alice)
    world.faults({"route": "/v1.0/me/messages/*", "method": "PATCH", "status": 503})
    with pytest.raises(GraphError):
        await alice.drafts.save_draft(DraftContent(body="<p>x</p>"), kind="reply", of=message_id)
    assert await drafts_in(alice) == before


async def test_a_draft_somebody_else_changed_is_a_conflict(world: World, alice: EmailWorkspace) -> None:
    draft = (await alice.drafts.save_draft(DraftContent(subject="x"))).message
    world.faults({"route": "/v1.0/me/messages/*", "method": "PATCH", "status": 412})
    with pytest.raises(Conflict):
        await alice.drafts.save_draft(DraftContent(subject="y"), draft=draft.id)


async def test_a_received_message_cannot_be_changed_as_a_draft(world: World, alice: EmailWorkspace) -> None:
    with pytest.raises(InvalidInput, match="not a draft"):
        await alice.drafts.save_draft(DraftContent(subject="y"), draft=world.deliver())


@pytest.mark.parametrize(
    "content",
    [
        DraftContent(to=("a@b.example\r\nBcc: evil@x.example",)),
        DraftContent(to=("nobody@",)),
        DraftContent(to=("Erin", "???")),
        DraftContent(to=("Erin",), cc=("a@b.example\r\nBcc: evil@x.example",)),
        DraftContent(to=("Erin",), body="x" * 500_001),
        DraftContent(subject="Hi\r\nBcc: evil@x.example"),
        DraftContent(subject="x" * 300),
        DraftContent(to=tuple(f"u{n}@x.example" for n in range(300)), cc=tuple(f"c{n}@x.example" for n in range(201))),
        DraftContent(bcc=tuple(f"u{n}@x.example" for n in range(10_000))),
    ],
)
async def test_bad_recipients_and_subjects_are_refused_before_graph(
    world: World, alice: EmailWorkspace, content: DraftContent
) -> None:
    draft = (await alice.drafts.save_draft(DraftContent(subject="Before"))).message.id
    before = len(world.requests())
    with pytest.raises(InvalidInput):
        await alice.drafts.save_draft(content)
    with pytest.raises(InvalidInput):
        await alice.drafts.save_draft(content, kind="reply", of=draft)
    with pytest.raises(InvalidInput):
        await alice.drafts.save_draft(content, draft=draft)
    assert len(world.requests()) == before


@pytest.mark.parametrize(
    "arguments", [{"of": "m"}, {"draft": "d", "of": "m", "kind": "reply"}, {"draft": "d", "kind": "forward"}]
)
async def test_a_kind_that_contradicts_the_other_arguments_is_refused_and_nothing_is_saved(
    world: World, alice: EmailWorkspace, arguments: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match=r"kind=new does neither|cannot be changed") as caught:
        await alice.drafts.save_draft(DraftContent(body="<p>Yes.</p>"), **arguments)
    assert "kind" in caught.value.next_step
    assert world.requests("POST", "/messages") == []


async def test_a_new_draft_of_nothing_is_not_saved(world: World, alice: EmailWorkspace) -> None:
    with pytest.raises(InvalidInput, match="Nothing to save was given"):
        await alice.drafts.save_draft(DraftContent())
    assert world.requests("POST", "/messages") == []


async def test_an_answer_needs_the_message_it_is_of(alice: EmailWorkspace) -> None:
    with pytest.raises(InvalidInput, match="needs the message"):
        await alice.drafts.save_draft(DraftContent(), kind="forward")
    with pytest.raises(NotFound):
        await alice.drafts.save_draft(DraftContent(), kind="reply", of=Handle("AAAA"))
