"""Declarations that can decide whether text is seen, shorthands as their longhands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import tinycss2
from tinycss2 import ast

from outlook_mcp.text.html.css.shorthands import ALIGNED, SHORTHANDS, expand
from outlook_mcp.text.html.css.tokens import LONGEST_VALUE, is_too_deep, text_of, words

_MOST_CSS = 200_000
_MOST_DECLARATIONS = 2_000


class Declaration(NamedTuple):
    """A longhand property in lower case with its value as CSS text; lower case, except of custom properties."""

    name: str
    value: str
    important: bool


_KEPT = words(
    """display visibility opacity color background-color background-image background-clip background-size font-size
    position left top right bottom transform scale translate rotate clip clip-path overflow-x overflow-y width
    height max-width max-height min-width min-height text-indent margin-left margin-top margin-right margin-bottom
    content-visibility filter mask-image zoom text-fill-color text-stroke-width text-stroke-color text-shadow
    text-security text-decoration-line white-space line-height letter-spacing mix-blend-mode z-index color-scheme
    contain font-family animation-name flex-basis flex-grow grid-template-rows grid-template-columns aspect-ratio
    backface-visibility content mso-hide padding-bottom padding-right padding-top padding-left table-layout
    offset-path float box-shadow transform-origin all grid-area grid-row border-width list-style-type
    counter-reset counter-increment counter-set background-blend-mode overflow-clip-margin line-clamp
    mask-box-image box-sizing container-type contain-intrinsic-height contain-intrinsic-width
    transform-style backdrop-filter columns quotes flex-shrink flex-wrap column-gap row-gap
    grid-auto-columns grid-auto-rows word-spacing"""
)
_LOGICAL = {
    "inline-size": "width",
    "block-size": "height",
    "max-inline-size": "max-width",
    "max-block-size": "max-height",
    "min-inline-size": "min-width",
    "min-block-size": "min-height",
    "inset-inline-start": "left",
    "inset-inline-end": "right",
    "inset-block-start": "top",
    "inset-block-end": "bottom",
    "margin-inline-start": "margin-left",
    "margin-block-start": "margin-top",
    "padding-inline-start": "padding-left",
    "padding-inline-end": "padding-right",
    "padding-block-start": "padding-top",
    "padding-block-end": "padding-bottom",
    "overflow-inline": "overflow-x",
    "overflow-block": "overflow-y",
    "mask": "mask-image",
    "margin-inline-end": "margin-right",
    "margin-block-end": "margin-bottom",
    "text-wrap": "white-space",
    "text-wrap-mode": "white-space",
    "animation": "animation-name",
    "text-decoration": "text-decoration-line",
    "offset": "offset-path",
    "list-style": "list-style-type",
    "border-image": "border-image-slice",
    "column-count": "columns",
    "column-width": "columns",
    "contain-intrinsic-size": "contain-intrinsic-height",
    "contain-intrinsic-block-size": "contain-intrinsic-height",
    "container": "container-type",
    "grid-column-start": "grid-column",
}
_WITH_TEXT = frozenset({"content", "list-style", "list-style-type", "quotes"})
# Names that browsers know only with `-webkit-` before them, and such as they never know so.
_ONLY_PREFIXED = words("text-fill-color text-stroke text-stroke-width text-stroke-color text-security mask-box-image")
_NEVER_PREFIXED = words(
    """display visibility color background background-color background-image font font-size position left top right
    bottom clip overflow overflow-x overflow-y width height max-width max-height min-width min-height text-indent margin
    padding zoom white-space line-height letter-spacing content z-index float"""
)
# Stands for a value that is too long or too deep to be read.
UNREADABLE = "unreadable"
# Stands for an edge, a line or a shadow so wide that it may cover other text.
OVERLAY = "overlay"
# Of interest only where they are so wide that they may cover text.
_EDGES = words("border border-top border-bottom border-left border-right border-width")
_WIDE_EDGE = re.compile(r"(?<![#\w.])\d{2,}(?:\.\d+)?(?:px|em|rem|pt|vw|vh)")
# They are painted over what stands below or beside them.
_OVERLAYS = words("outline outline-width text-decoration-line text-decoration-thickness text-stroke")
_WIDE_OVERLAY = re.compile(r"(?<![#\w.])(?:\d{2,}(?:\.\d+)?(?:px|pt|v[wh])|[1-9]\d*(?:\.\d+)?r?em|\d{2,}%)")
_WIDE_SHADOW = re.compile(r"(?<![#\w.])\d{3,}(?:\.\d+)?px")
# Their other values hide nothing.
_ONLY_WHERE = {
    "perspective": re.compile(r"\d"),
    "will-change": re.compile(r"transform|translate|rotate|scale|filter|perspective|contain"),
    "border-image-slice": re.compile(r"\bfill\b"),
    "background-position": re.compile(r"\d{3}"),
    "vertical-align": re.compile(r"\d{2}"),
    "border-spacing": re.compile(r"\d{3}"),
    "tab-size": re.compile(r"\d{3}"),
    "font-size-adjust": re.compile(r"(?<![\d.])(?:0?\.[012]|0(?![.\d]))"),
    "text-align": re.compile(r"right|end|center"),
    "order": re.compile(r"[1-9]"),
    "writing-mode": re.compile(r"^(?:vertical|sideways|tb|bt)"),
    "direction": re.compile(r"rtl"),
    "grid-column": re.compile(r"^(?:[2-9]|\d\d|-)"),
    "flex-direction": re.compile(r"reverse|column"),
    "justify-content": ALIGNED,
    "align-content": ALIGNED,
    "align-items": ALIGNED,
    "align-self": ALIGNED,
    "justify-items": ALIGNED,
    "justify-self": ALIGNED,
}
# Sizes of rows or columns of which some may leave nothing.
FLAT_TRACK = re.compile(
    r".*?(?:(?<![\w.#-])(?:0*\.?0+(?![.\d])|0*\.\d+(?!\d|r?em|fr|in)|[1-6](?:px|pt)\b)|fit-content\(|subgrid|calc|clamp)"
)
# Values of `overflow` by which a box is scrolled.
SCROLLING = words("auto scroll overlay")
# By these, too, a box may cut off what overflows it.
CUTTING = words("contain clip-path mask-image content-visibility")
CLIPPING = words("overflow-x overflow-y") | CUTTING
# A part of the size of a box around, which is not known.
_OF_CONTAINERS = re.compile(r"\dcq(?:w|h|i|b|min|max)\b")
_NEEDS_PARSER = re.compile(r"""["'\\{}\[\]@]|/\*""")
# Names of fonts, mostly.
_HARMLESS_STRING = re.compile(r""""[^"'\\\n;!]*"|'[^'"\\\n;!]*'""")
_SPACE = " \t\r\n\f"
_CUSTOM_NAME = re.compile(r"(--[^\s,()]+)|[^-]+|-")
_STRUCTURE = re.compile(r"[();]")
WIDE_KEYWORDS = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})


