"""Whatever is done to a file of a log that has several is found and named."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from outlook_mcp.audit.checkpoint import checkpoint_path
from outlook_mcp.audit.files import OlderFile
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.errors import AuditBroken, AuditUnavailable
from tests.audit.rotating import write
from tests.audit.test_rotation import broken
from tests.audit_logs import AUDIT_KEY as KEY

Damage = Callable[[Path, list[OlderFile]], object]


def cut_line(path: Path, index: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[index]
    path.write_bytes(b"".join(lines))


def swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"number":1', b'"number":7', 1))


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a file removed in the middle": (lambda path, older: older[1].path.unlink(), "deleted: records .* are missing"),
    "the oldest file removed": (lambda path, older: Path.unlink(older[0].path), "none says they were removed"),
    "all older files removed": (
        lambda path, older: list(map(Path.unlink, (file.path for file in older))),
        "none says they were removed",
    ),
    "the newest older file removed": (lambda path, older: older[-1].path.unlink(), "deleted: records .* are missing"),
    "a file cut at its end": (lambda path, older: cut_line(older[1].path, -1), "deleted: record .* is missing"),
    "a file cut within a line": (
        lambda path, older: os.truncate(older[1].path, older[1].path.stat().st_size - 20),
        "truncated: the line stops in the middle",
    ),
    "a file cut at its start": (lambda path, older: cut_line(older[1].path, 0), "deleted: record .* is missing"),
    "a file emptied": (lambda path, older: os.truncate(older[1].path, 0), "deleted: records .* are missing"),
    "a line edited": (lambda path, older: edit(older[1].path), "edited: its MAC does not fit"),
    "two files swapped": (lambda path, older: swap(older[1].path, older[2].path), "reordered: record .* comes later"),
    "an older file and the newest swapped": (lambda path, older: swap(older[1].path, path), "reordered"),
    "a file twice": (
        lambda path, older: (
            path.with_name(f"{path.name}.{older[1].last_seq + 1}").write_bytes(older[1].path.read_bytes()) and None
        ),
        "reordered: record .* stands after",
    ),
    "a file renamed": (
        lambda path, older: older[1].path.rename(path.with_name(f"{path.name}.999999")),
        "reordered: record .* comes later",
    ),
    "the newest file removed": (lambda path, older: path.unlink(), "truncated: the checkpoint remembers"),
    "a file split": (lambda path, older: split(older[1].path), "does not begin as one that continues another"),
}


def split(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[3:]))
    first = int(path.suffix[1:]) - len(lines) + 3
    path.with_suffix(f".{first}").write_bytes(b"".join(lines[:3]))


class TestTampering:
    @pytest.mark.parametrize("damage", DAMAGES)
    def test_it_is_found_and_named(self, path: Path, rotated: list[OlderFile], damage: str) -> None:
        do, told = DAMAGES[damage]
        do(path, rotated)
        with pytest.raises(AuditBroken, match=told):
            verify_log(path, KEY)

    def test_the_file_and_its_line_are_named(self, path: Path, rotated: list[OlderFile]) -> None:
        cut_line(rotated[1].path, 2)
        assert broken(path).startswith(f"{rotated[1].path} line 3: deleted")

    def test_random_damage_to_any_file_is_found(self, path: Path, rotated: list[OlderFile]) -> None:
        chosen = random.Random(9)
        for _ in range(300):
            file = chosen.choice([*(older.path for older in rotated), path])
            whole = file.read_bytes()
            forged = bytearray(whole)
            forged[chosen.randrange(len(forged))] ^= 1 << chosen.randrange(8)
            file.write_bytes(forged)
            broken(path)
            file.write_bytes(whole)
        verify_log(path, KEY)

    def test_a_newest_file_removed_before_more_was_written_is_found_for_ever(
        self, path: Path, rotated: list[OlderFile]
    ) -> None:
        path.unlink()
        write(path, 3)
        assert "cut off before it" in broken(path)

    def test_newest_file_and_checkpoint_removed_are_found_for_ever(self, path: Path, rotated: list[OlderFile]) -> None:
        path.unlink()
        checkpoint_path(path).unlink()
        write(path, 3)
        assert "cut off before it" in broken(path)

    def test_a_file_renamed_to_another_number_is_not_continued(self, path: Path, rotated: list[OlderFile]) -> None:
        rotated[-1].path.rename(path.with_name(f"{path.name}.999999"))
        path.unlink()
        with pytest.raises(AuditUnavailable, match="does not end with record 999999"):
            write(path, 1)
