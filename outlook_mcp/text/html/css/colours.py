"""Colours in every notation of CSS, and those of old attributes, as sRGB."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tinycss2 import ast, color5

from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.tokens import Token, is_ident, significant, split_at, tokens_of, words

_DEEPEST_MIX = 4
_WITHOUT_COMMAS = words("hwb lab lch oklab oklch color")
_SPACES = words(
    """srgb srgb-linear display-p3 display-p3-linear a98-rgb prophoto-rgb rec2020 lab oklab xyz xyz-d50 xyz-d65 hsl hwb
    lch oklch"""
)
# Light, dark.
_SYSTEM = {
    "canvas": ((255, 255, 255), (18, 18, 18)),
    "window": ((255, 255, 255), (18, 18, 18)),
    "field": ((255, 255, 255), (59, 59, 59)),
    "canvastext": ((0, 0, 0), (255, 255, 255)),
    "windowtext": ((0, 0, 0), (255, 255, 255)),
    "fieldtext": ((0, 0, 0), (255, 255, 255)),
    "linktext": ((0, 0, 238), (158, 158, 255)),
    "visitedtext": ((85, 26, 139), (208, 173, 240)),
    "graytext": ((128, 128, 128), (128, 128, 128)),
    "buttonface": ((240, 240, 240), (107, 107, 107)),
    "buttontext": ((0, 0, 0), (255, 255, 255)),
    "mark": ((255, 255, 0), (255, 255, 0)),
    "marktext": ((0, 0, 0), (0, 0, 0)),
    "infobackground": ((255, 255, 255), (18, 18, 18)),
    "infotext": ((0, 0, 0), (255, 255, 255)),
    "highlight": ((181, 213, 255), (181, 213, 255)),
    "highlighttext": ((0, 0, 0), (0, 0, 0)),
    "accentcolor": ((0, 117, 255), (0, 117, 255)),
    "activetext": ((255, 0, 0), (255, 158, 158)),
    "buttonborder": ((0, 0, 0), (255, 255, 255)),
    "selecteditem": ((25, 103, 210), (153, 200, 255)),
    "selecteditemtext": ((255, 255, 255), (59, 59, 59)),
}
# Old names for others (CSS Color 4, appendix A).
_OLD_SYSTEM = {
    **dict.fromkeys(("activecaption", "appworkspace", "background", "inactivecaption", "menu", "scrollbar"), "canvas"),
    **dict.fromkeys(("captiontext", "menutext"), "canvastext"),
    **dict.fromkeys(("buttonhighlight", "buttonshadow", "threedface"), "buttonface"),
    **dict.fromkeys(("activeborder", "inactiveborder", "windowframe", "threeddarkshadow"), "buttonborder"),
    **dict.fromkeys(("threedhighlight", "threedlightshadow", "threedshadow"), "buttonborder"),
    "-webkit-link": "linktext",
    "-webkit-activelink": "activetext",
    "inactivecaptiontext": "graytext",
    "accentcolortext": "canvas",
}


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255, alpha from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


class CurrentColour:
    """The value `currentcolor`."""


class Invalid:
    """A value that browsers do not accept either: its declaration counts for nothing."""


BLACK, WHITE = Colour(0, 0, 0), Colour(255, 255, 255)
# Of links, in light and in dark.
LINK = Colour(0, 0, 238), Colour(158, 158, 255)
CURRENT, INVALID = CurrentColour(), Invalid()
ParsedColour = Colour | CurrentColour | Invalid | None


@lru_cache(maxsize=4096)
def parse_colour(value: str, *, dark: bool = False) -> ParsedColour:
    """The colour of a value; None for a notation that is not understood.

    >>> parse_colour("hsl(0 0% 100% / 50%)")
    Colour(red=255.0, green=255.0, blue=255.0, alpha=0.5)
    """
    tokens = tokens_of(value)
    return _colour(tokens[0], dark) if len(tokens) == 1 else INVALID


def _colour(token: Token, dark: bool, depth: int = 0) -> ParsedColour:
    if isinstance(token, ast.FunctionBlock):
        return _function(token, dark, depth)
    if is_ident(token, "currentcolor"):
        return CURRENT
    name = _OLD_SYSTEM.get(token.lower_value, token.lower_value) if is_ident(token) else ""
    if name in _SYSTEM:
        return Colour(*_SYSTEM[name][dark])
    if not isinstance(token, ast.IdentToken | ast.HashToken):
        return INVALID
    parsed = color5.parse_color(token)
    return INVALID if parsed is None else _of_parts(parsed.coordinates, parsed.alpha)


def _function(token: Token, dark: bool, depth: int) -> ParsedColour:
    name, arguments = token.lower_name, significant(token.arguments)
    if depth > _DEEPEST_MIX:
        return None
    if name == "light-dark":
        parts = split_at(arguments, ",")
        return _colour(parts[dark][0], dark, depth + 1) if len(parts) == 2 and all(parts) else INVALID
    if name == "color-mix":
        return _mixed(arguments, dark, depth + 1)
    if not _is_separated(name, arguments):
        return INVALID
    try:
        parsed = color5.parse_color(token)
    except (NotImplementedError, ValueError, TypeError, IndexError):
        return None
    if parsed is None:
        return _with_calculations(name, arguments)
    numbers: list[float] = [part or 0.0 for part in parsed.coordinates]
    rgb = _srgb(parsed.space, numbers)
    return None if rgb is None else _of_parts(rgb, parsed.alpha or 0.0)


def _is_separated(name: str, arguments: Sequence[Token]) -> bool:
    """Whether commas stand between all parts or none; between those of `hsl()` they ask for percentages."""
    parts = split_at(arguments, ",")
    if len(parts) == 1 or name not in ("rgb", "rgba", "hsl", "hsla"):
        return len(parts) == 1 or name not in _WITHOUT_COMMAS
    is_single = len(parts) in (3, 4) and all(len(part) == 1 for part in parts)
    is_share = (isinstance(part[0], ast.PercentageToken | ast.FunctionBlock) for part in parts[1:3] if part)
    return is_single and (name.startswith("rgb") or all(is_share))


def _of_parts(parts: Sequence[float], alpha: float) -> Colour:
    """The colour of three parts from 0 to 1."""
    red, green, blue = (255 * _within(part) for part in parts)
    return Colour(red, green, blue, _within(alpha))


def _within(part: float) -> float:
    return min(1.0, max(0.0, part))


def _with_calculations(name: str, arguments: Sequence[Token]) -> ParsedColour:
    """rgb() with calc() or a mix of numbers and percentages, which tinycss2 does not read."""
    if name not in ("rgb", "rgba"):
        return None
    scale = Scale(percent_of=255)
    parts = [token_pixels(token, scale) for token in arguments if not isinstance(token, ast.LiteralToken)]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts) or len(parts) not in (3, 4):
        return None
    alpha = known[3] if len(known) == 4 else 1.0
    if isinstance(arguments[-1], ast.PercentageToken) and len(known) == 4:
        alpha = alpha / 255
    return _of_parts([part / 255 for part in known[:3]], alpha)


def _srgb(space: str, parts: Sequence[float]) -> tuple[float, float, float] | None:
    if len(parts) != 3:
        return None
    first, second, third = parts
    if space in ("hsl", "hwb"):
        red, green, blue, _ = color5.parse_color(f"{space}({first} {second}% {third}%)").to("srgb")
        return red, green, blue
    if space in ("lch", "oklch"):
        angle = math.radians(third)
        second, third = second * math.cos(angle), second * math.sin(angle)
        space = space.replace("lch", "lab")
    match space:
        case "srgb" | "display-p3" | "a98-rgb" | "rec2020":
            return first, second, third
        case "srgb-linear":
            return _gamma(first), _gamma(second), _gamma(third)
        case "oklab":
            return _from_oklab(first, second, third)
        case "lab":
            return _from_lab(first, second, third)
        case "xyz" | "xyz-d65" | "xyz-d50":
            return _from_xyz(first, second, third)
    return None


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _from_oklab(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    lightness = lightness / 100 if lightness > 1 else lightness
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _from_lab(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    middle = (lightness + 16) / 116
    cubes = [
        part**3 if part > 6 / 29 else (part - 16 / 116) / 7.787 for part in (middle + a / 500, middle, middle - b / 200)
    ]
    return _from_xyz(cubes[0] * 0.9505, cubes[1], cubes[2] * 1.089)


def _from_xyz(x: float, y: float, z: float) -> tuple[float, float, float]:
    return (
        _gamma(3.2406 * x - 1.5372 * y - 0.4986 * z),
        _gamma(-0.9689 * x + 1.8758 * y + 0.0415 * z),
        _gamma(0.0557 * x - 0.2040 * y + 1.0570 * z),
    )


def _mixed(arguments: Sequence[Token], dark: bool, depth: int) -> ParsedColour:
    """color-mix() of two colours, computed in sRGB whatever space is asked for: a close guess is enough here."""
    parts = split_at(arguments, ",")
    if parts[0] and is_ident(parts[0][0], "in"):
        space = parts.pop(0)
        if not is_ident(space[1] if len(space) > 1 else None, *_SPACES):
            return INVALID
    if len(parts) != 2:
        return None if len(parts) > 2 else INVALID
    colours: list[Colour] = []
    shares: list[float | None] = []
    for part in parts:
        colour = [_colour(token, dark, depth) for token in part if not isinstance(token, ast.PercentageToken)]
        share = [float(token.value) / 100 for token in part if isinstance(token, ast.PercentageToken)]
        if len(colour) != 1 or not isinstance(colour[0], Colour):
            return None
        colours.append(colour[0])
        shares.append(share[0] if share else None)
    one, other = shares
    first = one if one is not None else 1 - other if other is not None else 0.5
    second = other if other is not None else 1 - first
    if first + second <= 0:
        return INVALID
    fade = min(1.0, first + second)
    weight = first / (first + second)
    mixed = [weight * a + (1 - weight) * b for a, b in zip(*colours, strict=True)]
    return Colour(mixed[0], mixed[1], mixed[2], mixed[3] * fade)


def over(colour: Colour, below: Colour) -> Colour:
    """A colour painted on an opaque one."""
    red, green, blue, alpha = colour
    if alpha >= 1.0:
        return colour
    rest = 1.0 - alpha
    return Colour(alpha * red + rest * below[0], alpha * green + rest * below[1], alpha * blue + rest * below[2])


def difference(one: Colour, other: Colour) -> float:
    """The sum of the differences of red, green and blue: from 0 to 765."""
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) + abs(one[2] - other[2])


_SIX_DIGITS = re.compile("#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")
_NOT_HEX = re.compile("[^0-9a-f]")


@lru_cache(maxsize=1024)
def attribute_colour(value: str) -> Colour | None:
    """The colour of an attribute such as `bgcolor`, where browsers take any text for a colour; None for none.

    https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#rules-for-parsing-a-legacy-colour-value
    """
    value = value.strip().lower()
    if not value or value == "transparent":
        return None
    if found := _SIX_DIGITS.fullmatch(value):
        return Colour(*(float(int(part, 16)) for part in found.groups()))
    named = parse_colour(value)
    if isinstance(named, Colour) and (value.isalpha() or len(value) == len("#fff")):
        return named
    digits = _NOT_HEX.sub("0", value[:128].removeprefix("#"))
    digits = digits.ljust(-(-len(digits) // 3) * 3 or 3, "0")
    third = len(digits) // 3
    parts = [digits[start : start + third][-8:] for start in (0, third, 2 * third)]
    while len(parts[0]) > 2 and all(part[0] == "0" for part in parts):
        parts = [part[1:] for part in parts]
    return Colour(*(float(int(part[:2], 16)) for part in parts))
