"""Bounds on HTML before it is parsed: the parser takes more than linear time for some inputs."""

from __future__ import annotations

import re

_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
# These close themselves or hold nothing, so they tell nothing about depth.
_SHALLOW = {
    *("br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "source"),
    *("p", "li", "td", "th", "tr", "dt", "dd", "option"),
}
# Left open, these are opened again in every paragraph that follows (HTML Standard, 13.2.4.3).
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
# Lexbor takes quadratic time in depth; the deepest real mail seen has 507 levels.
_DEPTH_LIMIT = 1_500
_REOPENED_LIMIT = 1_000_000
# More than quadratic time in the attributes of one element; real mail has some dozens.
_ATTRIBUTES_LIMIT = 200
_ATTRIBUTE = re.compile(r"[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:\"[^\"]*\"?|'[^']*'?|[^\s>]*))?")
# A tag that can have too many attributes is at least this long.
_SHORT_TAG = re.compile(rf"<[a-zA-Z][^<>\"']{{0,{2 * _ATTRIBUTES_LIMIT}}}>")


def is_too_complex(html: str) -> bool:
    """Whether a parser would take quadratic time or memory for the nesting of the elements."""
    depth = formatting = reopened = 0
    for close, name in _TAG_NAME.findall(html):
        step = -1 if close else 1
        tag = name.lower()
        if tag in _FORMATTING:
            formatting = max(0, formatting + step)
        if not close:
            reopened += formatting
        if tag not in _SHALLOW:
            depth = max(0, depth + step)
        if depth > _DEPTH_LIMIT or reopened > _REOPENED_LIMIT:
            return True
    return False


def limit_attributes(html: str) -> str:
    """The text without the attributes of a tag beyond its first 200.

    >>> limit_attributes("<p class=a>text</p>")
    '<p class=a>text</p>'
    """
    pieces: list[str] = []
    kept = position = 0
    while (start := html.find("<", position)) >= 0:
        if short := _SHORT_TAG.match(html, start):
            position = short.end()
            continue
        position = start + 1
        if html[position : position + 1].isalpha():
            cut, position = _attributes_end(html, position)
            if cut < position:
                pieces.append(html[kept:cut])
                kept = position
    return "".join([*pieces, html[kept:]]) if pieces else html


def _attributes_end(html: str, position: int) -> tuple[int, int]:
    """Where the last allowed attribute of the tag ends, and where all of them end; the tag's name counts as one."""
    number, cut = 0, position
    while match := _ATTRIBUTE.match(html, position):
        position = match.end()
        number += 1
        if number <= _ATTRIBUTES_LIMIT:
            cut = position
    return cut, position