@lru_cache(maxsize=8192)
def parse_declarations(css: str) -> tuple[Declaration, ...]:
    """The longhands that matter here, in the order in which they are written.

    >>> parse_declarations("overflow: HIDDEN; cursor: pointer; height: 0 !important")[2]
    Declaration(name='height', value='0', important=True)
    """
    css = css[:_MOST_CSS]
    pairs = _parsed_pairs(css) if _needs_parser(css) else _plain_pairs(css)
    found: list[Declaration] = []
    for name, value, important in pairs:
        if len(found) > _MOST_DECLARATIONS:
            break
        if name.startswith("--"):
            found.append(Declaration(name, value, important))
        elif value:
            found += [
                Declaration(longhand, longhand_value, important)
                for longhand, longhand_value in _longhands(
                    name, value if name in _WITH_TEXT else _lowered(value) if "--" in value else value.lower()
                )
            ]
    return tuple(found)


def _lowered(value: str) -> str:
    """In lower case but for the names of custom properties."""
    return _CUSTOM_NAME.sub(lambda found: found[1] or found[0].lower(), value)


def plain_declarations(css: str) -> dict[str, str]:
    """Names and values of a block of descriptors, as they are written."""
    return {name: value for name, value, _ in _parsed_pairs(css[:_MOST_CSS])}


def _needs_parser(css: str) -> bool:
    """Whether a semicolon or a colon may stand for anything but the end of a declaration or of its name."""
    if '"' in css or "'" in css:
        css = _HARMLESS_STRING.sub("string", css)
    if _NEEDS_PARSER.search(css):
        return not is_too_deep(css)
    if "(" not in css:
        return False
    depth = 0
    for found in _STRUCTURE.finditer(css):
        if found[0] == ";":
            if depth > 0:
                return not is_too_deep(css)
        else:
            depth += 1 if found[0] == "(" else -1
    return False


def _plain_pairs(css: str) -> Iterator[tuple[str, str, bool]]:
    """For text without escapes, comments and blocks, where every semicolon ends a declaration."""
    for part in css.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            value, _, priority = value.partition("!")
            important = priority.strip(_SPACE).lower() == "important"
            if important or not priority:
                name = name.strip(_SPACE)
                yield name if name[:2] == "--" else name.lower(), value.strip(_SPACE), important


def _parsed_pairs(css: str) -> Iterator[tuple[str, str, bool]]:
    for node in tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True):
        if isinstance(node, ast.Declaration):
            tokens = [token for token in node.value if not isinstance(token, ast.Comment)]
            name = node.name if node.name.startswith("--") else node.lower_name
            yield name, text_of(tokens).strip(), node.important


def _longhands(name: str, value: str) -> Iterator[tuple[str, str]]:
    is_prefixed = name.startswith("-webkit-")
    if is_prefixed:
        name = name[len("-webkit-") :]
    if is_prefixed != (name in _ONLY_PREFIXED) and (name in _ONLY_PREFIXED or name in _NEVER_PREFIXED):
        return
    name = _LOGICAL.get(name, name)
    if len(value) > LONGEST_VALUE or is_too_deep(value):
        if name.startswith("background"):
            yield "background-image", "url(long)"
        elif name in _KEPT or name in SHORTHANDS:
            yield UNREADABLE, "yes"
        return
    if "cq" in value and _OF_CONTAINERS.search(value):
        yield UNREADABLE, "yes"
    wide = _WIDE_OVERLAY if name in _OVERLAYS else _WIDE_SHADOW if name == "box-shadow" else None
    if wide is not None and wide.search(value):
        yield OVERLAY, value
    if name == "display" and value == "unset":
        yield name, "inline"
    elif name in _EDGES:
        if _WIDE_EDGE.search(value):
            yield "border-width", value
    elif name in _ONLY_WHERE:
        if _ONLY_WHERE[name].search(value):
            yield name, value
    elif name in _KEPT:
        if name != "mask-image" or "box-image" not in value:
            yield name, value
    elif name in SHORTHANDS:
        if value in WIDE_KEYWORDS or "var(" in value:
            # Which part a variable sets is only known with its value.
            for longhand in SHORTHANDS[name]:
                yield longhand, value if value in WIDE_KEYWORDS else f"shorthand({name},{value})"
        else:
            yield from expand(name, value)
