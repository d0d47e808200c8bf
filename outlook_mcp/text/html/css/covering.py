"""Boxes that may be painted over the text of others."""

from __future__ import annotations

import math
import re

from outlook_mcp.text.html.css.box_values import Hints
from outlook_mcp.text.html.css.clipping import Clip
from outlook_mcp.text.html.css.declarations import OVERLAY
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.tokens import words
from outlook_mcp.text.html.css.winners import Winners

_MOVING = words("position margin-top margin-bottom transform translate grid-area grid-row")
_TRANSPARENT = frozenset({"", "transparent", "layer(none)", "layer(transparent)", "initial", "layer(initial)"})
# What lifts a box above text that is not positioned.
_ABOVE = {"opacity": "1", "transform": "none", "translate": "none", "filter": "none", "mix-blend-mode": "normal"}
_FLAT = 5.0
_OFFSETS = ("top", "left", "right", "bottom")
_MOVES = re.compile(r"translate|matrix")


def may_cover(declared: Winners, hints: Hints) -> bool:
    """An element that is painted, and moved to where others may be."""
    if OVERLAY in declared:
        return True
    if _MOVING.isdisjoint(declared):
        return False
    return _is_moved(declared) and _is_painted(declared, hints)


def leaves_its_place(declared: Winners) -> bool:
    """An element whose text may stand where what follows is painted."""
    if declared.get("position", "") in ("absolute", "fixed") or declared.get("float", "none") not in (
        "none",
        "inherit",
    ):
        return True
    is_open = declared.get("overflow-y", "visible") == "visible"
    heights = (pixels(declared[name], Scale()) for name in ("height", "max-height") if name in declared and is_open)
    return declared.get("margin-bottom", "").startswith("-") or any(
        height is not None and height < _FLAT for height in heights
    )


def is_painted_above(declared: Winners, hints: Hints) -> bool:
    """An element whose box is painted over text that stands in its place."""
    is_above = declared.get("position", "static") not in ("static", "inherit") or any(
        declared.get(name, default) != default for name, default in _ABOVE.items()
    )
    return is_above and _is_painted(declared, hints)


def may_push(declared: Winners, clip: Clip) -> bool:
    """An element so high that nothing below it is left of the box that it stands in."""
    if "height" not in declared or math.isinf(clip.height):
        return False
    return (pixels(declared["height"], Scale()) or 0.0) > clip.height > 0


def _is_moved(declared: Winners) -> bool:
    position = declared.get("position", "static")
    if position in ("absolute", "fixed") or declared.get("margin-top", "").startswith("-"):
        return True
    if position in ("relative", "sticky") and any(declared.get(name, "0").strip("-+.0px") for name in _OFFSETS):
        return any(declared.get(name, "auto") not in ("auto", "inherit", "initial") for name in _OFFSETS)
    if position != "static" and declared.get("margin-bottom", "").startswith("-"):
        return True
    is_translated = declared.get("translate", "none") != "none" or _MOVES.search(declared.get("transform", ""))
    return bool(is_translated) or "grid-area" in declared or "grid-row" in declared


def _is_painted(declared: Winners, hints: Hints) -> bool:
    if declared.get("background-color", "") not in _TRANSPARENT:
        return True
    if declared.get("backdrop-filter", "none") != "none":
        return True  # What is behind it is painted another way.
    has_image = declared.get("background-image", "none") not in ("none", "initial")
    has_edge = "border-width" in declared or declared.get("box-shadow", "none") != "none"
    return has_image or has_edge or hints.background is not None or hints.paints
