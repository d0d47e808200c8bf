"""Boxes whose text no reader sees: clipped, moved off the screen, shrunk to nothing or filtered away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import takewhile

from tinycss2 import ast

from outlook_mcp.text.html.css.box_values import PERHAPS, BoxValues, Visibility
from outlook_mcp.text.html.css.declarations import CUTTING, FLAT_TRACK, SCROLLING
from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.moving import first_length, visibility_of_move, visibility_of_transform
from outlook_mcp.text.html.css.shapes import (
    LITTLE,
    NOTHING,
    visibility_of_extent,
    visibility_of_rectangle,
    visibility_of_shape,
)
from outlook_mcp.text.html.css.tokens import functions, is_symbol, tokens_of, words

_SMALL_SHARE = 0.05
_LARGE_PADDING, _LARGE_SIDES = 350.0, 100.0
_SIDES_OF_AXES = ("width", "height"), ("padding-right", "padding-bottom"), ("padding-left", "padding-top")
_CUTTING_BOTH = SCROLLING | {"hidden"}
# What the sizes of rows and columns are told by, and how a layout is named where some may leave nothing of them.
_TRACKS = ("grid-template-rows", "grid-template-columns", "grid-auto-rows", "grid-auto-columns")
FLAT = " flat"
_TABLE_PARTS = ("table", "inline-table")


def visibility_of_box(box: BoxValues) -> Visibility:
    """The visibility of everything in the box, apart from what overflows."""
    return max(
        (rule(box) for rule, properties in _RULES if not properties.isdisjoint(box.declared)), default=Visibility.SEEN
    )


def visibility_of_overflow(box: BoxValues) -> Visibility:
    """Whether the box cuts its content off: it is flat or narrow, and hides what overflows it."""
    table_part = box.display.startswith(_TABLE_PARTS) and not box.in_fixed_table
    if box.display in ("inline", "contents"):
        return Visibility.SEEN
    if table_part:
        most = box.length("max-width") if box.display == "table-cell" and cut_axes(box)[0] else None
        is_narrow = most is not None and most < LITTLE and "width" not in box.declared
        return Visibility.DOUBTFUL if is_narrow else Visibility.SEEN
    in_column = box.in_fixed_table and box.display == "table-cell"
    if in_column and cut_axes(box)[0] and "width" not in box.declared:
        return Visibility.DOUBTFUL  # The width is that of the column, which may be nothing.
    visibility = Visibility.SEEN
    for is_cut, size, after, before in zip(cut_axes(box), *_SIDES_OF_AXES, strict=True):
        if not is_cut:
            continue
        # A fixed table gives its columns their widths, whatever the most of a cell is.
        names = (size,) if box.display == "table-cell" and size == "width" else (size, f"max-{size}")
        least = math.inf if "content" in box.value(f"min-{size}") else box.length(f"min-{size}") or 0.0
        lengths = [length for length in map(box.length, names) if length is not None]
        space = max(min(lengths), least) if lengths else _space_without_size(box, size, least)
        if space is None:
            continue
        # Text that overflows stays seen where the padding behind it is.
        behind = box.length(after) or 0.0
        if box.value("box-sizing") == "border-box":
            edge = first_length(box, "border-width") if size == "height" else 0.0
            space = max(space - (box.length(before) or 0.0) - edge, behind)
        else:
            space += behind
        # What a share of the height is depends on the boxes around, of which it may be none.
        is_share = size == "height" and any("%" in box.value(name) for name in names)
        if is_share and space < _SMALL_SHARE * box.scale.percent_of:
            space = min(space, LITTLE - 1)
        is_unsure = is_share or not lengths or _has_margin_of_clip(box) or (in_column and box.in_fixed_table == PERHAPS)
        worst = Visibility.DOUBTFUL if is_unsure else Visibility.HIDDEN
        visibility = max(visibility, min(worst, visibility_of_extent(space)))
    return max(visibility, _doubtful_layout(box))


def cut_axes(box: BoxValues) -> tuple[bool, bool]:
    """Whether what overflows to the side and below is cut off. Where one of them scrolls, the other does so too."""
    values = box.value("overflow-x"), box.value("overflow-y")
    if not _CUTTING_BOTH.isdisjoint(values) or _is_contained(box):
        return True, True
    return values[0] == "clip", values[1] == "clip"


def _is_contained(box: BoxValues) -> bool:
    """Whether what overflows is not painted, whatever `overflow` says."""
    return not CUTTING.isdisjoint(box.declared) and cuts_off(box.declared)


def cuts_off(declared: Mapping[str, str]) -> bool:
    """Whether values of other properties than `overflow` cut off what is outside of a box.

    >>> cuts_off({"clip-path": "inset(0)"}), cuts_off({"contain": "layout"})
    (True, False)
    """
    is_shaped = any(declared.get(name, "none") not in ("none", "initial") for name in ("clip-path", "mask-image"))
    _is_contained = not {"paint", "content", "strict"}.isdisjoint(declared.get("contain", "").split())
    return is_shaped or _is_contained or declared.get("content-visibility") == "auto"


def _has_margin_of_clip(box: BoxValues) -> bool:
    """Whether text is seen a little outside of the box that cuts it off."""
    return box.value("overflow-clip-margin", "0").strip("0px") != "" and _CUTTING_BOTH.isdisjoint(
        (box.value("overflow-x"), box.value("overflow-y"))
    )


def _space_without_size(box: BoxValues, size: str, least: float) -> float | None:
    """The size that containment gives a box, which is as if nothing were in it."""
    contained = {*box.value("contain").split(), *box.value("container-type").split()}
    if size == "height":
        # Lines inside may have a height of their own.
        is_flat = _is_flat_line(box) or not contained.isdisjoint(("strict", "size"))
    else:
        is_flat = not contained.isdisjoint(("strict", "size", "inline-size")) and _is_as_wide_as_its_content(box)
    if not is_flat:
        return None
    return LITTLE - 1 if any("intrinsic" in name for name in box.declared) else least


def _is_flat_line(box: BoxValues) -> bool:
    line = box.length("line-height")
    if line is None:
        return False
    is_number = isinstance(tokens_of(box.value("line-height"))[0], ast.NumberToken)
    return line * (box.scale.font if is_number else 1) < NOTHING


def _is_as_wide_as_its_content(box: BoxValues) -> bool:
    return (
        box.display.startswith("inline-")
        or box.position in ("absolute", "fixed")
        or box.value("float", "none") != "none"
        or "content" in box.value("width")
    )


def _is_as_large_as_its_sides_leave(box: BoxValues) -> bool:
    """A box whose width or height is what two sides leave of the one that it is positioned in, which may be nothing."""
    if box.position not in ("absolute", "fixed"):
        return False
    for size, first, second in (("width", "left", "right"), ("height", "top", "bottom")):
        sides = [side for side in (box.length(first), box.length(second)) if side is not None]
        if size not in box.declared and len(sides) == 2 and sum(sides) > _LARGE_SIDES:
            return True
    return False


def _doubtful_layout(box: BoxValues) -> Visibility:
    """Boxes that clip, and whose size comes from a layout that is not computed here."""
    if not all(cut_axes(box)):
        return Visibility.SEEN
    if "grid" in box.display and has_flat_track(box):
        return Visibility.DOUBTFUL
    basis = box.length("flex-basis")
    if "flex" in box.parent_display and basis is not None and basis < LITTLE and _is_zero(box.value("flex-grow", "0")):
        return Visibility.DOUBTFUL
    if (
        _is_as_large_as_its_sides_leave(box)
        or box.parent_display.endswith(FLAT)
        or box.value("aspect-ratio", "auto") != "auto"
    ):
        return Visibility.DOUBTFUL
    if abs(box.length("padding-left") or 0) > _LARGE_PADDING or abs(box.length("padding-top") or 0) > _LARGE_PADDING:
        return Visibility.DOUBTFUL
    return Visibility.SEEN


def has_flat_track(box: BoxValues) -> bool:
    """Whether a row or a column of a grid may be so small that nothing is seen in it."""
    return any(FLAT_TRACK.match(box.value(name)) for name in _TRACKS)


def _is_zero(value: str) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


def _content(box: BoxValues) -> Visibility:
    if box.value("content-visibility") == "hidden":
        return Visibility.HIDDEN
    if _is_picture(box.value("content")) or box.value("offset-path", "none") != "none":
        return Visibility.DOUBTFUL
    if box.value("mix-blend-mode", "normal") != "normal":
        return Visibility.DOUBTFUL
    return Visibility.SEEN


def _is_picture(content: str) -> bool:
    """Whether a picture alone is shown in place of what is in an element."""
    if "(" not in content:
        return False
    shown = list(takewhile(lambda token: not is_symbol(token, "/"), tokens_of(content)))
    is_alone = len(shown) == 1 and not isinstance(shown[0], ast.StringToken)
    return is_alone and any(name in content for name in ("url(", "gradient(", "image-set("))


def _mask(box: BoxValues) -> Visibility:
    value = box.value("mask-image", "none") + box.value("mask-box-image")
    return Visibility.DOUBTFUL if "gradient(" in value or "url(" in value or "image" in value else Visibility.SEEN


def _backdrop(box: BoxValues) -> Visibility:
    """What is behind the text may get its colour."""
    names = {name for name, _ in functions(tokens_of(box.value("backdrop-filter", "none")))}
    return Visibility.SEEN if names <= {"blur", "saturate", "opacity", "hue-rotate"} else Visibility.DOUBTFUL


def _filter(box: BoxValues) -> Visibility:
    visibility = Visibility.SEEN
    for name, arguments in functions(tokens_of(box.value("filter", "none"))):
        amount = token_pixels(arguments[0], Scale(percent_of=1)) if arguments else None
        match name:
            case "opacity" if amount is not None and amount >= 0:
                visibility = max(
                    visibility,
                    Visibility.HIDDEN if amount < 0.05 else Visibility.DOUBTFUL if amount < 0.15 else Visibility.SEEN,
                )
            case "blur" if amount is not None:
                visibility = max(visibility, Visibility.DOUBTFUL if amount > 2 else Visibility.SEEN)
            case "brightness" | "contrast" if amount == 1:
                pass
            case "brightness" | "contrast" | "invert" | "url":
                visibility = max(visibility, Visibility.DOUBTFUL)
    return max(visibility, Visibility.DOUBTFUL) if "url(" in box.value("filter") else visibility


# Each rule, and the properties without which it has nothing to say.
_RULES = (
    (
        visibility_of_move,
        words(
            "transform translate position margin-left margin-top margin-right left right top bottom padding-left"
            " border-width width"
        ),
    ),
    (visibility_of_transform, words("transform scale rotate translate")),
    (_content, words("content-visibility contain content offset-path mix-blend-mode")),
    (_mask, words("mask-image mask-box-image")),
    (visibility_of_rectangle, words("clip")),
    (visibility_of_shape, words("clip-path")),
    (_filter, words("filter")),
    (_backdrop, words("backdrop-filter")),
)
