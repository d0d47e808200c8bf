"""The files of one audit log: the one that is written, and older ones with the number of their last record as suffix.

`audit.log.1200` ends with record 1200, and record 1201 is the first one of the next file.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from outlook_mcp.audit.chain import MAX_LINE_BYTES
from outlook_mcp.audit.private_files import open_regular

_NUMBER = re.compile(r"\.([1-9][0-9]*)")


@dataclass(frozen=True, slots=True, order=True)
class OlderFile:
    """`last_seq` is the number of its last record, as its name says."""

    last_seq: int
    path: Path


def older_files(path: Path) -> list[OlderFile]:
    """The older files of the log that is written to `path`, the oldest first."""
    try:
        names = os.listdir(path.parent)
    except FileNotFoundError:
        return []
    found = ((_NUMBER.fullmatch(name.removeprefix(path.name)), name) for name in names if name.startswith(path.name))
    return sorted(OlderFile(int(number[1]), path.with_name(name)) for number, name in found if number)


def rotate_file(path: Path, last_seq: int) -> bool:
    """Renames the file that is written. False when the system refuses, as Windows does for an open file."""
    older = path.with_name(f"{path.name}.{last_seq}")
    try:
        if older.exists():
            return False
        path.rename(older)
    except OSError:
        return False
    sync_folder(path.parent)
    return True


def is_same_file(fd: int, path: Path) -> bool:
    """Whether the open file is the one at `path` now."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Forces the names in it to disk, where the system can."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def last_bytes(fd: int, size: int) -> bytes:
    """The last bytes of a file, enough for its longest line."""
    start = max(0, size - MAX_LINE_BYTES)
    os.lseek(fd, start, os.SEEK_SET)
    return os.read(fd, size - start)


def lines_of(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The lines within the first `size` bytes, with their ends; the last one may have none."""
    left = size
    while left > 0:
        line = file.readline(left)
        if not line:
            return
        left -= len(line)
        yield line


def all_lines(path: Path) -> Iterator[bytes]:
    """Every line of every file, oldest first. Raises OSError."""
    with open_regular(path) if path.exists() else open(os.devnull, "rb") as newest:
        size = os.fstat(newest.fileno()).st_size
        for older in older_files(path):
            if not is_same_file(newest.fileno(), older.path):
                with open_regular(older.path) as file:
                    yield from file
        yield from lines_of(newest, size)
