"""Lengths in pixels, with calc(), min(), max() and clamp()."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tinycss2 import ast

from outlook_mcp.text.html.css.tokens import Token, is_ident, is_symbol, significant, split_at, tokens_of

_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_FONT_RELATIVE = {"em": 1.0, "ex": 0.5, "ch": 0.5, "ic": 1.0, "cap": 0.7, "lh": 1.2}
_DEEPEST = 8
# Browsers take a result that is no number for zero.
_CONSTANTS = {"pi": math.pi, "e": math.e, "infinity": math.inf, "-infinity": -math.inf, "nan": 0.0}


class Scale(NamedTuple):
    """What relative units are relative to, all in pixels."""

    font: float = 16.0
    root_font: float = 16.0
    width: float = 1200.0
    height: float = 800.0
    percent_of: float = 1200.0


def pixels(value: str, scale: Scale) -> float | None:
    """The length a value begins with; None if it does not begin with one that is understood.

    >>> pixels("calc(1em - 16px)", Scale())
    0.0
    >>> pixels("auto", Scale()) is None
    True
    """
    tokens = tokens_of(value)
    return token_pixels(tokens[0], scale) if tokens else None


def token_pixels(token: Token, scale: Scale, depth: int = 0) -> float | None:
    """The pixels of one token: a number, a dimension, a percentage or a mathematical function."""
    if isinstance(token, ast.NumberToken):
        return float(token.value)
    if isinstance(token, ast.PercentageToken):
        return float(token.value) * scale.percent_of / 100
    if isinstance(token, ast.DimensionToken):
        return _dimension(float(token.value), token.lower_unit, scale)
    if isinstance(token, ast.FunctionBlock) and depth < _DEEPEST:
        return _function(token.lower_name, significant(token.arguments), scale, depth + 1)
    if isinstance(token, ast.ParenthesesBlock) and depth < _DEEPEST:
        return _sum(significant(token.content), scale, depth + 1)
    return _CONSTANTS.get(token.lower_value) if is_ident(token) else None


def _dimension(value: float, unit: str, scale: Scale) -> float | None:
    if unit in _PIXELS:
        return value * _PIXELS[unit]
    if unit in _FONT_RELATIVE:
        return value * _FONT_RELATIVE[unit] * scale.font
    if unit in ("rem", "rlh"):
        return value * scale.root_font
    if len(unit) == 3 and unit[0] in "sld":
        unit = unit[1:]
    sides = {"vw": scale.width, "vi": scale.width, "vh": scale.height, "vb": scale.height}
    sides |= {"vmin": min(scale.width, scale.height), "vmax": max(scale.width, scale.height)}
    return value * sides[unit] / 100 if unit in sides else None


def _function(name: str, arguments: Sequence[Token], scale: Scale, depth: int) -> float | None:
    values = [_sum(part, scale, depth) for part in split_at(arguments, ",")]
    known = [value for value in values if value is not None]
    if not known or len(known) != len(values):
        return None
    match name, known:
        case "calc" | "-webkit-calc", [value]:
            return value
        case "min", _:
            return min(known)
        case "max", _:
            return max(known)
        case "clamp", [least, value, most]:
            return max(least, min(value, most))
    try:
        return float(_FUNCTIONS[name](*known))
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": lambda value: abs(value),
    "sign": lambda value: math.copysign(1.0, value) if value else 0.0,
    "round": lambda value, step=1.0: round(value / step) * step,
    "mod": lambda value, divisor: value % divisor,
    "rem": math.fmod,
    "log": lambda value, base=math.e: math.log(value, base),
    **{
        name: getattr(math, name)
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sqrt", "pow", "exp", "hypot")
    },
}


def _sum(tokens: Sequence[Token], scale: Scale, depth: int) -> float | None:
    """A sum of products, each of one or more factors."""
    total = 0.0
    sign = 1.0
    term: list[Token] = []
    for token in [*tokens, None]:
        is_operator = token is not None and (is_symbol(token, "+") or is_symbol(token, "-"))
        if token is not None and not (is_operator and term and not _is_product_sign(term[-1])):
            term.append(token)
            continue
        value = _product(term, scale, depth)
        if value is None:
            return None
        total += sign * value
        sign = -1.0 if token is not None and is_symbol(token, "-") else 1.0
        term = []
    return total


def _is_product_sign(token: Token) -> bool:
    return is_symbol(token, "*") or is_symbol(token, "/")


def _product(tokens: Sequence[Token], scale: Scale, depth: int) -> float | None:
    if len(tokens) % 2 == 0:
        return None
    result = token_pixels(tokens[0], scale, depth)
    for sign, token in zip(tokens[1::2], tokens[2::2], strict=True):
        factor = token_pixels(token, scale, depth)
        if result is None or factor is None or not _is_product_sign(sign):
            return None
        if is_symbol(sign, "*"):
            result *= factor
        elif factor == 0:
            return None
        else:
            result /= factor
    return 0.0 if result is not None and math.isnan(result) else result
