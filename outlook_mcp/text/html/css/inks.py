"""The colours of one element: of its letters, and of what is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.box_values import BoxValues, Hints
from outlook_mcp.text.html.css.colours import BLACK, CURRENT, LINK, WHITE, Colour, difference, parse_colour
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.painting import background_of, is_painted_by_shadow_or_stroke

_DARK_CANVAS = Colour(18, 18, 18)
_LINES, _FLOATS, _ROOT = "lines", "floats", "root"
_BLOCKS = ("block", "list-item")
_PAINTING_OTHERWISE = frozenset({"filter", "backdrop-filter"})
_INKS = frozenset({"text-fill-color", "background-clip"})


class Inks(NamedTuple):
    """Some fields of a box."""

    colour: Colour
    ink: Colour
    grounds: tuple[Colour, ...]
    picture: bool
    outer: tuple[Colour, ...]
    holds: str
    opacity: float
    outlined: bool


def inks_of(
    parent: Box, box: BoxValues, inherited: Mapping[str, str], hints: Hints, *, dark: bool, is_root: bool
) -> Inks:
    """The inks of an element in `parent`; `dark` tells that it takes the dark colours of the system."""
    values = box.declared
    colour = colour_of(parent, values, hints, dark=dark, is_root=is_root)
    behind = _grounds_at(parent, box) if parent.outer else parent.grounds
    grounds, picture, paints = background_of(behind, values, hints.background, colour, dark=dark)
    # What a page paints is painted on all of the screen, unless the root paints something itself.
    is_canvas = hints.is_page and parent.holds != _ROOT
    if paints and not picture and not is_canvas and _has_no_area(box, is_visible=parent.visible):
        grounds, paints = behind, False
    outer, holds = parent.outer, parent.holds
    if paints and not hints.is_page and not is_root:
        outer, holds = (behind, _held_by(box)) if grounds != behind else ((), "")
    elif outer and holds != _FLOATS and _grows_with_floats(box):
        holds = _FLOATS
    is_painted_otherwise = not _PAINTING_OTHERWISE.isdisjoint(values) and _is_painted_otherwise(values)
    # What is painted in letters alone is seen at their edges.
    is_in_letters = values.get("background-clip") == "text" and grounds != behind
    if is_root and paints:
        holds = _ROOT
    grounds = (_DARK_CANVAS,) if is_root and dark and not paints else grounds
    return Inks(
        colour,
        _painted_colour(colour, values, parent, inherited, dark=dark),
        behind if values.get("background-clip") == "text" else grounds,
        (parent.picture and not paints) or picture or hints.picture or is_painted_otherwise or is_in_letters,
        outer,
        holds,
        parent.opacity * _opacity(values),
        is_painted_by_shadow_or_stroke(inherited, grounds, dark=dark),
    )


def _is_painted_otherwise(values: Mapping[str, str]) -> bool:
    """Whether letters get a shadow of their own, or what is behind them another colour."""
    return "drop-shadow" in values.get("filter", "") or values.get("backdrop-filter", "none") != "none"


def _grounds_at(parent: Box, box: BoxValues) -> tuple[Colour, ...]:
    """What may be behind an element in a painted box, which it may stand outside of."""
    is_out = box.position in ("absolute", "fixed")
    if is_out or (box.value("float", "none") != "none" and parent.holds != _FLOATS):
        return (*parent.grounds, *parent.outer)
    return parent.outer if parent.holds == _LINES and box.display in _BLOCKS else parent.grounds


def _held_by(box: BoxValues) -> str:
    return _LINES if box.display == "inline" else _FLOATS if _grows_with_floats(box) else "flow"


def _grows_with_floats(box: BoxValues) -> bool:
    """Whether floats inside do not overflow the box (CSS 2.2, 10.6.7)."""
    is_out = box.position in ("absolute", "fixed") or box.value("float", "none") != "none"
    return (
        is_out or box.display not in (*_BLOCKS, "inline", "contents") or box.value("overflow-y", "visible") != "visible"
    )


def _has_no_area(box: BoxValues, *, is_visible: bool) -> bool:
    """Whether nothing of what a box paints is seen, while what is in it may be."""
    if box.display == "contents" or box.value("visibility", "" if is_visible else "hidden") in ("hidden", "collapse"):
        return True
    sides = (box.length(side) for side in ("height", "width")) if box.display in _BLOCKS else ()
    has_edge = box.value("min-height") or box.value("padding-top") or box.value("padding-bottom")
    return any(side is not None and side < 1.0 for side in sides) and not has_edge


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
