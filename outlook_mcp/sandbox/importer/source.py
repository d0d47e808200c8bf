"""Raw messages as read from any kind of mail store, with name, folder and flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SIZE_LIMIT = 150 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """One message on disk; `folder` is a path of names below the root, empty for the folder asked for."""

    name: str
    raw: bytes
    modified: datetime
    folder: tuple[str, ...] = ()
    is_read: bool | None = None
    is_flagged: bool = False
    is_draft: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that no message could be read from, and the reason."""

    name: str
    reason: str


def modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def read_file_bytes(path: Path) -> bytes | str:
    """The bytes of the file, or the reason why there are none."""
    try:
        if not path.is_file():
            return "not a regular file"
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            return f"{size} bytes; the limit is {SIZE_LIMIT}"
        return path.read_bytes()
    except OSError as error:
        return error.strerror or "cannot be read"


def is_mbox(path: Path) -> bool:
    """Whether a file starts as an mbox does; an .eml is none, although it may start with a From line too."""
    if path.suffix.lower() == ".eml" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return FROM_LINE.match(file.readline(1_000)) is not None
    except OSError:
        return False


FROM_LINE = re.compile(rb"From \S.*\d\d:\d\d.*|From - ", re.DOTALL)
