"""New files in a folder of this machine that the user allowed: never outside it, and never in place of another."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from outlook_mcp.errors import InvalidInput

_HAS_DIR_FD = os.open in os.supports_dir_fd and os.unlink in os.supports_dir_fd
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_ODD = re.compile(r"[^\w .()@+-]+")
# Names of devices on Windows, whatever ending they have.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_LONGEST_NAME = 100
_MOST_OF_A_NAME = 100


@dataclass(slots=True)
class NewFile:
    """Open for writing as `descriptor`; `size` is in bytes so far."""

    path: Path
    descriptor: int
    size: int = 0

    async def write_piece(self, piece: bytes) -> None:
        """Raises InvalidInput when the disk is full or the like."""
        try:
            await anyio.to_thread.run_sync(self._write_all, piece)
        except OSError as failed:
            raise InvalidInput(f"The file cannot be written: {failed.strerror}. It was deleted.") from None
        self.size += len(piece)

    def _write_all(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]


def plain_name(written: str, ending: str) -> str:
    """A name for a file, whatever was written: no path, no device, nothing hidden, and with the ending.

    >>> plain_name("../../etc/passwd", ".eml"), plain_name("Re: Q4?.eml", ".eml"), plain_name("nul", ".mbox")
    ('etc passwd.eml', 'Re Q4.eml', '_nul.mbox')
    >>> plain_name(" ... ", ".eml")
    'mail.eml'
    """
    stem = written[: -len(ending)] if written.lower().endswith(ending) else written
    name = " ".join(_ODD.sub(" ", stem).split())[:_LONGEST_NAME].strip(" .-") or "mail"
    return f"{'_' if _DEVICE.match(name) else ''}{name}{ending}"


@asynccontextmanager
async def new_file(folder: Path, name: str) -> AsyncIterator[NewFile]:
    """A new file; where the name is taken, with a number. It is deleted when the block does not end well.

    Raises InvalidInput when there can be none.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if _HAS_DIR_FD else None
    try:
        file = _opened(folder, name, place)
        is_whole = False
        try:
            yield file
            is_whole = True
        finally:
            os.close(file.descriptor)
            if not is_whole:
                os.unlink(file.path.name if place is not None else file.path, dir_fd=place)
    finally:
        if place is not None:
            os.close(place)


def _opened(folder: Path, name: str, place: int | None) -> NewFile:
    stem, ending = os.path.splitext(name)
    for number in range(1, _MOST_OF_A_NAME):
        tried = name if number == 1 else f"{stem}-{number}{ending}"
        try:
            opened = os.open(tried if place is not None else folder / tried, _FLAGS | _BINARY, 0o600, dir_fd=place)
        except FileExistsError:
            continue
        except OSError as failed:
            raise InvalidInput(f"There can be no new file in {folder}: {failed.strerror}.") from None
        return NewFile(folder / tried, opened)
    raise InvalidInput(f"{folder} has too many files called {name}.", next_step="Give another name.")
