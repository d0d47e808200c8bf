"""A body that is plain text already."""

from __future__ import annotations

import re

from outlook_mcp.text.characters import strip_invisible
from outlook_mcp.text.html.guard import MOST_CHARS
from outlook_mcp.text.html.numbered_links import NumberedLinks
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.writer import TextWriter
from outlook_mcp.text.links import real_url

_LONG_URL = re.compile(r"https?://[^\s<>\"]{60,}", re.I)
_PUNCTUATION = ".,;:!?'’”»*_)]}"
_MOST_PUNCTUATION = 8
_OPENING = {")": "(", "]": "[", "}": "{"}
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def plain_text(text: str) -> ConvertedText:
    """The text without what a reader cannot see; long addresses become a host and a number."""
    truncated = len(text) > MOST_CHARS
    cleaned, removed = strip_invisible(text[:MOST_CHARS].replace("\r\n", "\n").replace("\r", "\n"))
    links = NumberedLinks(TextWriter())

    def shortened(found: re.Match[str]) -> str:
        address = _without_punctuation(found[0])
        url = real_url(address)
        return links.number(url, address) + found[0][len(address) :] if url else found[0]

    cleaned = _LONG_URL.sub(shortened, cleaned)
    cleaned = _BLANK_LINES.sub("\n\n", cleaned).strip()
    return ConvertedText(cleaned, links=links.in_order, hidden_chars=removed, truncated=truncated)


def _without_punctuation(address: str) -> str:
    """The address without what belongs to the sentence around it, such as a bracket that was opened before it.

    >>> _without_punctuation("https://a.example/x_(y))."), _without_punctuation("https://a.example/x,")
    ('https://a.example/x_(y)', 'https://a.example/x')
    """
    end = len(address)
    # Each look at a bracket counts those of the whole address.
    while end > len(address) - _MOST_PUNCTUATION and (last := address[end - 1]) in _PUNCTUATION:
        opening = _OPENING.get(last)
        if opening and address.count(opening, 0, end) >= address.count(last, 0, end):
            break
        end -= 1
    return address[:end]
