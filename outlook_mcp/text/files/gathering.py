"""What the readers of files share: how they stop before the time of their job is over, and how they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from outlook_mcp.text.files.result import FileText
from outlook_mcp.text.isolated.limits import cpu_seconds_left
from outlook_mcp.text.plain_text import plain_text

# What is left of a job's time when no further part is begun: the text gathered so far has to be cleaned and sent.
_SECONDS_KEPT = 0.3
_MOST_CHARS = 2_000_000


class UnreadableFile(Exception):
    """The reader knows why a file cannot be read: the message is a half sentence of ours, without words of senders."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text, and the number of the page, slide or sheet that it belongs to."""

    part: int
    text: str


def gathered(pieces: Iterable[Piece], *, unit: str = "", parts: int = 0, first: int = 1) -> FileText:
    """The pieces as one text, as many as the job has time for and an answer may hold."""
    texts: list[str] = []
    last, length, is_cut = first, 0, False
    for piece in pieces:
        if texts and (cpu_seconds_left() < _SECONDS_KEPT or length > _MOST_CHARS):
            is_cut = True
            break
        last = piece.part
        texts.append(piece.text)
        length += len(piece.text) + 1
    text = plain_text("\n".join(texts))
    return FileText(replace(text, truncated=text.truncated or is_cut), unit, parts, first, last)


def no_part(unit: str, parts: int) -> UnreadableFile:
    """What to raise where there is no page, slide or sheet of the number that was asked for."""
    return UnreadableFile(f"it has {parts} {unit}{'s' if parts != 1 else ''} only")


def answer_of(read: Callable[[], FileText]) -> bytes:
    """What a job gives back of a file: its text, or why it cannot be read."""
    try:
        return msgspec.json.encode(read())
    except UnreadableFile as reason:
        return msgspec.json.encode(str(reason))


def first_part(arguments: Sequence[str]) -> int:
    """The number of the page, slide or sheet to begin with, as the jobs are given it."""
    return max(1, int(arguments[0])) if arguments else 1
