"""Messages as files in a folder that the user allowed, and nowhere else."""

from __future__ import annotations

import mailbox
import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import GraphError, InvalidInput, NotFound
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lazy import exported_answer
from outlook_mcp.mail.saved_files import new_file
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.sync.export import Exported, MailExport
from outlook_mcp.mail.sync.mbox import MboxMessage
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import CONTEXT
from tests.workspace.conftest import World


@pytest.fixture
def seeded() -> bool:
    return False


def export_to(workspace: EmailWorkspace, folder: Path | None, progress: Any = None) -> MailExport:
    return replace(workspace.exports_telling(progress), folders=(folder,) if folder else ())


def file_of(exported: Exported) -> Path:
    assert exported.file is not None
    return exported.file.path


def told(workspace: EmailWorkspace, exported: Exported) -> str:
    return exported_answer(AnswerContext(workspace.handles, UTC, CONTEXT.now), exported)


async def write_half_of_a_file(folder: Path) -> None:
    async with new_file([folder], "half.eml") as file:
        await file.write_piece(b"x")
        raise ZeroDivisionError


async def test_one_message_is_saved_as_it_came(world: World, alice: EmailWorkspace, tmp_path: Path) -> None:
    raw = b"From: a@x.example\r\nSubject: Odd \xff\r\n\r\nFrom here on\r\nend"
    message = world.deliver_mime("alice", raw)
    exported = await export_to(alice, tmp_path).export_messages([message], "../Re: plan")
    path = file_of(exported)
    assert path == tmp_path / "_Re_ plan.eml"
    assert path.read_bytes() == raw
    assert os.stat(path).st_mode & 0o077 == 0
    assert told(alice, exported) == f"Saved 1 message ({len(raw)} B) as {path}."


async def test_a_search_is_saved_as_mbox_oldest_first_with_progress(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    for minute in range(3):
        world.deliver(subject=f"n{minute}", text="From me\n>From you", date=f"Mon, 02 Nov 2026 09:{minute:02}:00 +0000")
    seen: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        seen.append((done, total))

    exported = await export_to(alice, tmp_path, progress).export_messages(MailQuery(folder="inbox"))
    path = file_of(exported)
    assert path.suffix == ".mbox"
    box = mailbox.mbox(path, create=False)
    assert [message["Subject"] for message in box] == ["n0", "n1", "n2"]
    assert b">From me\n>>From you" in path.read_bytes()
    box.close()
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert path.read_bytes().startswith(b"From grace@partner.example Mon Nov  2 09:00:00 2026\n")


async def test_nothing_is_overwritten_and_nothing_half_done_stays(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    message = world.deliver()
    export = export_to(alice, tmp_path)
    for name in ("mail.eml", "mail (2).eml", "mail (3).eml"):
        exported = await export.export_messages([message], "mail")
        assert file_of(exported) == tmp_path / name
    (tmp_path / "out.eml").symlink_to(tmp_path / "elsewhere")
    assert file_of(await export.export_messages([message], "out")) == tmp_path / "out (2).eml"
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(NotFound):
        await export.export_messages([Handle("999")])
    with pytest.raises(GraphError):
        await export.export_messages([Handle("998"), Handle("999")])
    with pytest.raises(InvalidInput, match="no message to export"):
        await export.export_messages(MailQuery(folder="archive"))
    with pytest.raises(ZeroDivisionError):
        await write_half_of_a_file(tmp_path)
    assert sorted(os.listdir(tmp_path)) == before


async def test_what_cannot_be_read_is_named_and_the_others_are_saved(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    exported = await export_to(alice, tmp_path).export_messages([world.deliver(), Handle("999")], "two")
    assert file_of(exported) == tmp_path / "two.mbox"
    answer = told(alice, exported)
    assert answer.startswith("Saved 1 message (")
    assert "Not saved: 999: " in answer
    with closing(mailbox.mbox(file_of(exported), create=False)) as box:
        assert len(box) == 1


async def test_without_an_allowed_folder_the_sources_are_offered_as_resources(
    world: World, alice: EmailWorkspace
) -> None:
    message = world.deliver(subject="Source")
    exported = await export_to(alice, None).export_messages([message])
    short = alice.handles.short(message)
    assert told(alice, exported).splitlines() == [
        "No folder is allowed for files, so nothing was saved. The source of 1 message can be fetched:",
        f"outlook://me/messages/{short}/source",
    ]
    assert b"Subject: Source" in await alice.exports.read_source(short)
    many = Exported([message] * 60, is_complete=False)
    assert "and 10 more\nThe search may find more: at most 1,000" in told(alice, many)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_message_is_the_same_however_it_comes_in_pieces(size: int) -> None:
    raw = b"Subject: x\r\n\r\nFrom a\r\n>From b\r\nxFrom c\r\n\r\nFrom d"
    message = MboxMessage()
    pieces = [message.quoted_piece(raw[start : start + size]) for start in range(0, len(raw), size)]
    written = b"".join(pieces) + message.quoted_end()
    assert written == b"Subject: x\n\n>From a\n>>From b\nxFrom c\n\n>From d\n\n"


def test_a_line_without_end_is_not_held() -> None:
    message = MboxMessage()
    written = message.quoted_piece(b"x" * 100_000)
    assert len(written) > 99_000
    assert message.quoted_piece(b"From y\r\nFrom z\r\n") + message.quoted_end() == b"x" + b"From y\n>From z\n\n"
