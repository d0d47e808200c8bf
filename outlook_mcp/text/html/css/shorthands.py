"""Shorthands as their longhands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from outlook_mcp.text.html.css.tokens import text_of, tokens_of

_PAIRS = frozenset({"inset-block", "inset-inline", "margin-block", "margin-inline", "overflow", "gap"})
_SYSTEM_FONTS = frozenset({"caption", "icon", "menu", "message-box", "small-caption", "status-bar"})
_BEFORE_THE_SIZE = frozenset(
    [
        *("normal", "italic", "oblique", "small-caps", "bold", "bolder", "lighter", "condensed", "expanded"),
        *("ultra-condensed", "extra-condensed", "semi-condensed", "semi-expanded", "extra-expanded", "ultra-expanded"),
    ]
)
_STROKES = {"thin": "1px", "medium": "3px", "thick": "5px"}
_SIDES = ("top", "right", "bottom", "left")
# White space alone parts these into tokens.
_PLAIN_WORDS = re.compile(r"[\w.%#\s-]+", re.ASCII)
# What does not begin at the edge of its box may overflow it there.
ALIGNED = re.compile(r"end|center|space|right|last")
SHORTHANDS = {
    "margin": ("margin-top", "margin-right", "margin-bottom", "margin-left"),
    "padding": ("padding-top", "padding-right", "padding-bottom", "padding-left"),
    "inset": ("top", "right", "bottom", "left"),
    "inset-block": ("top", "bottom"),
    "inset-inline": ("left", "right"),
    "margin-block": ("margin-top", "margin-bottom"),
    "margin-inline": ("margin-left", "margin-right"),
    "overflow": ("overflow-x", "overflow-y"),
    "font": ("font-size", "line-height", "font-family"),
    "background": ("background-color", "background-image", "background-clip"),
    "flex": ("flex-grow", "flex-basis", "flex-shrink"),
    "flex-flow": ("flex-direction", "flex-wrap"),
    "gap": ("row-gap", "column-gap"),
    "place-content": ("align-content", "justify-content"),
    "place-items": ("align-items", "justify-items"),
    "place-self": ("align-self", "justify-self"),
    "text-stroke": ("text-stroke-width", "text-stroke-color"),
    "grid": ("grid-template-rows", "grid-template-columns"),
    "grid-template": ("grid-template-rows", "grid-template-columns"),
}


def expand(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The longhands of a shorthand whose value holds no variable."""
    words = value.split() if _PLAIN_WORDS.fullmatch(value) else [text_of([token]) for token in tokens_of(value)]
    if name in ("margin", "padding", "inset") and 1 <= len(words) <= 4:
        top, right, bottom, left = (
            [words[index % len(words)] for index in range(4)] if len(words) != 3 else [*words, words[1]]
        )
        prefix = "" if name == "inset" else f"{name}-"
        yield from zip((prefix + side for side in _SIDES), (top, right, bottom, left), strict=True)
    elif name in _PAIRS and 1 <= len(words) <= 2:
        yield from zip(SHORTHANDS[name], (words[0], words[-1]), strict=True)
    elif name == "font":
        yield from _of_font(value, words)
    elif name == "background":
        yield "background-color", f"layer({value})"
        yield "background-image", value
        yield "background-clip", "text" if "text" in words else "border-box"
    elif name == "flex":
        yield from _of_flex(value, words)
    elif name == "flex-flow":
        yield from (("flex-wrap" if "wrap" in word else "flex-direction", word) for word in words)
    elif name.startswith("place-"):
        ends = (("align", words[0]), ("justify", words[-1]))
        yield from ((name.replace("place", axis), word) for axis, word in ends if ALIGNED.search(word))
    elif name == "text-stroke":
        yield from _of_stroke(words)
    elif name in ("grid", "grid-template"):
        rows, _, columns = value.partition("/")
        yield "grid-template-rows", rows
        yield "grid-template-columns", columns or "none"


def _of_font(value: str, words: list[str]) -> Iterator[tuple[str, str]]:
    size = "medium" if value in _SYSTEM_FONTS else _font_size(words)
    line = words.index("/") + 1 if "/" in words[:-1] else 0
    # Behind the size and the height of a line stands a name, without which browsers do not accept it.
    before = words[: words.index(size)] if size in words else []
    is_known = all(word in _BEFORE_THE_SIZE or word[:1].isdigit() for word in before)
    if size and is_known and (value in _SYSTEM_FONTS or words[-1] not in (size, words[line])):
        yield "font-size", size
        yield "line-height", words[line] if line else "normal"
        yield "font-family", value


def _of_stroke(words: list[str]) -> Iterator[tuple[str, str]]:
    sizes = [_STROKES.get(word, word) for word in words if word in _STROKES or word[:1] in "0123456789.+-"]
    colours = [word for word in words if word not in _STROKES and word[:1] not in "0123456789.+-"]
    yield "text-stroke-width", sizes[0] if sizes else "0"
    yield "text-stroke-color", colours[-1] if colours else "currentcolor"


def _of_flex(value: str, words: list[str]) -> Iterator[tuple[str, str]]:
    basis = [word for word in words[1:] if not word.replace(".", "").isdigit()] or words[2:3]
    yield "flex-grow", "1" if value == "auto" else "0" if value in ("none", "initial") else words[0]
    yield "flex-basis", basis[0] if basis else "auto" if value in ("auto", "none", "initial") else "0"
    yield "flex-shrink", "0" if value == "none" else words[1] if words[1:2] and words[1] not in basis else "1"


def _font_size(words: list[str]) -> str:
    """The size in a `font` shorthand: the first length, and not its line height."""
    for word in words:
        if word[:1].isdigit() or word[:1] in ".-" or word.startswith(("calc(", "min(", "max(", "clamp(")):
            is_weight = word.isdigit() and len(word) == 3
            if not is_weight:
                return word
        if word in ("xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "smaller", "larger"):
            return word
    return ""
