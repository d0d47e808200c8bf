"""What the boxes around an element and its own box cut off."""

from __future__ import annotations

import math
from typing import NamedTuple

from outlook_mcp.text.html.css.box_values import SIDES, BoxValues, Visibility
from outlook_mcp.text.html.css.declarations import CLIPPING
from outlook_mcp.text.html.css.hiding import cut_axes, visibility_of_overflow
from outlook_mcp.text.html.css.lengths import pixels
from outlook_mcp.text.html.css.moving import moved_by

_NOTHING = 2.0
# By them a box is what fixed positions inside it count from.
_FRAMING = frozenset(
    [
        *("transform", "translate", "rotate", "scale", "filter", "backdrop-filter", "perspective", "will-change"),
        *("contain", "content-visibility"),
    ]
)
_WITHOUT_FRAME = frozenset({"none", "normal", "visible", "size", "style", "initial"})
# Pixels by which a box is hardly moved without leaving the one around it.
_FAR = 60.0
_PUSHING = frozenset(
    {
        *("position", "transform", "translate", "padding-top", "padding-left", "width"),
        *("margin-top", "margin-left", "margin-right"),
    }
)
# Of the size of the font.
_LETTERS = 3.0
# A box that is so much wider than what is seen of it may hold its text anywhere.
_WIDER = 300.0


class Clip(NamedTuple):
    """`visibility` is that of the text in the box. `takes_absolute`: it holds for what is positioned inside, too,
    as it does for what is fixed where it is `takes_fixed`.

    `narrow` and `flat`: the box has no width or no height, whether or not it cuts off what overflows. `width` and
    `height` are the space in pixels, outside of which everything is cut off, and `cuts` tells that there is such a
    space, known or not.
    """

    visibility: Visibility = Visibility.SEEN
    takes_absolute: bool = False
    narrow: bool = False
    flat: bool = False
    width: float = math.inf
    height: float = math.inf
    cuts: bool = False
    takes_fixed: bool = False


def clip_of(parent: Clip, box: BoxValues) -> Clip:
    """The clip of an element in `parent`. What is positioned absolutely escapes boxes that are not positioned."""
    around = parent
    floats = box.position in ("absolute", "fixed")
    if floats and not (parent.takes_fixed if box.position == "fixed" else parent.takes_absolute):
        around = Clip(takes_absolute=parent.takes_absolute, takes_fixed=parent.takes_fixed)
    is_line = box.display in ("inline", "contents")
    width, narrow = (None, around.narrow) if is_line else _size(box, "width", inherits=around.narrow and not floats)
    height, flat = (None, around.flat) if is_line else _size(box, "height", inherits=False, parent_is_none=around.flat)
    own = Visibility.SEEN
    clips_x = clips_y = False
    if not CLIPPING.isdisjoint(box.declared) and not is_line:
        own = visibility_of_overflow(box)
        clips_x, clips_y = cut_axes(box)
        is_part = box.display.startswith("table") and not box.in_fixed_table
        if not is_part and ((width is None and narrow and clips_x) or (height is None and flat and clips_y)):
            own = Visibility.HIDDEN
        elif around.flat and clips_y and box.parent_display:
            own = max(own, Visibility.DOUBTFUL)  # It may be as high as the box whose layout it is a part of.
        clips_x, clips_y = clips_x and not is_part, clips_y and not is_part
    is_frame = not _FRAMING.isdisjoint(box.declared) and _is_frame(box)
    is_anchor = is_frame or box.position != "static"
    leaves_space = (clips_x and width is not None) or (clips_y and height is not None)
    return Clip(
        max(around.visibility, own, _visibility_of_push(around, box)),
        is_anchor if own or leaves_space else parent.takes_absolute or is_anchor,
        narrow,
        flat,
        min(around.width, _shown(box, "width", width, box.scale.width)) if clips_x else around.width,
        min(around.height, _shown(box, "height", height, math.inf)) if clips_y else around.height,
        around.cuts or clips_x or clips_y,
        is_frame if own or leaves_space else parent.takes_fixed or is_frame,
    )


def _is_frame(box: BoxValues) -> bool:
    return any(box.value(name, "none") not in _WITHOUT_FRAME for name in _FRAMING)


def _shown(box: BoxValues, name: str, size: float | None, most: float) -> float:
    """How much is seen of a box, of which `size` is what it has for its content; `most` where none is told."""
    if size is None or box.value("box-sizing") == "border-box":
        return most if size is None else size
    return size + sum(box.length(f"padding-{side}") or 0.0 for side in SIDES[name])


def _size(box: BoxValues, name: str, *, inherits: bool, parent_is_none: bool = False) -> tuple[float | None, bool]:
    """The width or height where it is declared in other units than percent, and whether it is nothing."""
    if box.display.startswith("table"):
        return None, False
    told = [box.declared[size] for size in (name, f"max-{name}") if size in box.declared]
    known = [pixels(value, box.scale) for value in told if value and not value.endswith("%")]
    lengths = [length for length in known if length is not None]
    if lengths and "content" not in box.value(f"min-{name}"):
        size = max(min(lengths), box.length(f"min-{name}") or 0.0)
        return size, size < _NOTHING
    is_relative = bool(told) and any(value.endswith("%") for value in told)
    if name == "width":
        is_block = box.display in ("block", "list-item", "flex", "grid", "flow-root") and box.value("float") == ""
        return None, inherits and (is_block or is_relative)
    return None, parent_is_none and is_relative


def _is_outside(value: str) -> bool:
    """Whether a box is positioned behind the end of the one that it is positioned in.

    >>> _is_outside("100%"), _is_outside("50%"), _is_outside("-100%")
    (True, False, True)
    """
    return value.endswith("%") and abs(_number(value[:-1])) >= 100


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0


def _is_behind_end(box: BoxValues) -> bool:
    """Whether a box ends more than its text needs behind the right or the lower edge of the one it is positioned in."""
    down = 0.0 if box.value("top") else box.length("bottom") or 0.0
    right = 0.0 if box.value("left") else box.length("right") or 0.0
    return down <= -box.scale.font or right <= -_LETTERS * box.scale.font


def _visibility_of_push(around: Clip, box: BoxValues) -> Visibility:
    """Whether the element may be pushed out of the space that a box around it leaves."""
    if not around.cuts or _PUSHING.isdisjoint(box.declared):
        return Visibility.SEEN
    if box.position != "static" and any(_is_outside(box.value(name)) for name in ("left", "top", "right", "bottom")):
        return Visibility.DOUBTFUL
    if box.position == "absolute" and _is_behind_end(box):
        return Visibility.DOUBTFUL
    width, height = (
        whole if math.isinf(side) else side
        for side, whole in ((around.width, box.scale.width), (around.height, box.scale.height))
    )
    box = box._replace(scale=box.scale._replace(width=width, height=height, percent_of=width))
    right, down = moved_by(box)
    if box.position == "relative" and max(abs(right), abs(down)) >= _FAR and math.isinf(around.height):
        return Visibility.DOUBTFUL
    if math.isinf(around.width) and math.isinf(around.height):
        return Visibility.SEEN
    right += box.length("padding-left") or 0.0
    down += box.length("padding-top") or 0.0
    is_wider = (box.length("width") or 0.0) >= around.width + _WIDER
    is_above = down <= -box.scale.font and not math.isinf(around.height)
    is_out = abs(right) >= max(around.width, _NOTHING) or abs(down) >= max(around.height, _NOTHING)
    return Visibility.DOUBTFUL if is_out or is_wider or is_above else Visibility.SEEN
