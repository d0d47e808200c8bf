"""Single message files, and folders of them with anything else in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from outlook_mcp.sandbox.importer.mbox import read_mbox
from outlook_mcp.sandbox.importer.source import Found, Unreadable, is_mbox, modified, read_file_bytes

_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")


def read_folder(path: Path) -> Iterator[Found | Unreadable]:
    """Every file below the folder in the order of names, except hidden ones."""
    failed: list[OSError] = []
    for directory, below, files in os.walk(path, onerror=failed.append):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                file = Path(directory, name)
                yield from read_file(file, str(file.relative_to(path)))
    for error in failed:
        yield Unreadable(str(error.filename), error.strerror or "cannot be read")


def read_file(path: Path, name: str) -> Iterator[Found | Unreadable]:
    if is_mbox(path):
        yield from read_mbox(path, name)
        return
    raw = read_file_bytes(path)
    if isinstance(raw, str):
        yield Unreadable(name, raw)
    elif raw.startswith(_COMPOUND_FILE):
        yield Unreadable(name, "an Outlook .msg file; save it as .eml")
    else:
        yield Found(name, raw, modified(path))
