"""What is said of a draft whose saving went wrong is true, and doing as advised attaches nothing twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from outlook_mcp.errors import ChangeIncomplete, GraphError, GraphUnavailable, OutlookError, Remedy
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.graph.upload import RANGE_BYTES
from outlook_mcp.mail.drafts.attach_references import AttachmentRef
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World, attachments_of, requests_of

ONE, ALL, ADDED = "/v1.0/me/messages/*", "/v1.0/me/messages", "/v1.0/me/messages/*/attachments"
UPLOAD = "/api/v2.0/*"
LOST: dict[str, Any] = {"cut": "after", "times": 1}
AWAY: dict[str, Any] = {"status": 500}
BIG = bytes(RANGE_BYTES + 1)


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(poll_s=0.01)


def drafts_of(world: World) -> list[MessageId]:
    """The ids of the messages in Drafts, without a request."""
    box = world.sandbox.store.mailbox(world.user("alice").oid)
    stored = box.messages.select("m.folder = ?", [box.folders.by_name("drafts").key], "m.id", 100)
    return [MessageId(Handle(message.immutable_id)) for message in stored]


async def draft_of(alice: EmailWorkspace, **content: Any) -> Message:
    return (await alice.drafts.save_draft(DraftContent(**content))).message


def with_files(world: World, **files: bytes) -> Handle:
    attachments = [(name, "application/octet-stream", content) for name, content in files.items()]
    return Handle(world.deliver(attachments=attachments))


async def files_on(alice: EmailWorkspace, draft: MessageId) -> Counter[str | None]:
    return Counter(attachment.name for attachment in await attachments_of(alice).list_attachments(draft))


async def refused(alice: EmailWorkspace, content: DraftContent, **how: Any) -> OutlookError:
    with pytest.raises(OutlookError) as caught:
        await alice.drafts.save_draft(content, **how)
    return caught.value


@pytest.mark.parametrize("kind", ["new", "reply"])
async def test_a_draft_that_cannot_be_read_after_it_was_saved_is_told_with_its_id(
    world: World, alice: EmailWorkspace, kind: Any
) -> None:
    source = with_files(world, note=b"x")
    reading = {"route": ONE, "method": "GET", "query": "$expand=", **AWAY}
    world.faults(reading)
    content = DraftContent(subject="Plan", body="Hello", attach=(AttachmentRef(source, 1),))
    saved = await alice.drafts.save_draft(content, kind=kind, of=None if kind == "new" else source)
    assert isinstance(saved.unread, GraphUnavailable)
    assert drafts_of(world) == [saved.message.id]
    world.faults()
    assert await files_on(alice, saved.message.id) == {"note": 1}


@pytest.mark.parametrize(("kind", "route"), [("new", ALL), ("reply", f"{ONE}/createReply")])
async def test_a_draft_whose_creation_was_not_answered_is_named(
    world: World, alice: EmailWorkspace, kind: Any, route: str
) -> None:
    message_id = world.deliver()
    world.faults({"route": route, "method": "POST", **LOST})
    content = DraftContent(to=("bob@contoso.example",), subject="Plan")
    error = await refused(alice, content, kind=kind, of=None if kind == "new" else message_id)
    (draft,) = drafts_of(world)
    handle = alice.handles.short(draft)
    assert "may or may not have been made" in error.message
    assert error.remedy is Remedy.LOOK_FIRST
    assert f'draft_save(id="{handle}")' in error.next_step


@pytest.mark.parametrize(("kind", "route"), [("new", ALL), ("reply", f"{ONE}/createReply")])
async def test_where_no_draft_was_created_it_is_said_that_nothing_was_saved(
    world: World, alice: EmailWorkspace, kind: Any, route: str
) -> None:
    message_id = world.deliver()
    await draft_of(alice, subject="Another")
    world.faults({"route": route, "method": "POST", **AWAY})
    error = await refused(alice, DraftContent(subject="Plan"), kind=kind, of=None if kind == "new" else message_id)
    assert error.message.endswith("A look at Drafts afterwards shows that nothing was saved.")
    assert "may or may not" not in error.message
    assert len(drafts_of(world)) == 1


async def test_where_drafts_cannot_be_read_it_stays_open_whether_one_was_created(
    world: World, alice: EmailWorkspace
) -> None:
    world.faults({"route": ALL, "method": "POST", **LOST}, {"route": "/v1.0/me/mailFolders/*", **AWAY})
    error = await refused(alice, DraftContent(subject="Plan"))
    assert "may or may not have been made" in error.message
    assert error.next_step.startswith("Look in Drafts")


async def test_a_draft_that_could_not_be_finished_is_removed_or_named(world: World, alice: EmailWorkspace) -> None:
    source = with_files(world, note=b"x")
    content = DraftContent(subject="Plan", attach=(AttachmentRef(source, 1),))
    failing = {"route": ADDED, "method": "POST", "status": 413}
    world.faults(failing)
    error = await refused(alice, content)
    assert error.message.endswith("The unfinished draft was removed, so nothing was saved.")
    assert drafts_of(world) == []
    world.faults(failing, {"route": ONE, "method": "DELETE", **AWAY})
    error = await refused(alice, content)
    (draft,) = drafts_of(world)
    handle = alice.handles.short(draft)
    assert error.message.endswith(f"The unfinished draft {handle} is left in Drafts.")
    assert f'draft_save(id="{handle}")' in error.next_step
    assert f'mail_delete(ids=["{handle}"])' in error.next_step


async def test_a_removal_whose_answer_was_lost_is_looked_up(world: World, alice: EmailWorkspace) -> None:
    source = with_files(world, note=b"x")
    world.faults({"route": ADDED, "method": "POST", "status": 413}, {"route": ONE, "method": "DELETE", **LOST})
    error = await refused(alice, DraftContent(attach=(AttachmentRef(source, 1),)))
    assert error.message.endswith("The unfinished draft was removed, so nothing was saved.")
    assert drafts_of(world) == []


async def test_of_a_draft_that_was_removed_nothing_stays_open(world: World, alice: EmailWorkspace) -> None:
    source = with_files(world, note=b"x")
    world.faults({"route": ADDED, "method": "POST", **LOST}, {"route": ADDED, "method": "GET", "skip": 1, **AWAY})
    error = await refused(alice, DraftContent(attach=(AttachmentRef(source, 1),)))
    assert "may or may not" not in error.message
    assert (error.remedy, error.next_step) == (Remedy.RETRY, "")
    assert drafts_of(world) == []


@pytest.mark.parametrize("fault", [{"status": 413}, AWAY])
async def test_a_change_that_failed_midway_says_what_is_done_and_the_advice_attaches_nothing_twice(
    world: World, alice: EmailWorkspace, fault: dict[str, Any]
) -> None:
    source = with_files(world, first=b"1", second=b"2", third=b"3")
    draft = await draft_of(alice, subject="Plan")
    wanted = [AttachmentRef(source, number) for number in (1, 2, 3)]
    world.faults({"route": ADDED, "method": "POST", "skip": 1, "times": 1, **fault})
    error = await refused(alice, DraftContent(subject="Other", attach=wanted), draft=draft.id)
    handle = alice.handles.short(draft.id)
    assert isinstance(error, ChangeIncomplete)
    told = f"Draft {handle}: the rest is saved; {source}/1 is attached; {source}/2, {source}/3 were not attached: "
    assert error.message.startswith(told)
    assert error.next_step.endswith(f'draft_save(id="{handle}", attach=["{source}/2", "{source}/3"]).')
    await alice.drafts.save_draft(DraftContent(attach=wanted[1:]), draft=draft.id)
    assert await files_on(alice, draft.id) == {"first": 1, "second": 1, "third": 1}


async def test_an_attachment_whose_answer_was_lost_is_found_on_the_draft(world: World, alice: EmailWorkspace) -> None:
    source = with_files(world, note=b"1")
    wanted = (AttachmentRef(source, 1),)
    world.faults({"route": ADDED, "method": "POST", **LOST})
    draft = await draft_of(alice, subject="Plan", attach=wanted)
    world.faults({"route": ADDED, "method": "POST", **LOST})
    await alice.drafts.save_draft(DraftContent(attach=wanted), draft=draft.id)
    # As it was asked for twice, it is there twice.
    assert await files_on(alice, draft.id) == {"note": 2}
    assert len(world.requests("POST", "/attachments")) == 2


async def test_what_cannot_be_looked_up_is_not_said_to_have_failed(world: World, alice: EmailWorkspace) -> None:
    source = with_files(world, note=b"1")
    draft = await draft_of(alice, subject="Plan")
    world.faults({"route": ADDED, "method": "POST", **LOST}, {"route": ADDED, "method": "GET", "skip": 1, **AWAY})
    error = await refused(alice, DraftContent(attach=(AttachmentRef(source, 1),)), draft=draft.id)
    assert "may or may not have been made" in error.message
    assert error.next_step.startswith(f'Look with mail_read(ids=["{alice.handles.short(draft.id)}"]) whether')


@pytest.mark.parametrize(("skip", "times"), [(0, 1), (1, 1), (1, 2)])
async def test_a_file_whose_range_was_not_answered_is_attached_once_and_whole(
    world: World, alice: EmailWorkspace, skip: int, times: int
) -> None:
    source = with_files(world, scan=BIG)
    world.faults({"route": UPLOAD, "method": "PUT", "skip": skip, "times": times, "cut": "after"})
    draft = await draft_of(alice, subject="Plan", attach=(AttachmentRef(source, 1),))
    (scan,) = await attachments_of(alice).list_attachments(draft.id)
    assert await attachments_of(alice).bytes_of(draft.id, scan.id) == BIG
    assert len(world.requests("PUT")) > 2


@pytest.mark.parametrize(("fault", "is_made"), [(LOST, True), (AWAY, False)])
async def test_a_change_without_an_answer_is_compared_with_the_draft(
    world: World, alice: EmailWorkspace, fault: dict[str, Any], is_made: bool
) -> None:
    draft = await draft_of(alice, subject="Before")
    world.faults({"route": ONE, "method": "PATCH", **fault})
    content = DraftContent(subject="After")
    if is_made:
        world.faults({"route": ONE, "method": "PATCH", **fault}, {"route": ONE, "query": "$expand=", **AWAY})
        saved = await alice.drafts.save_draft(content, draft=draft.id)
        assert saved.message.subject == "After"
        assert saved.unread
    else:
        error = await refused(alice, content, draft=draft.id)
        assert isinstance(error, GraphError)
        assert error.message.endswith("A look afterwards shows that the draft is unchanged.")
    world.faults()
    (result,) = await requests_of(alice).fetch_messages([draft.id])
    assert result.message
    assert result.message.subject == ("After" if is_made else "Before")
