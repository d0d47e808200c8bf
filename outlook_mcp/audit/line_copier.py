"""Copies the lines of this server's audit log to the store, where those of all servers come together.

The files stay the record. What is copied is read from them, so nothing is lost when a process is killed or the store is
away for a while: the next copy goes on behind the last line that the store has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from outlook_mcp.audit.files import all_lines
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_lines

_NUMBER = re.compile(rb'\{"seq":([0-9]+),')
_REMOVED = f'"tag":"{AuditTag.LOG_REMOVED}"'.encode()
LINES_AT_ONCE = 500
# More are found by reading the files from their beginning.
_MOST_FROM_THE_END = 10_000
NumberedLine = tuple[int, bytes]


class LineStore(Protocol):
    """The lines of one log in the store. Every error is a VaultError."""

    async def last_number(self) -> int:
        """The number of the last record that is there; 0 when there is none."""

    async def append_lines(self, lines: Sequence[NumberedLine]) -> None:
        """Adds records with their numbers; those that are there are left out."""

    async def remove_lines(self, through: int) -> None:
        """Removes the records up to this number."""


class LineCopier:
    """`path` is the file that the log is written to."""

    def __init__(self, path: Path, store: LineStore) -> None:
        self._path = path
        self._store = store

    async def copy_lines(self, last: int) -> None:
        """Copies what the store lacks of the records up to `last` at least. Raises VaultError and OSError.

        Several processes may copy one log at once. What the log has removed of its oldest files is removed there, too.
        """
        known = await self._store.last_number()
        lines = await anyio.to_thread.run_sync(_lines_after, self._path, known, last)
        while batch := await anyio.to_thread.run_sync(list, islice(lines, LINES_AT_ONCE)):
            await self._store.append_lines(batch)
            for _, line in batch:
                if _REMOVED in line:
                    await self._store.remove_lines(json.loads(line)["details"]["through"])


def _lines_after(path: Path, known: int, last: int) -> Iterator[NumberedLine]:
    count = last - known
    if count <= 0:
        return iter(())
    lines: Iterator[bytes] = iter(())
    if count <= _MOST_FROM_THE_END:
        lines = iter(last_lines(path, count))
    recent = list(_numbered(lines, known))
    is_whole = bool(recent) and recent[0][0] <= known + 1
    return iter(recent) if is_whole else _numbered(all_lines(path), known)


def _numbered(lines: Iterator[bytes], known: int) -> Iterator[NumberedLine]:
    """The lines that are whole, with their numbers, if those are above `known`."""
    for line in lines:
        found = _NUMBER.match(line)
        if found and line.endswith(b"\n") and (number := int(found[1])) > known:
            yield number, line
