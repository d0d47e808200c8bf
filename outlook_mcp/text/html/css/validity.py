"""Values that browsers do not accept, so that their declaration counts for nothing."""

from __future__ import annotations

import re
from functools import lru_cache

from tinycss2 import ast

from outlook_mcp.text.html.css.colours import INVALID, parse_colour
from outlook_mcp.text.html.css.declarations import WIDE_KEYWORDS
from outlook_mcp.text.html.css.function_lists import PROPERTIES, is_accepted
from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.tokens import Token, functions, is_ident, split_at, text_of, tokens_of, words

_DISPLAYS_OUTSIDE, _DISPLAYS_INSIDE = words("block inline run-in"), words("flow flow-root table flex grid ruby math")
_DISPLAYS = _DISPLAYS_OUTSIDE | _DISPLAYS_INSIDE
_DISPLAYS |= words(
    """none inline-block inline-flex inline-grid inline-table table-row table-cell table-row-group table-header-group
    table-footer-group table-column table-column-group table-caption list-item contents ruby-base ruby-text
    ruby-base-container ruby-text-container -webkit-box -webkit-inline-box -webkit-flex -ms-flexbox -moz-box
    -webkit-inline-flex"""
)
_OVERFLOWS = frozenset({"visible", "hidden", "clip", "scroll", "auto", "overlay"})
_KEYWORDS = {
    "visibility": frozenset({"visible", "hidden", "collapse"}),
    "position": frozenset({"static", "relative", "absolute", "fixed", "sticky", "-webkit-sticky"}),
    "content-visibility": frozenset({"visible", "hidden", "auto"}),
    "overflow-x": _OVERFLOWS,
    "overflow-y": _OVERFLOWS,
}
_LENGTHS = words(
    """font-size left top right bottom width height max-width max-height min-width min-height text-indent margin-left
    margin-top margin-right padding-bottom padding-right padding-top padding-left letter-spacing"""
)
_NOT_NEGATIVE = words(
    """font-size width height max-width max-height min-width min-height padding-bottom padding-right padding-top
    padding-left"""
)
_MARGINS = words("left top right bottom margin-left margin-top margin-right margin-bottom")
_SIZES = words(
    """min-content max-content fit-content stretch contain -webkit-fill-available -webkit-min-content
    -webkit-max-content -webkit-fit-content intrinsic min-intrinsic"""
)
# The words that a length may be.
_WORDS_OF_LENGTHS = {
    **dict.fromkeys(_MARGINS, words("auto")),
    **dict.fromkeys(("width", "height", "min-width", "min-height"), _SIZES | {"auto"}),
    **dict.fromkeys(("max-width", "max-height"), _SIZES | {"none"}),
    "font-size": words(
        """xx-small x-small small medium large x-large xx-large xxx-large -webkit-xxx-large larger smaller math"""
    ),
    "letter-spacing": words("normal"),
}
# Of lengths: a size of nothing, or a place far away.
_HIDING = re.compile(r"[-+]?(?:0|\.|1(?![\d%]))|-\d{3}|\d{4}")
_COLOURS = frozenset({"color", "background-color", "text-fill-color", "text-stroke-color"})
_OF_BACKGROUNDS = words(
    """none left right top bottom center auto cover contain repeat repeat-x repeat-y no-repeat space round scroll fixed
    local border-box padding-box content-box border-area text"""
)
_WITHOUT_FUNCTIONS = words("display visibility position overflow-x overflow-y white-space float content-visibility")
# Of one old browser alone, so that no other one accepts the value.
_FORGOTTEN = frozenset({"expression", "constant"})
# They choose among values of any kind.
_CHOOSING = frozenset({"if", "attr", "env", "first-valid", "inherit", "random-item", "toggle"})
# Understood where the value of the function is not needed.
_HARMLESS = _FORGOTTEN | {"fit-content"}


@lru_cache(maxsize=8192)
def is_valid(name: str, value: str, quirks: bool) -> bool:
    """Whether a declaration without variables counts. True for what is not known here."""
    if value in WIDE_KEYWORDS or name.startswith("--"):
        return True
    if value.startswith("layer("):
        return _is_background(tokens_of(value[len("layer(") : -1]))
    if name in _COLOURS:
        return parse_colour(value) is not INVALID
    if "(" in value and is_not_understood(name, value):
        return True
    if name == "all":
        return False
    if name == "display":
        return _is_display(value.split())
    if name in _KEYWORDS:
        return value in _KEYWORDS[name]
    if name == "opacity":
        tokens = tokens_of(value)
        return len(tokens) == 1 and isinstance(tokens[0], ast.NumberToken | ast.PercentageToken | ast.FunctionBlock)
    if name in _LENGTHS:
        return _is_length(name, value, quirks)
    if name == "content":
        # One of these words means that there is nothing else.
        return len(tokens_of(value)) == 1 or not any(is_ident(token, "none", "normal") for token in tokens_of(value))
    return name not in PROPERTIES or is_accepted(name, value)


