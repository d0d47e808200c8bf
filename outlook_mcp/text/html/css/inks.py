"""The colours of one element: of its letters, and of what is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.box_values import Hints
from outlook_mcp.text.html.css.colours import BLACK, CURRENT, LINK, WHITE, Colour, difference, parse_colour
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.painting import background_of, is_painted_by_shadow_or_stroke

_DARK_CANVAS = Colour(18, 18, 18)
_INKS = frozenset({"text-fill-color", "background-clip"})


class Inks(NamedTuple):
    """Some fields of a box."""

    colour: Colour
    ink: Colour
    grounds: tuple[Colour, ...]
    picture: bool
    opacity: float
    outlined: bool


def inks_of(
    parent: Box, values: Mapping[str, str], inherited: Mapping[str, str], hints: Hints, *, dark: bool, is_root: bool
) -> Inks:
    """Those of an element in `parent`; `dark` tells that it takes the dark colours of the system."""
    colour = colour_of(parent, values, hints, dark=dark, is_root=is_root)
    grounds, picture, paints = background_of(parent.grounds, values, hints.background, colour, dark=dark)
    grounds = (_DARK_CANVAS,) if is_root and dark and not paints else grounds
    return Inks(
        colour,
        _painted_colour(colour, values, parent, inherited, dark=dark),
        parent.grounds if values.get("background-clip") == "text" else grounds,
        (parent.picture and not paints) or picture or hints.picture,
        parent.opacity * _opacity(values),
        is_painted_by_shadow_or_stroke(inherited, grounds, dark=dark),
    )


def colour_of(parent: Box, values: Mapping[str, str], hints: Hints, *, dark: bool, is_root: bool) -> Colour:
    """The computed value of `color`."""
    base = parent.colour
    if is_root and dark:
        base = WHITE
    if hints.is_link:
        base = LINK[1] if dark and parent.link_colour == LINK[0] else parent.link_colour or base
    elif hints.colour is not None:
        base = hints.colour
    value = values.get("color")
    if value == "initial":
        return WHITE if dark else BLACK
    parsed = parse_colour(value, dark=dark) if value else CURRENT
    if isinstance(parsed, Colour):
        return parsed
    return base


def _painted_colour(
    colour: Colour, values: Mapping[str, str], parent: Box, inherited: Mapping[str, str], *, dark: bool
) -> Colour:
    """The colour in which the letters are painted, when it is another one than `color`."""
    if colour == parent.colour and _INKS.isdisjoint(values):
        return parent.ink
    fill = inherited.get("text-fill-color")
    parsed = parse_colour(fill, dark=dark) if fill else None
    painted = parsed if isinstance(parsed, Colour) else colour
    if values.get("background-clip") == "text" and painted.alpha < 0.1:
        grounds, picture, paints = background_of(parent.grounds, values, None, colour, dark=dark)
        if paints and not picture:
            return max(grounds, key=lambda ground: min(difference(ground, below) for below in parent.grounds))
    return painted


def _opacity(values: Mapping[str, str]) -> float:
    value = values.get("opacity")
    amount = pixels(value, Scale(percent_of=1.0)) if value else None
    return 1.0 if amount is None else min(1.0, max(0.0, amount))
