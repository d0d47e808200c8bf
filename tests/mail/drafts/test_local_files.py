"""Files of this machine: only regular ones below an allowed folder, never through a link, opened once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.local_files import LocalFiles

needs_links = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes links and pipes")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    allowed = tmp_path / "allowed"
    (allowed / "sub").mkdir(parents=True)
    (allowed / "plan.txt").write_bytes(b"plan")
    (allowed / "sub" / "deep.txt").write_bytes(b"deep")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "allowed-not").mkdir()
    (tmp_path / "allowed-not" / "other.txt").write_bytes(b"other")
    return allowed


async def content_of(folder: Path, written: str) -> bytes:
    opened = LocalFiles([folder]).open_file(written)
    try:
        async with opened.content() as content:
            return await content.read(0, content.size)
    finally:
        opened.close()


async def test_a_file_is_found_by_its_path_or_its_name_below_the_folder(folder: Path) -> None:
    ways = ["plan.txt", "./plan.txt", str(folder / "plan.txt"), (folder / "plan.txt").as_uri()]
    assert [await content_of(folder, way) for way in ways] == [b"plan"] * 4
    assert await content_of(folder, "sub/deep.txt") == b"deep"


@pytest.mark.parametrize(
    "written",
    ["../secret.txt", "sub/../../secret.txt", "{}/../secret.txt", "{}-not/other.txt", "sub", "{}", "none.txt", "a\0b"],
)
def test_what_lies_outside_or_is_no_file_is_refused_with_one_answer(folder: Path, written: str) -> None:
    with pytest.raises(InvalidInput, match=r"There is no such file in the folders") as caught:
        LocalFiles([folder]).open_file(written.format(folder))
    assert "secret" not in caught.value.message


@needs_links
def test_links_and_pipes_and_devices_are_refused(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "inner").symlink_to(folder / "sub")
    os.mkfifo(folder / "pipe.txt")
    for written in ("link.txt", "inner/deep.txt", "pipe.txt"):
        with pytest.raises(InvalidInput):
            LocalFiles([folder]).open_file(written)
    with pytest.raises(InvalidInput):
        LocalFiles([Path("/dev")]).open_file("null")


@needs_links
def test_a_second_name_of_a_file_that_lies_elsewhere_is_refused(folder: Path) -> None:
    """An archive that was unpacked there may have made it, and where the system allows that, another user."""
    os.link(folder.parent / "secret.txt", folder / "report.txt")
    with pytest.raises(InvalidInput):
        LocalFiles([folder]).open_file("report.txt")


@needs_links
async def test_what_was_opened_is_read_whatever_the_path_names_later(folder: Path) -> None:
    opened = LocalFiles([folder]).open_file("plan.txt")
    (folder / "plan.txt").unlink()
    (folder / "plan.txt").symlink_to(folder.parent / "secret.txt")
    async with opened.content() as content:
        assert await content.read(0, content.size) == b"plan"
    opened.close()


async def test_a_file_that_changes_while_it_is_read_is_refused(folder: Path) -> None:
    opened = LocalFiles([folder]).open_file("plan.txt")
    (folder / "plan.txt").write_bytes(b"longer than before")
    async with opened.content() as content:
        with pytest.raises(InvalidInput, match="was changed while it was read"):
            await content.read(0, content.size)
    opened.close()


@needs_links
def test_a_file_that_exchange_would_not_take_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "disk.img").open("wb") as file:
        file.truncate(150 * 2**20 + 1)
    with pytest.raises(InvalidInput, match=r"disk\.img is larger than the 150 MB"):
        LocalFiles([folder]).open_file("disk.img")


def test_without_allowed_folders_no_file_is_opened(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="no folder is allowed"):
        LocalFiles().open_file(str(folder / "plan.txt"))
