"""Boxes whose text no reader sees: clipped, moved off the screen, shrunk to nothing or filtered away."""

from __future__ import annotations

import math

from tinycss2 import ast

from outlook_mcp.text.html.css.box_values import BoxValues, Visibility
from outlook_mcp.text.html.css.lengths import Scale, pixels, token_pixels
from outlook_mcp.text.html.css.moving import visibility_of_move, visibility_of_transform
from outlook_mcp.text.html.css.tokens import Token, functions, is_ident, split_at, tokens_of, words

# A box is nothing below this many pixels, and doubtful below that many.
_NOTHING, _LITTLE = 2.0, 7.0
_LARGE_PADDING = 350.0
_TABLE_PARTS = ("table", "inline-table")


def visibility_of_box(box: BoxValues) -> Visibility:
    """The visibility of everything in the box, apart from what overflows."""
    return max(
        (rule(box) for rule, properties in _RULES if not properties.isdisjoint(box.declared)), default=Visibility.SEEN
    )


def visibility_of_overflow(box: BoxValues) -> Visibility:
    """Whether the box cuts its content off: it is flat or narrow, and hides what overflows it."""
    table_part = box.display.startswith(_TABLE_PARTS) and not box.in_fixed_table
    if box.display in ("inline", "contents") or table_part:
        return Visibility.SEEN
    visibility = Visibility.SEEN
    for axis, size, most, after, before in (
        ("overflow-y", "height", "max-height", "padding-bottom", "padding-top"),
        ("overflow-x", "width", "max-width", "padding-right", "padding-left"),
    ):
        if box.value(axis, "visible") in ("visible", "") and not is_contained(box):
            continue
        least = box.length("min-" + size) or 0.0
        lengths = [length for length in (box.length(size), box.length(most)) if length is not None]
        space = max(min(lengths), least) if lengths else None
        space = _space_without_size(box, size, space, least)
        if space is None:
            continue
        # Text that overflows stays seen where the padding behind it is.
        space += max(0.0, (box.length(after) or 0.0) - (box.length(before) or 0.0) * (space < _NOTHING))
        visibility = max(
            visibility,
            Visibility.HIDDEN if space < _NOTHING else Visibility.DOUBTFUL if space < _LITTLE else Visibility.SEEN,
        )
    return max(visibility, _doubtful_layout(box))


def is_contained(box: BoxValues) -> bool:
    """Whether what overflows is not painted, whatever `overflow` says."""
    return not {"paint", "content", "strict"}.isdisjoint(box.value("contain").split())


def _space_without_size(box: BoxValues, size: str, space: float | None, least: float) -> float | None:
    """The size that a flex basis, a flat line or containment gives a box."""
    if size == "height" and space is None and box.value("line-height"):
        line = box.length("line-height")
        is_number = line is not None and isinstance(tokens_of(box.value("line-height"))[0], ast.NumberToken)
        flat = line is not None and line * (box.scale.font if is_number else 1) < _NOTHING
        return max(0.0, least) if flat else None
    if space is None and box.value("contain") in ("strict", "size"):
        return max(0.0, least) if size == "height" else None
    return space


def _doubtful_layout(box: BoxValues) -> Visibility:
    """Boxes that clip, and whose size comes from a layout that is not computed here."""
    if "visible" in (box.value("overflow-x", "visible"), box.value("overflow-y", "visible")):
        return Visibility.SEEN
    basis = box.length("flex-basis")
    if "flex" in box.parent_display and basis is not None and basis < _LITTLE and _is_zero(box.value("flex-grow", "0")):
        return Visibility.DOUBTFUL
    if "grid" in box.parent_display or box.value("aspect-ratio", "auto") != "auto":
        return Visibility.DOUBTFUL
    if abs(box.length("padding-left") or 0) > _LARGE_PADDING or abs(box.length("padding-top") or 0) > _LARGE_PADDING:
        return Visibility.DOUBTFUL
    return Visibility.SEEN


def _is_zero(value: str) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


def _content(box: BoxValues) -> Visibility:
    if box.value("content-visibility") == "hidden" or box.value("contain") == "strict":
        return Visibility.HIDDEN
    is_picture = any(name in box.value("content") for name in ("url(", "gradient(", "image-set("))
    if is_picture or box.value("offset-path", "none") != "none":
        return Visibility.DOUBTFUL
    if box.value("mix-blend-mode", "normal") != "normal":
        return Visibility.DOUBTFUL
    return Visibility.SEEN


