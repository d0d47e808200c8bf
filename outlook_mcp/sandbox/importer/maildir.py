"""Maildir and Maildir++: flags in file names, subfolders as `.Parent.Child`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

from outlook_mcp.sandbox.importer.source import Found, Unreadable, modified, read_file_bytes

_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)$")
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def read_maildir(path: Path) -> Iterator[Found | Unreadable]:
    yield from _read_folder(path, path, ())
    for below in sorted(path.iterdir()):
        if below.name.startswith(".") and is_maildir(below):
            yield from _read_folder(path, below, _folder_names(below.name))


def _read_folder(root: Path, path: Path, folder: tuple[str, ...]) -> Iterator[Found | Unreadable]:
    for part in ("cur", "new"):
        for file in sorted((path / part).iterdir()):
            if file.name.startswith("."):
                continue
            name = str(file.relative_to(root))
            raw = read_file_bytes(file)
            if isinstance(raw, str):
                yield Unreadable(name, raw)
            else:
                yield _found(name, raw, file, folder)


def _found(name: str, raw: bytes, file: Path, folder: tuple[str, ...]) -> Found:
    match = _FLAGS.search(file.name)
    flags = match[1] if match else ""
    return Found(
        name,
        raw,
        modified(file),
        folder,
        is_read="S" in flags or "R" in flags,
        is_flagged="F" in flags,
        is_draft="D" in flags,
        is_deleted="T" in flags,
    )


def _folder_names(name: str) -> tuple[str, ...]:
    names = [_SHIFTED.sub(_unshift, part) for part in name.split(".") if part]
    return tuple(names[1:] if len(names) > 1 and names[0].upper() == "INBOX" else names)


def _unshift(match: re.Match[str]) -> str:
    """IMAP's modified UTF-7 (RFC 3501, 5.1.3)."""
    text = match[1].replace(",", "/")
    if not text:
        return "&"
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return match[0]
