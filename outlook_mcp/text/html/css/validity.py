"""Values that browsers do not accept, so that their declaration counts for nothing."""

from __future__ import annotations

from functools import lru_cache

from tinycss2 import ast

from outlook_mcp.text.html.css.colours import INVALID, parse_colour
from outlook_mcp.text.html.css.declarations import WIDE_KEYWORDS
from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.tokens import Token, functions, is_ident, text_of, tokens_of, words

_DISPLAYS = words(
    """none block inline inline-block flex inline-flex grid inline-grid table inline-table table-row table-cell
    table-row-group table-header-group table-footer-group table-column table-column-group table-caption list-item
    flow-root contents run-in ruby ruby-base ruby-text ruby-base-container ruby-text-container math -webkit-box
    -webkit-inline-box -webkit-flex -ms-flexbox -moz-box -webkit-inline-flex flow"""
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
        return all(map(_is_of_background, tokens_of(value[len("layer(") : -1])))
    if name in _COLOURS:
        return parse_colour(value) is not INVALID
    if "(" in value and is_not_understood(name, value):
        return True
    if name == "all":
        return False
    if name == "display":
        return all(word in _DISPLAYS for word in value.split()) and bool(value)
    if name in _KEYWORDS:
        return value in _KEYWORDS[name]
    if name == "opacity":
        tokens = tokens_of(value)
        return len(tokens) == 1 and isinstance(tokens[0], ast.NumberToken | ast.PercentageToken | ast.FunctionBlock)
    if name in _LENGTHS:
        return _is_length(name, value, quirks)
    return True


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
        return True
    pixels = token_pixels(first, Scale())
    return pixels is not None and not (pixels < 0 and name in _NOT_NEGATIVE)
