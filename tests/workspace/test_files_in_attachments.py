"""Attached files of Office and others, archives and files inside of files, as an answer shows them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.attachments import Attachments
from outlook_mcp.text.files import reading
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.text.files.compound import BODY, FILE_CONTENT, FILE_NAME, SUBJECT, compound, outlook_tree
from tests.text.files.made import docx, packed, pdf, word_table, xlsx
from tests.workspace.attachments import shown
from tests.workspace.conftest import World, attachments_of


async def test_files_of_office_and_pdf_are_read_by_content_and_from_any_page(
    world: World, alice: EmailWorkspace
) -> None:
    offer = pdf([["Offer 4711"], ["Terms"]])
    files = [
        ("offer.txt", "text/plain", offer),
        ("plan.bin", "application/octet-stream", docx(word_table([["Chair", "120"]]))),
        ("broken.pdf", "application/pdf", b"%PDF-1.7"),
    ]
    message_id = world.deliver(attachments=files)
    first, second, plan, broken = [await shown(alice, message_id, path) for path in (1, "1/2", 2, 3)]
    assert first.split("\n")[1:] == ["2 pages", "", "[page 1]", "Offer 4711", "[page 2]", "Terms"]
    assert second.split("\n")[1:] == ["2 pages, of which 2 to 2 are here", "", "[page 2]", "Terms"]
    assert plan.endswith("\n\nChair | 120")
    assert broken.endswith("(its content cannot be shown: it is no whole PDF file)")
    with pytest.raises(InvalidInput, match="holds no files"):
        await shown(alice, message_id, "2/1/1")
    with pytest.raises(InvalidInput, match="`n` is the number"):
        await shown(alice, message_id, "../1")


async def test_files_in_files_are_read_by_their_path(world: World, alice: EmailWorkspace) -> None:
    inner = packed({"prices.xlsx": xlsx({"Prices": [["Chair", 120.0]]}), "notes.txt": b"Good morning."})
    outlook = compound(
        outlook_tree({SUBJECT: "Offer", BODY: "See below."}, (), [{FILE_NAME: "all.zip", FILE_CONTENT: inner}])
    )
    message_id = world.deliver(attachments=[("all.zip", "application/zip", packed({"a/offer.msg": outlook}))])
    listed = await shown(alice, message_id, 1)
    assert "Files: 1/1: a/offer.msg (" in listed
    mail = await shown(alice, message_id, "1/1")
    assert "Subject: Offer\nAttachments: 1/1/1: all.zip (application/octet-stream, " in mail
    assert mail.endswith("See below.")
    assert "1/1/1/2: notes.txt (text/plain, 13 B)" in await shown(alice, message_id, "1/1/1")
    assert (await shown(alice, message_id, "1/1/1/1")).endswith("[sheet 1: Prices]\nChair | 120")
    assert (await shown(alice, message_id, "1/1/1/2")).endswith("Good morning.")


async def test_an_attachment_is_saved_whole_and_so_is_a_file_in_one(
    world: World, alice: EmailWorkspace, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 2_000
    inner = packed({"../notes.txt": b"Good morning."})
    message_id = world.deliver(attachments=[("../data.bin", "text/plain", content), ("all.zip", "x/y", inner)])
    attachments = Attachments(attachments_of(alice), alice.handles, [tmp_path])
    saved = [await attachments.save_attachment(message_id, path) for path in ("1", "2/1", "1")]
    assert [file.path.name for file in saved] == ["_data.bin", "notes.txt", "_data (2).bin"]
    assert saved[0].path.read_bytes() == content
    assert saved[1].path.read_bytes() == b"Good morning."
    with pytest.raises(InvalidInput, match="larger than 0 MB"):
        async with alice.attachments.open_download(message_id, "1", limit=1000):
            raise AssertionError("it was opened")
    with pytest.raises(InvalidInput, match="no file 2"):
        await attachments.save_attachment(message_id, "2/2")
    assert len(os.listdir(tmp_path)) == 3


async def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    world: World, alice: EmailWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = world.deliver(attachments=[("offer.pdf", "application/pdf", pdf([["Offer"]]))])
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    reading.is_installed.cache_clear()
    told = await shown(alice, message_id, 1)
    reading.is_installed.cache_clear()
    assert told.endswith(
        "(its content cannot be shown: a PDF file is read only where the extra `files` is installed)\n"
        "Install it with: pip install 'outlook-mailbox-mcp[files]'"
    )
