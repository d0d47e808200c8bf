"""Keeps the parser's work bounded: it grows with the number of tags times the depth of open elements."""

from __future__ import annotations

import re
from collections import defaultdict

from outlook_mcp.text.html.tags import FORMATTING, NOT_NESTING

MOST_CHARS = 2_000_000
# The deepest real message seen has 507 open elements.
DEEPEST = 1_500
# Sum over all tags of the elements open at that moment; a real newsletter stays under three million.
_MOST_STEPS = 30_000_000
# An open <b> or <font> is made anew in every block after it, so it costs memory too.
_MOST_REOPENED = 300_000
# The parser's work grows with their square.
_MOST_OPTIONS = 4_000

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")


def depth_of(html: str) -> int | None:
    """How many elements are open at once at the most; None for a document that would cost too much to parse.

    A close tag only counts against an open tag of its own name.
    """
    open_tags: defaultdict[str, int] = defaultdict(int)
    depth = deepest = formatting = steps = reopened = options = 0
    for slash, name in _TAG.findall(html):
        steps += depth
        if steps > _MOST_STEPS:
            return None
        if name not in NOT_NESTING:
            name = name.lower()
        if name in NOT_NESTING:
            options += name == "option"
            if options > _MOST_OPTIONS:
                return None
            continue
        if slash and not open_tags[name]:
            continue
        change = -1 if slash else 1
        open_tags[name] += change
        depth += change
        deepest = max(deepest, depth)
        if name in FORMATTING:
            formatting += change
        else:
            reopened += formatting
        if depth > DEEPEST or reopened > _MOST_REOPENED:
            return None
    return deepest
