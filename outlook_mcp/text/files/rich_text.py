"""The text of RTF files as a job of a worker process. Needs striprtf."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from striprtf.striprtf import rtf_to_text

from outlook_mcp.text.files.gathering import Piece, UnreadableFile, answer_of, gathered
from outlook_mcp.text.files.result import FileText

# Pictures are long runs of hexadecimal digits, which the library would look at one by one.
_PICTURE = re.compile(rb"[0-9a-fA-F\r\n]{200,}")
_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")


def run(_arguments: Sequence[str], source: bytes) -> bytes:
    """An RTF file becomes a FileText."""
    return answer_of(partial(read_rich_text, source))


def read_rich_text(source: bytes) -> FileText:
    """The text with its tables as rows. Raises UnreadableFile."""
    try:
        text = plain_of(source)
    except (ValueError, LookupError, RecursionError):
        raise UnreadableFile("it is no whole RTF file") from None
    lines = (" | ".join(cell.strip() for cell in line.split("|")).strip(" |") for line in text.split("\n"))
    return gathered(Piece(1, line) for line in lines)


def plain_of(source: bytes) -> str:
    """The text of RTF, cells of tables ended by a bar."""
    text: str = rtf_to_text(_without_pictures(source).decode("latin-1"), errors="replace")
    return text


def _without_pictures(source: bytes) -> bytes:
    pieces, position = [], 0
    for found in _BINARY.finditer(source):
        if found.start() >= position:
            pieces.append(source[position : found.start()])
            position = found.end() + int(found[1])
    return _PICTURE.sub(b"", b"".join([*pieces, source[position:]]))
