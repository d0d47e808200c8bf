"""Conditions of @media and @supports, for the kinds of screen a message may be read on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from tinycss2 import ast

from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.tokens import Token, is_ident, is_symbol, significant, split_at, tokens_of, words


class Screen(NamedTuple):
    """A screen and what the mail program on it knows.

    `variables`: custom properties, which Outlook for Windows does not know. `doubtful`: rules count whose condition or
    selector is not understood here.
    """

    width: int
    dark: bool = False
    variables: bool = True
    doubtful: bool = False


WIDE, NARROW = 1200, 400
HEIGHT = 800
# A query of which nobody can tell whether it fits.
ANY_MEDIA = "(unknown)"
_DEEPEST = 8
# True, False, or None for a condition that is not understood.
Truth = bool | None

_KEYWORDS: dict[str, frozenset[str]] = {
    "hover": frozenset({"hover"}),
    "any-hover": frozenset({"hover"}),
    "pointer": frozenset({"fine"}),
    "any-pointer": frozenset({"fine"}),
    "prefers-reduced-motion": frozenset({"no-preference"}),
    "prefers-contrast": frozenset({"no-preference"}),
    "prefers-reduced-data": frozenset({"no-preference"}),
    "prefers-reduced-transparency": frozenset({"no-preference"}),
    "forced-colors": frozenset({"none"}),
    "inverted-colors": frozenset({"none"}),
    "display-mode": frozenset({"browser"}),
    "scripting": frozenset({"none"}),
    "update": frozenset({"fast"}),
    "color-gamut": frozenset({"srgb"}),
    "dynamic-range": frozenset({"standard"}),
    "scan": frozenset(),
    "-ms-high-contrast": frozenset(),
}
# Values that a feature has where it is asked for without a value and is not there.
_OFF = frozenset({"none", "no-preference"})
_NUMBERS = {
    "color": 8.0,
    "color-index": 0.0,
    "monochrome": 0.0,
    "grid": 0.0,
    "resolution": 96.0,
    "device-pixel-ratio": 1.0,
}


@lru_cache(maxsize=2048)
def media_applies(query: str, screen: Screen) -> Truth:
    """Whether a list of media queries fits the screen.

    >>> media_applies("screen and (max-width: 600px)", Screen(width=400))
    True
    """
    results = [_media_query(part, screen) for part in split_at(tokens_of(query), ",")]
    return _any(results) if query.strip() else True


def _any(results: Sequence[Truth]) -> Truth:
    return True if True in results else None if None in results else False


def _all(results: Sequence[Truth]) -> Truth:
    return False if False in results else None if None in results else True


def _not(result: Truth) -> Truth:
    return None if result is None else not result


def _media_query(tokens: Sequence[Token], screen: Screen) -> Truth:
    negated = (
        bool(tokens) and is_ident(tokens[0], "not") and not isinstance(tokens[1:2] and tokens[1], ast.ParenthesesBlock)
    )
    if negated or (tokens and is_ident(tokens[0], "only")):
        tokens = tokens[1:]
    results: list[Truth] = []
    if tokens and isinstance(tokens[0], ast.IdentToken) and not is_ident(tokens[0], "not"):
        results.append(tokens[0].lower_value in ("all", "screen"))
        tokens = tokens[1:]
        if tokens and is_ident(tokens[0], "and"):
            tokens = tokens[1:]
    if tokens:
        results.append(_combined(tokens, partial(_single_media_condition, screen=screen)))
    result = _all(results) if results else False
    return _not(result) if negated and results else result


def _combined(tokens: Sequence[Token], read_single: Callable[[Sequence[Token]], Truth], depth: int = 0) -> Truth:
    """Whether conditions hold that are joined by `and`, `or` and `not`; `read_single` tells it of one of them."""
    if depth > _DEEPEST:
        return None
    for word, join in (("or", _any), ("and", _all)):
        if any(is_ident(token, word) for token in tokens):
            return join([_combined(part, read_single, depth + 1) for part in _split_at_word(tokens, word)])
    if tokens and is_ident(tokens[0], "not"):
        return _not(_combined(tokens[1:], read_single, depth + 1))
    content = _in_brackets(tokens)
    if content and (isinstance(content[0], ast.ParenthesesBlock) or is_ident(content[0], "not")):
        return _combined(content, read_single, depth + 1)
    return read_single(tokens)


def _in_brackets(tokens: Sequence[Token]) -> tuple[Token, ...] | None:
    """What stands in the brackets; None where the tokens are anything else than brackets."""
    is_block = len(tokens) == 1 and isinstance(tokens[0], ast.ParenthesesBlock)
    return significant(tokens[0].content) if is_block else None


def _single_media_condition(tokens: Sequence[Token], screen: Screen) -> Truth:
    content = _in_brackets(tokens)
    if content is not None:
        return _feature(content, screen)
    # Browsers take a query with a stray word for one that never fits.
    return False if len(tokens) == 1 and is_ident(tokens[0]) else None


def _split_at_word(tokens: Sequence[Token], word: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if is_ident(token, word):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _feature(tokens: Sequence[Token], screen: Screen) -> Truth:
    if not tokens:
        return None
    if any(is_symbol(token, sign) for token in tokens for sign in ("<", ">", "<=", ">=", "=")):
        return _range(tokens, screen)
    if not isinstance(tokens[0], ast.IdentToken):
        return None
    name = tokens[0].lower_value.removeprefix("-webkit-")
    value = tokens[2] if len(tokens) > 2 and is_symbol(tokens[1], ":") else None
    if len(tokens) > 1 and value is None:
        return None
    divisor = tokens[4] if len(tokens) == 5 and is_symbol(tokens[3], "/") else None
    if divisor is not None and isinstance(divisor, ast.NumberToken) and name.endswith("aspect-ratio"):
        return _aspect_ratio(name, tokens[2], float(divisor.value), screen)
    return _named_feature(name, value, screen)


def _aspect_ratio(name: str, dividend: Token, divisor: float, screen: Screen) -> Truth:
    if not isinstance(dividend, ast.NumberToken) or divisor <= 0:
        return None
    asked, actual = float(dividend.value) / divisor, screen.width / HEIGHT
    return actual >= asked if name.startswith("min-") else actual <= asked if name.startswith("max-") else None


def _named_feature(name: str, value: Token | None, screen: Screen) -> Truth:
    if name == "prefers-color-scheme":
        return value is None or is_ident(value, "dark" if screen.dark else "light")
    if name == "orientation":
        return value is None or is_ident(value, "landscape" if screen.width > HEIGHT else "portrait")
    if name in _KEYWORDS:
        return bool(_KEYWORDS[name] - _OFF) if value is None else is_ident(value, *(_KEYWORDS[name] or {""}))
    least, most = name.startswith("min-"), name.startswith("max-")
    actual = _actual(name[4:] if least or most else name, screen)
    if actual is None:
        return None
    if value is None:
        return actual != 0
    asked = token_pixels(value, _scale(screen))
    if asked is None and isinstance(value, ast.DimensionToken):
        dots = {"dpi": 1.0, "dppx": 96.0, "x": 96.0, "dpcm": 2.54}.get(value.lower_unit)
        asked = None if dots is None else dots * value.value
    if asked is None:
        return None
    return actual >= asked if least else actual <= asked if most else actual == asked


def _actual(name: str, screen: Screen) -> float | None:
    sizes = {"width": float(screen.width), "device-width": float(screen.width)}
    sizes |= {"height": float(HEIGHT), "device-height": float(HEIGHT), "aspect-ratio": screen.width / HEIGHT}
    return sizes[name] if name in sizes else _NUMBERS.get(name.removeprefix("device-") if "pixel" not in name else name)


def _scale(screen: Screen) -> Scale:
    return Scale(width=float(screen.width), height=float(HEIGHT), percent_of=float(screen.width))


def _range(tokens: Sequence[Token], screen: Screen) -> Truth:
    """A range such as (400px < width <= 600px)."""
    values: list[float] = []
    signs: list[str] = []
    sign = ""
    for token in tokens:
        if isinstance(token, ast.LiteralToken):
            sign += token.value
            continue
        if values:
            signs.append(sign)
            sign = ""
        is_name = isinstance(token, ast.IdentToken)
        value = _actual(token.lower_value, screen) if is_name else token_pixels(token, _scale(screen))
        if value is None:
            return None
        values.append(value)
    compare = {"<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__, "=": float.__eq__}
    if len(signs) != len(values) - 1 or any(sign not in compare for sign in signs):
        return None
    return all(compare[sign](a, b) for sign, a, b in zip(signs, values[:-1], values[1:], strict=True))


@lru_cache(maxsize=512)
def supports_applies(condition: str) -> Truth:
    """Whether mail programs know a feature: what is common is known, what is vendor-specific or new may be."""
    return _combined(tokens_of(condition), _is_supported)


_COMMON = words(
    """display color background background-color position float width height max-width min-width max-height opacity
    visibility font-size overflow transform margin padding left top flex grid filter clip-path text-indent"""
)
_COMMON_VALUES = words(
    """none block inline inline-block flex grid inline-flex inline-grid contents flow-root table-cell hidden absolute
    relative red 0 1 1px auto table"""
)


def _is_supported(tokens: Sequence[Token]) -> Truth:
    content = _in_brackets(tokens) or ()
    if len(content) == 3 and is_ident(content[0], *_COMMON) and is_symbol(content[1], ":"):
        word = getattr(content[2], "lower_value", getattr(content[2], "representation", ""))
        return True if word in _COMMON_VALUES else None
    return None
