"""What a conversion gives."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.text.links import Link


@dataclass(frozen=True, slots=True)
class ConvertedText:
    """Text of one body. `hidden_chars` were invisible to a reader and are gone; `cut_chars` are quoted history
    left out and `footer_chars` the lines of a mailing list below it; `images` counts pictures shown, not tracking
    pixels; `truncated` means the body was over a limit, `flat` that it was not parsed; `doubtful` that parts of the
    text may be hidden from readers, besides those that are marked. `differing_lines` of
    the history stand in none of the earlier messages and are shown last; None means that it was not compared.
    """

    text: str
    links: tuple[Link, ...] = ()
    hidden_chars: int = 0
    images: int = 0
    truncated: bool = False
    cut_chars: int = 0
    footer_chars: int = 0
    flat: bool = False
    doubtful: bool = False
    differing_lines: int | None = 0
