"""mbox files, read line by line so that the size of the file does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from outlook_mcp.sandbox.importer.source import FROM_LINE, SIZE_LIMIT, Found, Unreadable, modified

_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mbox(path: Path, name: str) -> Iterator[Found | Unreadable]:
    """Messages are named `<file> message <n>`, counted from 1."""
    try:
        moment = modified(path)
        for number, raw in enumerate(_messages(path), 1):
            label = f"{name} message {number}"
            if len(raw) > SIZE_LIMIT:
                yield Unreadable(label, f"more than {SIZE_LIMIT} bytes")
            else:
                yield Found(label, _QUOTED_FROM.sub(rb"\1", raw), moment)
    except OSError as error:
        yield Unreadable(name, error.strerror or "cannot be read")


def _messages(path: Path) -> Iterator[bytes]:
    """A From line counts only below an empty line: bodies hold lines that start with From, too."""
    lines: list[bytes] = []
    size, after_empty = 0, True
    with path.open("rb") as file:
        for line in file:
            if after_empty and FROM_LINE.match(line):
                if lines:
                    yield b"".join(lines)
                lines, size = [], 0
            elif size <= SIZE_LIMIT:
                lines.append(line)
                size += len(line)
            after_empty = not line.strip(b"\r\n")
    if lines:
        yield b"".join(lines)