def _mask(box: BoxValues) -> Visibility:
    value = box.value("mask-image", "none") + box.value("mask-box-image")
    return Visibility.DOUBTFUL if "gradient(" in value or "url(" in value or "image" in value else Visibility.SEEN


def _zoom(box: BoxValues) -> Visibility:
    value = box.value("zoom", "normal")
    size = pixels(value, Scale(percent_of=1)) if value not in ("normal", "reset") else None
    return Visibility.DOUBTFUL if size is not None and size < 0.15 else Visibility.SEEN


def _clip(box: BoxValues) -> Visibility:
    value = box.value("clip", "auto")
    if box.position not in ("absolute", "fixed") or "rect" not in value:
        return Visibility.SEEN
    for _, arguments in functions(tokens_of(value)):
        sides = [token_pixels(token, box.scale) for token in arguments if not isinstance(token, ast.LiteralToken)]
        if len(sides) != 4:
            return Visibility.SEEN
        top, right, bottom, left = sides
        height = None if bottom is None else bottom - (top or 0.0)
        width = None if right is None else right - (left or 0.0)
        extents = [extent for extent in (height, width) if extent is not None]
        return _visibility_of_extent(min(extents, default=math.inf))
    return Visibility.SEEN


def _visibility_of_extent(extent: float) -> Visibility:
    return Visibility.HIDDEN if extent < _NOTHING else Visibility.DOUBTFUL if extent < _LITTLE else Visibility.SEEN


def _clip_path(box: BoxValues) -> Visibility:
    value = box.value("clip-path", "none")
    if value in ("none", "border-box", "padding-box", "content-box", "margin-box"):
        return Visibility.SEEN
    if box.display == "contents":
        return Visibility.SEEN
    shapes = functions(tokens_of(value))
    if not shapes:
        return Visibility.DOUBTFUL
    name, arguments = shapes[0]
    # Percentages are of the box, which is taken to be this large.
    scale = Scale(box.scale.font, box.scale.root_font, box.scale.width, box.scale.height, percent_of=100.0)
    if name == "inset":
        return _inset([token_pixels(token, scale) for token in arguments[:4]])
    if name in ("circle", "ellipse"):
        radius = token_pixels(arguments[0], scale) if arguments else None
        if radius is None and any(is_ident(token, "at") for token in arguments):
            return Visibility.DOUBTFUL
        return (
            Visibility.SEEN
            if radius is None or radius >= 60
            else Visibility.HIDDEN
            if radius < 1
            else Visibility.DOUBTFUL
        )
    if name == "polygon":
        return _polygon(arguments, scale)
    return Visibility.DOUBTFUL


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


def _filter(box: BoxValues) -> Visibility:
    visibility = Visibility.SEEN
    for name, arguments in functions(tokens_of(box.value("filter", "none"))):
        amount = token_pixels(arguments[0], Scale(percent_of=1)) if arguments else None
        match name:
            case "opacity" if amount is not None:
                visibility = max(
                    visibility,
                    Visibility.HIDDEN if amount < 0.05 else Visibility.DOUBTFUL if amount < 0.15 else Visibility.SEEN,
                )
            case "blur" if amount is not None:
                visibility = max(visibility, Visibility.DOUBTFUL if amount > 2 else Visibility.SEEN)
            case "brightness" | "contrast" | "invert" | "url":
                visibility = max(visibility, Visibility.DOUBTFUL)
    return max(visibility, Visibility.DOUBTFUL) if "url(" in box.value("filter") else visibility


# Each rule, and the properties without which it has nothing to say.
_RULES = (
    (
        visibility_of_move,
        words("transform translate position margin-left margin-top margin-right left right top bottom"),
    ),
    (visibility_of_transform, words("transform scale rotate")),
    (_content, words("content-visibility contain content offset-path mix-blend-mode")),
    (_mask, words("mask-image mask-box-image")),
    (_zoom, words("zoom")),
    (_clip, words("clip")),
    (_clip_path, words("clip-path")),
    (_filter, words("filter")),
)
