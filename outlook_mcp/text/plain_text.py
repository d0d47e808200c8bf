"""A body that is plain text already."""

from __future__ import annotations

import re

from outlook_mcp.text.characters import strip_invisible
from outlook_mcp.text.html.guard import MOST_CHARS
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.writer import TextWriter
from outlook_mcp.text.links import real_url

_LONG_URL = re.compile(r"https?://[^\s<>\"]{60,}", re.I)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def plain_text(text: str) -> ConvertedText:
    """The text without what a reader cannot see; long addresses become a host and a number."""
    truncated = len(text) > MOST_CHARS
    cleaned, removed = strip_invisible(text[:MOST_CHARS].replace("\r\n", "\n").replace("\r", "\n"))
    writer = TextWriter()

    def shortened(found: re.Match[str]) -> str:
        url = real_url(found[0])
        return writer.number(url) if url else found[0]

    cleaned = _LONG_URL.sub(shortened, cleaned)
    cleaned = _BLANK_LINES.sub("\n\n", cleaned).strip()
    return ConvertedText(cleaned, links=writer.links, hidden_chars=removed, truncated=truncated)
