"""Files made to cost time or memory end with a plain answer, and a file that is read after them is not affected."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from outlook_mcp.text.files.kinds import FileKind
from outlook_mcp.text.files.open_sheets import TYPE
from outlook_mcp.text.files.reading import Unread, list_archive, read_file
from outlook_mcp.text.files.result import FileText
from outlook_mcp.text.isolated.limits import JobLimits
from outlook_mcp.text.isolated.processes import ProcessSettings, WorkerProcesses
from tests.text.files.made import W, docx, packed, pdf, word_paragraph

REFERENCE = "&a{};"
ENTITIES = "".join(f"<!ENTITY a{n} '{10 * REFERENCE.format(n - 1)}'>" for n in range(1, 10))
LAUGHS = f"<!DOCTYPE d [<!ENTITY a0 'ha'>{ENTITIES}]><w:document {W}>&a9;</w:document>"
CELL = '<b:table-cell b:number-columns-repeated="16384"><t:p>ha</t:p></b:table-cell>'
ROWS = f'<b:table-row b:number-rows-repeated="1048576">{CELL}</b:table-row>' * 2_000
SHEET = f'<o:c xmlns:o="o" xmlns:b="b" xmlns:t="t"><b:table>{ROWS}</b:table></o:c>'
BOMBS: dict[str, tuple[FileKind, Callable[[], bytes]]] = {
    "styles of 20 MB": (FileKind.WORD, lambda: docx(word_paragraph("x"), styles=" " * 20_000_000)),
    "entities in entities": (FileKind.WORD, lambda: packed({"word/document.xml": LAUGHS})),
    "a million cells": (FileKind.WORD, lambda: docx("<w:tbl>" + "<w:tr><w:tc/></w:tr>" * 1_000_000 + "</w:tbl>")),
    "rows and cells that repeat": (FileKind.SHEET, lambda: packed({"mimetype": TYPE.decode(), "content.xml": SHEET})),
    "RTF of open groups": (FileKind.RICH_TEXT, lambda: rb"{\rtf1" + b"{" * 1_000_000),
    "a page of 30 MB": (FileKind.PDF, lambda: pdf([["x" * 100] * 300_000])),
}
ANSWERS = (
    "reading it takes more time or memory than one file may",
    "a part of it unpacks to more than 16 MB",
    "it is no whole Word document",
)


@pytest.fixture
def processes() -> Iterator[WorkerProcesses]:
    """With less time than the server gives, as a bomb takes all of it."""
    found = WorkerProcesses(ProcessSettings(most_processes=1, limits=JobLimits(cpu_seconds=0.4, wall_seconds=5)))
    yield found
    found.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such limits")
async def test_a_bomb_ends_with_a_plain_answer_and_the_next_file_is_read(processes: WorkerProcesses) -> None:
    for name, (kind, made) in BOMBS.items():
        told = await read_file(made(), kind, processes=processes)
        assert isinstance(told, Unread) or not told.text.text or told.text.truncated, name
        assert not isinstance(told, Unread) or told.reason in ANSWERS, name
    read = await read_file(docx(word_paragraph("Good morning.")), FileKind.WORD, processes=processes)
    assert isinstance(read, FileText)
    assert read.text.text == "Good morning."


async def test_an_archive_of_a_great_many_files_is_listed_in_part(processes: WorkerProcesses) -> None:
    listed = await list_archive(packed({f"{number}.txt": b"" for number in range(1_000)}), processes=processes)
    assert not isinstance(listed, Unread)
    assert (len(listed.members), listed.more) == (200, 800)
