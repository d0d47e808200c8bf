"""Keeps the parser's work bounded: it grows with the number of tags times the depth of open elements."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape

from outlook_mcp.text.characters import strip_invisible
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.tags import FORMATTING, NOT_NESTING

MOST_CHARS = 2_000_000
# The deepest real message seen has 507 open elements.
DEEPEST = 1_500
# Sum over all tags of the elements open at that moment; a real newsletter stays under three million.
_MOST_STEPS = 30_000_000
# An open <b> or <font> is made anew in every block after it, so it costs memory too.
_MOST_REOPENED = 300_000

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_DROPPED = re.compile(r"<(style|script|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
# A tag that never closes ends at the next one, so that no attribute is taken for text.
_ANY_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>?")


def is_too_costly(html: str) -> bool:
    """Too deep or too tangled to parse. A close tag only pays for an open tag of its own name."""
    open_tags: defaultdict[str, int] = defaultdict(int)
    depth = formatting = steps = reopened = 0
    for slash, name in _TAG.findall(html):
        steps += depth
        if steps > _MOST_STEPS:
            return True
        if name not in NOT_NESTING:
            name = name.lower()
        if name in NOT_NESTING or (slash and not open_tags[name]):
            continue
        change = -1 if slash else 1
        open_tags[name] += change
        depth += change
        if name in FORMATTING:
            formatting += change
        else:
            reopened += formatting
        if depth > DEEPEST or reopened > _MOST_REOPENED:
            return True
    return False


def flat_text(html: str) -> ConvertedText:
    """The text between the tags, for a message that is not parsed; so nobody knows what of it a reader would see."""
    text, removed = strip_invisible(unescape(_ANY_TAG.sub(" ", _DROPPED.sub(" ", html))))
    return ConvertedText(" ".join(text.split()), hidden_chars=removed, truncated=True, flat=True)
