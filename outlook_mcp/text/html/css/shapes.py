"""What is left of a box that a shape or a rectangle cuts."""

from __future__ import annotations

import math
from itertools import takewhile

from tinycss2 import ast

from outlook_mcp.text.html.css.box_values import BoxValues, Visibility
from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.tokens import Token, functions, is_ident, split_at, tokens_of, words

# A box is nothing below this many pixels, and doubtful below that many.
NOTHING, LITTLE = 2.0, 7.0
_WHOLE_BOXES = words("none border-box padding-box content-box margin-box fill-box stroke-box view-box initial")
_OTHER_SHAPES = words("rect xywh path shape url")
_CUT_AT_LEFT = 25.0


def visibility_of_extent(extent: float) -> Visibility:
    """The visibility in a box that is so many pixels wide or high."""
    return Visibility.HIDDEN if extent < NOTHING else Visibility.DOUBTFUL if extent < LITTLE else Visibility.SEEN


def visibility_of_rectangle(box: BoxValues) -> Visibility:
    """The visibility in a box with the old property `clip`."""
    value = box.value("clip", "auto")
    if box.position not in ("absolute", "fixed") or "rect" not in value:
        return Visibility.SEEN
    for _, arguments in functions(tokens_of(value)):
        sides = [token_pixels(token, box.scale) for token in arguments if not isinstance(token, ast.LiteralToken)]
        if len(sides) != 4:
            return Visibility.SEEN
        top, right, bottom, left = sides
        if (top or 0.0) > LITTLE or (left or 0.0) > _CUT_AT_LEFT:
            return Visibility.DOUBTFUL
        height = None if bottom is None else bottom - (top or 0.0)
        width = None if right is None else right - (left or 0.0)
        extents = [extent for extent in (height, width) if extent is not None]
        return visibility_of_extent(min(extents, default=math.inf))
    return Visibility.SEEN


def visibility_of_shape(box: BoxValues) -> Visibility:
    """The visibility in a box with a `clip-path`."""
    value = box.value("clip-path", "none")
    if value in _WHOLE_BOXES or box.display == "contents":
        return Visibility.SEEN
    shapes = functions(tokens_of(value))
    if not shapes:
        return Visibility.DOUBTFUL
    name, arguments = shapes[0]
    # Percentages are of the box, which is taken to be this large.
    scale = Scale(box.scale.font, box.scale.root_font, box.scale.width, box.scale.height, percent_of=100.0)
    if name == "inset":
        sides = takewhile(lambda token: not is_ident(token, "round"), arguments)
        return _inset([token_pixels(token, scale) for token in sides])
    if name in ("circle", "ellipse"):
        return _round(arguments, scale)
    if name == "polygon":
        return _polygon(arguments, scale)
    # Others are those of values that no browser accepts.
    return Visibility.DOUBTFUL if name in _OTHER_SHAPES else Visibility.SEEN


def _round(arguments: tuple[Token, ...], scale: Scale) -> Visibility:
    """A circle or an ellipse, whose radius is told or as large as fits into the box."""
    sizes = tuple(takewhile(lambda token: not is_ident(token, "at"), arguments))
    places = [token_pixels(token, scale) for token in arguments[len(sizes) :]]
    if any(place is not None and not -_CUT_AT_LEFT <= place <= 100 + _CUT_AT_LEFT for place in places):
        return Visibility.DOUBTFUL
    radii = [token_pixels(token, scale) for token in sizes]
    known = [radius for radius in radii if radius is not None]
    if len(known) != len(radii):
        return Visibility.SEEN if all(is_ident(size, "farthest-side") for size in sizes) else Visibility.DOUBTFUL
    radius = min(known, default=math.inf)
    return Visibility.SEEN if radius >= 60 else Visibility.HIDDEN if radius < 1 else Visibility.DOUBTFUL


def _inset(sides: list[float | None]) -> Visibility:
    known = [side if side is not None else 0.0 for side in sides]
    if not known:
        return Visibility.DOUBTFUL
    top, right, bottom, left = (known * 4)[:4] if len(known) != 3 else (*known, known[1])
    most = max(top + bottom, left + right)
    return Visibility.HIDDEN if most >= 98 else Visibility.DOUBTFUL if most >= 20 else Visibility.SEEN


def _polygon(arguments: tuple[Token, ...], scale: Scale) -> Visibility:
    points = []
    for part in split_at(arguments, ","):
        values = [token_pixels(token, scale) for token in part]
        known = [value for value in values if value is not None]
        if len(known) == 2:
            points.append((min(100.0, max(0.0, known[0])), min(100.0, max(0.0, known[1]))))
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], *points[:1]], strict=True)) / 2
    return Visibility.HIDDEN if abs(area) < 1 else Visibility.SEEN if abs(area) > 9_000 else Visibility.DOUBTFUL
