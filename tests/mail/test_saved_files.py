"""Attachments are saved into the allowed folder alone, under names that harm nothing, and over no other file."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.file_names import safe_name
from outlook_mcp.mail.lazy import saved_answer
from outlook_mcp.mail.saved_files import PART_ENDING, new_file, save_stream


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def broken() -> AsyncIterator[bytes]:
    yield b"beginning"
    raise ConnectionResetError("cut off")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("Größe – 東京.xlsx", "Größe – 東京.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        (r"C:\Windows\win.ini", "C__Windows_win.ini"),
        ("file.txt:stream", "file.txt_stream"),
        (".bashrc", "bashrc"),
        ("..", "attachment"),
        ("-rf", "_rf"),
        ("~/x", "__x"),
        ("nul", "_nul"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("com¹.txt", "_com¹.txt"),
        ("aux .txt", "_aux .txt"),
        ("name. . ", "name"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\u200b\u2066b\x00c\n.txt", "abc .txt"),
        ("a／b＼c：d.txt", "a_b_c_d.txt"),
        ("a⁄b∕c.txt", "a⁄b∕c.txt"),
        ("", "attachment"),
        ("\ufeff", "attachment"),
    ],
)
def test_a_name_of_a_sender_becomes_one_plain_name(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_long_name_keeps_its_ending_and_fits_any_file_system() -> None:
    found = safe_name("東" * 200 + ".docx")
    assert found.endswith(".docx")
    assert len(found.encode()) <= 185


async def test_files_of_one_name_stand_beside_each_other_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"mine")
    saved = [await save_stream([tmp_path], "a.pdf", pieces(b"new", b"er")) for _ in range(2)]
    assert [file.path.name for file in saved] == ["a (2).pdf", "a (3).pdf"]
    assert saved[0].size == 5
    assert saved[0].path.read_bytes() == b"newer"
    assert (tmp_path / "a.pdf").read_bytes() == b"mine"
    assert sorted(os.listdir(tmp_path)) == ["a (2).pdf", "a (3).pdf", "a.pdf"]
    if os.name == "posix":
        assert saved[0].path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
async def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.write_bytes(b"mine")
    folder.mkdir()
    for name in ("a.pdf", f"a.pdf{PART_ENDING}", f"b.pdf{PART_ENDING}"):
        (folder / name).symlink_to(outside if name[0] == "a" else tmp_path / "nothing")
    saved = [await save_stream([folder], name, pieces(b"new")) for name in ("a.pdf", "b.pdf")]
    assert [file.path.name for file in saved] == ["a (2).pdf", "b.pdf"]
    assert outside.read_bytes() == b"mine"
    assert not (tmp_path / "nothing").exists()


async def test_a_file_that_is_cut_off_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="was not saved"):
        await save_stream([tmp_path], "a.pdf", broken())
    assert os.listdir(tmp_path) == []


async def test_where_links_cannot_be_made_no_file_is_replaced_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a.pdf").write_bytes(b"mine")
    saved = await save_stream([tmp_path], "a.pdf", pieces(b"new"))
    assert (saved.path.name, saved.path.read_bytes()) == ("a (2).pdf", b"new")
    assert sorted(os.listdir(tmp_path)) == ["a (2).pdf", "a.pdf"]


async def test_without_an_allowed_folder_nothing_is_saved(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no folder is allowed") as caught:
        await save_stream([], "a.pdf", pieces(b"new"))
    assert "file_folders" in caught.value.next_step
    with pytest.raises(InvalidInput, match="was not saved"):
        await save_stream([tmp_path / "gone"], "a.pdf", pieces(b"new"))


@pytest.mark.skipif(os.name != "posix", reason="Windows itself keeps an open file from being deleted")
async def test_what_a_killed_save_left_is_deleted_by_the_next_one_and_nothing_else(tmp_path: Path) -> None:
    others = ("browser.part", f"folder{PART_ENDING}", f"link{PART_ENDING}")
    (tmp_path / others[0]).write_bytes(b"of a browser")
    (tmp_path / others[1]).mkdir()
    (tmp_path / others[2]).symlink_to(tmp_path / others[0])
    async with new_file([tmp_path], "slow.pdf") as slow:
        await slow.write_piece(b"still ")
        left = tmp_path / f"report.pdf{PART_ENDING}"
        left.write_bytes(b"half of it")
        saved = await save_stream([tmp_path], "report.pdf", pieces(b"whole"))
        await slow.write_piece(b"written")
    assert (saved.removed, left.exists()) == (1, False)
    assert slow.saved is not None
    assert (slow.saved.removed, slow.saved.path.read_bytes()) == (0, b"still written")
    assert sorted(os.listdir(tmp_path)) == sorted([*others, "report.pdf", "slow.pdf"])
    assert "Deleted 1 unfinished file" in saved_answer(saved)
    assert "Deleted" not in saved_answer(slow.saved)
