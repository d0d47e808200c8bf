"""Files of Office that open without a question are read, though they are encrypted; others say that they are locked."""

from __future__ import annotations

import pytest

from outlook_mcp.text.files import unlocking
from outlook_mcp.text.files.gathering import UnreadableFile
from outlook_mcp.text.files.kinds import FileKind, kind_of
from outlook_mcp.text.files.reading import Unread, read_file
from outlook_mcp.text.files.sheets import read_workbook
from tests.text.files import locked
from tests.text.files.compound import compound
from tests.text.files.made import docx, word_paragraph, xlsx
from tests.text.files.test_workbooks import old_stream

KNOWN = "VelvetSweatshop"
WORKBOOK = xlsx({"Plan": [["Budget of the year", 12]]})


@pytest.mark.anyio
async def test_an_encrypted_file_that_asks_for_no_password_is_read_like_any_other() -> None:
    for source, words in (
        (locked.agile(WORKBOOK, KNOWN), "[sheet 1: Plan]\nBudget of the year | 12"),
        (locked.standard(WORKBOOK, KNOWN), "[sheet 1: Plan]\nBudget of the year | 12"),
        (locked.agile(docx(word_paragraph("Dear all")), KNOWN), "Dear all"),
    ):
        assert kind_of(source) is FileKind.LOCKED_OFFICE
        read = await read_file(source, FileKind.LOCKED_OFFICE)
        assert not isinstance(read, Unread)
        assert read.text.text == words


@pytest.mark.parametrize("encrypted", [locked.agile, locked.standard])
def test_a_file_with_a_password_of_its_own_is_not_opened(encrypted: object) -> None:
    assert callable(encrypted)
    assert unlocking.run([], encrypted(WORKBOOK, "of its own")) == b""


def test_what_only_looks_encrypted_is_not_opened() -> None:
    whole = locked.agile(WORKBOOK, KNOWN)
    for broken in (whole[:700], whole.replace(b"SHA512", b"SHA999"), whole.replace(b"spinCount", b"spinC0unt"), b""):
        assert unlocking.run([], broken) == b""


@pytest.mark.parametrize("crypto_api", [False, True])
def test_an_old_workbook_is_read_when_every_program_knows_its_password(crypto_api: bool) -> None:
    plain = read_workbook(compound({"Workbook": old_stream()})).text.text
    source = compound({"Workbook": locked.old_records(old_stream(), KNOWN, crypto_api=crypto_api)})
    assert read_workbook(source).text.text == plain
    other = compound({"Workbook": locked.old_records(old_stream(), "of its own", crypto_api=crypto_api)})
    with pytest.raises(UnreadableFile, match="it is protected by a password"):
        read_workbook(other)
