"""Files of a draft besides attachments of other messages: text, whole messages, local files; uploads that go on."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from outlook_mcp.errors import AccessDenied, ChangeIncomplete, Conflict, InvalidInput
from outlook_mcp.mail.drafts.attach_references import parse_references
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.lazy import draft_answer
from outlook_mcp.mail.models import Attachment
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import CONTEXT
from tests.sending import ready_draft
from tests.workspace.conftest import World, attachments_of

LARGE = bytes(range(256)) * 4096 * 5 + b"end"
UPLOAD = "/*attachmentsessions*"


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
def mail_settings(tmp_path: Path) -> MailSettings:
    return MailSettings(poll_s=0.01, file_folders=(tmp_path,))


async def contents(mailbox: EmailWorkspace, draft: str) -> dict[str, bytes]:
    attachments = attachments_of(mailbox)
    message_id = mailbox.handles.full(mailbox.handles.short(draft))  # type: ignore[arg-type]
    return {
        attachment.name or "": await attachments.bytes_of(message_id, attachment.id, limit=2**25)
        for attachment in await attachments.list_attachments(message_id)
    }


@pytest.mark.parametrize("wrong", ["https://files.example/a.pdf", "missing.pdf"])
async def test_a_refusal_says_which_of_several_files_it_is_about(alice: EmailWorkspace, wrong: str) -> None:
    with pytest.raises(InvalidInput, match="^File 2 of the 3 in `attach`: "):
        await alice.drafts.save_draft(DraftContent(attach=parse_references(["a.txt: A", wrong, "b.txt: B"])))
    with pytest.raises(InvalidInput) as alone:
        await alice.drafts.save_draft(DraftContent(attach=parse_references([wrong])))
    assert not alone.value.message.startswith("File ")


async def test_text_a_message_and_a_local_file_are_attached_whole(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    (tmp_path / "scan.bin").write_bytes(LARGE)
    original = world.deliver(subject="Plan: A/B", attachments=[("a.txt", "text/plain", b"A")])
    given = ["notes.txt: Bring tea. ☕", original, "scan.bin"]
    saved = await alice.drafts.save_draft(DraftContent(attach=parse_references(given)))
    found = await contents(alice, saved.message.id)
    assert list(found) == ["notes.txt", "Plan: A B.eml", "scan.bin"]
    assert found["notes.txt"] == "Bring tea. ☕".encode()
    assert b"Subject: Plan: A/B" in found["Plan: A B.eml"]
    assert b"a.txt" in found["Plan: A B.eml"]
    assert found["scan.bin"] == LARGE
    assert [attachment.content_type for attachment in saved.attachments][:2] == [
        "text/plain; charset=utf-8",
        "message/rfc822",
    ]


async def test_an_upload_that_was_broken_off_goes_on_where_it_was(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    (tmp_path / "scan.bin").write_bytes(LARGE)
    draft = (await alice.drafts.save_draft(DraftContent(subject="Plan"))).message.id
    wanted = DraftContent(attach=parse_references(["scan.bin"]))
    world.faults({"route": UPLOAD, "method": "PUT", "skip": 1, "status": 403})
    with pytest.raises(AccessDenied, match="4 MB of it have arrived; attaching it to this draft again goes on there"):
        await alice.drafts.save_draft(wanted, draft=draft)
    world.faults()
    told: list[tuple[str, int, int]] = []

    async def note(name: str, arrived: int, size: int) -> None:
        told.append((name, arrived, size))

    before = len(world.requests("PUT"))
    # Another server with the same vault does it as well.
    again = (await world.reopened()).drafts_telling(note)
    await again.save_draft(wanted, draft=draft)
    assert await contents(alice, draft) == {"scan.bin": LARGE}
    assert len(world.requests("PUT")) - before == 1
    assert len(world.requests("POST", "/createuploadsession")) == 1
    assert told == [("scan.bin", len(LARGE), len(LARGE))]


async def test_an_upload_whose_last_answer_nobody_heard_is_not_made_twice(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    (tmp_path / "scan.bin").write_bytes(LARGE)
    draft = (await alice.drafts.save_draft(DraftContent(subject="Plan"))).message.id
    wanted = DraftContent(attach=parse_references(["scan.bin"]))
    world.faults(
        {"route": UPLOAD, "method": "PUT", "skip": 1, "times": 1, "status": 503, "carried_out": True},
        {"route": "/v1.0/me/messages/*/attachments", "method": "GET", "status": 503},
    )
    with pytest.raises(ChangeIncomplete, match="may or may not"):
        await alice.drafts.save_draft(wanted, draft=draft)
    world.faults()
    await alice.drafts.save_draft(wanted, draft=draft)
    assert await contents(alice, draft) == {"scan.bin": LARGE}


async def test_pictures_are_shown_in_the_text_and_listed_with_the_files(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    (tmp_path / "chart.png").write_bytes(b"\x89PNG chart")
    source = world.deliver(attachments=[("logo.png", "image/png", b"\x89PNG logo")])
    body = f"Look: ![Chart](chart.png) ![Logo](cid:{source}/1)"
    saved = await alice.drafts.save_draft(DraftContent(body=body, attach=parse_references(["chart.png"])))
    assert [(file.name, file.is_inline) for file in saved.attachments] == [("chart.png", True), ("logo.png", True)]
    html = (saved.message.body and saved.message.body.content) or ""
    stored = world.sandbox.store.mailbox(world.user("alice").oid)
    ids = [file.content_id for file in stored.attachments.of(stored.messages.by_id(saved.message.id))]
    assert [html.count(f'src="cid:{content_id}"') for content_id in ids] == [1, 1]
    answer = draft_answer(CONTEXT, saved)
    assert "chart.png (image/png, 10 B, inline); logo.png (image/png, 9 B, inline)" in answer
    # A later text shows the same picture without another copy.
    again = await alice.drafts.save_draft(DraftContent(body="Again: ![Chart](chart.png)"), draft=saved.message.id)
    assert f'src="cid:{ids[0]}"' in ((again.message.body and again.message.body.content) or "")
    assert len(again.attachments) == 2
    with pytest.raises(InvalidInput, match=r"shows 'none\.png', which is no picture that is attached"):
        await alice.drafts.save_draft(DraftContent(body="![x](none.png)"))


async def test_a_file_put_in_the_place_of_one_with_its_name_and_size_in_the_same_second_is_not_sent(
    world: World, alice: EmailWorkspace
) -> None:
    files = DraftContent(to=("bob@contoso.example",), attach=parse_references(["notes.txt: Pay 10"]))
    draft = await ready_draft(alice, (await alice.drafts.save_draft(files)).message.id)
    graph, requests, message = alice.mail, attachments_of(alice), alice.handles.full(draft.id)
    shown = await requests.nth_attachment(message, 1)
    other = {
        "@odata.type": shown.odata_type,
        "name": shown.name,
        "contentType": shown.content_type,
        "contentBytes": base64.b64encode(b"Pay 99").decode(),
    }
    builder = graph.me.messages.by_message_id(message).attachments
    await graph.perform(graph.request(builder.by_attachment_id(shown.id), "DELETE"))
    await graph.answer_to(graph.request(builder, "POST", json=other), Attachment)
    with pytest.raises(Conflict, match="was changed since"):
        await draft.send(alice)
    assert world.requests("POST", "/send") == []