def may_undo(name: str, value: str, before: str) -> bool:
    """Whether a number without a unit, which is a length in old documents alone, comes after a value that hides text.

    Mail programs show an old document within a new one, or as it is.

    >>> may_undo("font-size", "12", "0"), may_undo("font-size", "12", "10px"), may_undo("opacity", "1", "0")
    (True, False, False)
    """
    if name not in _LENGTHS or not value[-1:].isdigit() or not _HIDING.match(before):
        return False
    return not is_valid(name, value, quirks=False)


@lru_cache(maxsize=2048)
def is_not_understood(name: str, value: str) -> bool:
    """Whether a function decides about a value that may hide text, and what it gives is not known here.

    >>> is_not_understood("display", "if(media(print): none)"), is_not_understood("height", "max(0px, 1em)")
    (True, False)
    """
    if name in _WITHOUT_FUNCTIONS:
        return any(function in _CHOOSING or function[:2] == "--" for function, _ in functions(tokens_of(value)))
    if name not in _LENGTHS and name not in ("opacity", "zoom", "line-height"):
        return False
    tokens = tokens_of(value)
    is_function = len(tokens) == 1 and isinstance(tokens[0], ast.FunctionBlock) and "env(safe-area" not in value
    return is_function and tokens[0].lower_name not in _HARMLESS and token_pixels(tokens[0], Scale()) is None


def _is_display(parts: list[str]) -> bool:
    if len(parts) == 1:
        return parts[0] in _DISPLAYS
    kinds = [part for part in parts if part != "list-item"]
    outside = [part for part in kinds if part in _DISPLAYS_OUTSIDE]
    inside = [part for part in kinds if part in _DISPLAYS_INSIDE]
    is_known = len(outside) + len(inside) == len(kinds) and len(parts) - len(kinds) <= 1
    return bool(parts) and is_known and len(outside) <= 1 and len(inside) <= 1


def _is_background(tokens: tuple[Token, ...]) -> bool:
    """Layers of one picture at most, behind the last of which a colour may stand."""
    layers = split_at(tokens, ",")
    for number, layer in enumerate(layers, 1):
        pictures = sum(isinstance(token, ast.URLToken) or _is_picture(token) for token in layer)
        colours = sum(_is_colour(token) for token in layer)
        if not layer or pictures > 1 or colours > (number == len(layers)) or not all(map(_is_of_background, layer)):
            return False
    return True


def _is_picture(token: Token) -> bool:
    return isinstance(token, ast.FunctionBlock) and ("gradient" in token.lower_name or token.lower_name == "url")


def _is_colour(token: Token) -> bool:
    is_name = isinstance(token, ast.IdentToken | ast.HashToken)
    return is_name and parse_colour(text_of([token]).lower()) is not INVALID


def _is_of_background(token: Token) -> bool:
    """Whether a token may stand in `background`."""
    if is_ident(token) or isinstance(token, ast.HashToken):
        is_word = is_ident(token) and token.lower_value in _OF_BACKGROUNDS
        return is_word or parse_colour(text_of([token]).lower()) is not INVALID
    return not isinstance(token, ast.StringToken) and not (isinstance(token, ast.NumberToken) and token.value)


def _is_length(name: str, value: str, quirks: bool) -> bool:
    tokens = tokens_of(value)
    if name == "text-indent" and len(tokens) == 2 and is_ident(tokens[1], "each-line"):
        tokens = tokens[:1]
    if len(tokens) != 1:
        # Such as `hanging` behind an indent, which leaves the first line where it is.
        return False
    first = tokens[0]
    if isinstance(first, ast.NumberToken) and first.value and not quirks:
        return False
    if isinstance(first, ast.FunctionBlock):
        return first.lower_name not in _FORGOTTEN
    if isinstance(first, ast.IdentToken):
        return first.lower_value in _WORDS_OF_LENGTHS.get(name, ())
    pixels = token_pixels(first, Scale())
    return pixels is not None and not (pixels < 0 and name in _NOT_NEGATIVE)
