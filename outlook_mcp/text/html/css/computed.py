"""Computed values: what an element inherits, and what becomes of the text in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.box_values import PERHAPS, BoxValues, Hints, Visibility
from outlook_mcp.text.html.css.clipping import Clip, clip_of
from outlook_mcp.text.html.css.conditions import HEIGHT
from outlook_mcp.text.html.css.doubts import Surroundings, other_doubts
from outlook_mcp.text.html.css.fonts import font_size
from outlook_mcp.text.html.css.hiding import FLAT, has_flat_track, visibility_of_box
from outlook_mcp.text.html.css.inks import colour_of, inks_of
from outlook_mcp.text.html.css.lengths import Scale, pixels, token_pixels
from outlook_mcp.text.html.css.moving import shrinking
from outlook_mcp.text.html.css.painting import visibility_of_stroke
from outlook_mcp.text.html.css.tokens import tokens_of
from outlook_mcp.text.html.css.variables import inherited_values, known_variables, resolved_values

_FIXED = ("fixed", PERHAPS)
_UNTIL_FOUND = {"content-visibility": "hidden"}
_GREYING = re.compile("grayscale|saturate|sepia")
_OF_FIELDS = {"overflow-x": "hidden", "overflow-y": "hidden"}
_VISIBILITY = {"visible": True, "initial": True, "hidden": False, "collapse": False}


def computed_box(parent: Box, declared: Mapping[str, str], hints: Hints, around: Surroundings, *, is_root: bool) -> Box:
    """The box of an element in `parent`."""
    if not declared and not is_root and not parent.lays_out:
        return parent if hints.is_plain else _hinted(parent, hints, dark=around.screen.dark)
    in_link = parent.in_link or hints.is_link
    variables, values, inherited = _values_in(parent, declared, hints)
    hints = _without_what_is_taken_back(hints, declared, values)
    scheme = inherited.get("color-scheme", "")
    dark = "dark" in scheme and (around.screen.dark or "light" not in scheme)
    font = font_size(values.get("font-size", ""), hints.font or parent.font, parent.root_font)
    scale = Scale(font, font if is_root else parent.root_font, around.screen.width, HEIGHT, around.screen.width)
    box_values = _box_values(parent, values, hints, scale, inherited.get("table-layout", ""))
    inks = inks_of(parent, box_values, inherited, hints, dark=dark, is_root=is_root)
    clip = clip_of(parent.clip, box_values)
    doubts = other_doubts(values, inherited, around, box_values.display)
    doubts = max(doubts, visibility_of_stroke(inherited, inks.grounds, dark=dark))
    return Box(
        *inks,
        greyed=parent.greyed or ("filter" in values and _GREYING.search(values["filter"]) is not None),
        shrunk=parent.shrunk * shrinking(box_values),
        font=font,
        root_font=scale.root_font,
        visible=_VISIBILITY.get(values.get("visibility", ""), parent.visible),
        visibility=max(parent.visibility, hints.visibility, _visibility_of(box_values, inherited), doubts),
        clip=_clip_of_page(clip) if is_root or hints.is_page else clip,
        lays_out=_layout_of(box_values, parent.clip),
        indent=_indent(0.0 if hints.resets_indent else parent.indent, values, scale, box_values.display),
        nowrap=_is_nowrap(values["white-space"]) if "white-space" in values else parent.nowrap or hints.nowrap,
        preformatted=_is_preformatted(parent, values, hints),
        struck=_is_struck(parent, box_values, hints),
        in_link=in_link,
        link_colour=parent.link_colour,
        unknown_class=parent.unknown_class or hints.unknown_class,
        variables=variables,
        inherited=inherited,
        is_gone=parent.is_gone or _is_not_shown(box_values.display, hints),
    )


def _visibility_of(box: BoxValues, inherited: Mapping[str, str]) -> Visibility:
    """The visibility of the box itself."""
    visibility = visibility_of_box(box)
    if "writing-mode" in inherited:
        # Which sides its sizes and margins are about is not computed for text from top to bottom.
        return min(visibility, Visibility.DOUBTFUL)
    collapses = box.value("visibility") == "collapse" and box.display.startswith("table-")
    # Of a row that collapses nothing is seen, whatever its cells ask for.
    return max(visibility, Visibility.DOUBTFUL) if collapses else visibility


def _values_in(
    parent: Box, declared: Mapping[str, str], hints: Hints
) -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
    """The custom properties of an element, its other values, and those that its children inherit."""
    if hints.sizes:
        declared = {**dict(hints.sizes), **declared}
    if hints.clips or hints.until_found:
        declared = {**(_OF_FIELDS if hints.clips else _UNTIL_FOUND), **declared}
    variables = known_variables(parent.variables, declared)
    values = resolved_values(declared, variables)
    inherited = inherited_values(parent.inherited, values)
    if values.get("table-layout") == "fixed" and "width" not in values:
        inherited = {**inherited, "table-layout": PERHAPS}  # Its width may be told by an attribute.
    if "line-height" in inherited:
        values = {"line-height": inherited["line-height"], **values}
    return variables, values, inherited


def _hinted(parent: Box, hints: Hints, *, dark: bool) -> Box:
    """The box of an element without a style."""
    takes_colour = hints.colour is not None or hints.is_link
    colour = colour_of(parent, {}, hints, dark=dark, is_root=False) if takes_colour else parent.colour
    is_painted_so = takes_colour and "text-fill-color" not in parent.inherited
    grounds, picture, outer, holds = parent.grounds, parent.picture or hints.picture, parent.outer, parent.holds
    if hints.background is not None:
        # It is the page, a part of a table or a field.
        grounds, picture, outer, holds = (hints.background,), hints.picture, (), ""
    return parent._replace(
        colour=colour,
        ink=colour if is_painted_so else parent.ink,
        grounds=grounds,
        picture=picture,
        outer=outer,
        holds=holds,
        font=hints.font or parent.font,
        indent=0.0 if hints.resets_indent else parent.indent,
        nowrap=parent.nowrap or hints.nowrap,
        preformatted=parent.preformatted or hints.preformatted,
        struck=parent.struck or hints.struck,
        in_link=parent.in_link or hints.is_link,
        unknown_class=parent.unknown_class or hints.unknown_class,
        visibility=max(
            parent.visibility, hints.visibility, Visibility.HIDDEN if hints.until_found else Visibility.SEEN
        ),
        is_gone=parent.is_gone or _is_not_shown(hints.display, hints),
    )


def _without_what_is_taken_back(hints: Hints, declared: Mapping[str, str], values: Mapping[str, str]) -> Hints:
    """The hints where a style asks for the value of the element around, or for that of its name alone."""
    if values is declared:
        return hints
    if declared.get("display") == "revert" and hints.unhidden:
        hints = hints._replace(display=hints.unhidden)
    if _is_inherited("font-size", declared, values):
        hints = hints._replace(font=0.0)
    return hints._replace(colour=None, is_link=False) if _is_inherited("color", declared, values) else hints


def _is_inherited(name: str, declared: Mapping[str, str], values: Mapping[str, str]) -> bool:
    return name in declared and name not in values and declared[name] not in ("revert", "revert-layer")


def _box_values(parent: Box, values: Mapping[str, str], hints: Hints, scale: Scale, table_layout: str) -> BoxValues:
    """The declared values and what they are relative to."""
    position = values.get("position", "static")
    display = values.get("display", hints.display)
    floats = position in ("absolute", "fixed") or values.get("float", "none") != "none"
    # Boxes out of the flow, items of flexible boxes and captions are blocks.
    is_block = display == "table-caption" or (display == "inline" and (floats or parent.lays_out != ""))
    display = "block" if is_block else display
    in_fixed_table = table_layout if table_layout in _FIXED else ""
    return BoxValues(values, scale, display, parent.lays_out, position, in_fixed_table, parent.clip.takes_absolute)


def _clip_of_page(clip: Clip) -> Clip:
    """What overflows the page is scrolled to in a browser, and cut off where a program shows the page in a box."""
    return clip._replace(visibility=min(clip.visibility, Visibility.DOUBTFUL))


def _layout_of(box: BoxValues, around: Clip) -> str:
    """The layout that decides about the sizes of its children; empty for blocks, lines and tables.

    Of a grid it tells whether some row or column may be flat.
    """
    if "grid" in box.display:
        is_flat = has_flat_track(box) or around.narrow or _is_small(box) or _is_filled(box)
        return box.display + FLAT if is_flat else box.display
    return box.display if "flex" in box.display else ""


def _is_small(box: BoxValues) -> bool:
    """Whether a box has a size of its own, which may be too little for what is in it."""
    sizes = (box.length(name) for name in ("width", "height", "max-width", "max-height"))
    return any(size is not None and size < 2 * box.scale.font for size in sizes)


def _is_filled(box: BoxValues) -> bool:
    """Whether the columns whose width is told leave no room for others."""
    width = box.length("width")
    columns = (token_pixels(token, box.scale) for token in tokens_of(box.value("grid-template-columns")))
    return width is not None and sum(column or 0.0 for column in columns) > width - box.scale.font


def _is_not_shown(display: str, hints: Hints) -> bool:
    if display == "contents":
        # Without a box, pictures and fields show nothing, but buttons do.
        return hints.paints and (hints.clips or not hints.font)
    return display == "none" or display.startswith("table-column")


def _is_nowrap(white_space: str) -> bool:
    return "nowrap" in white_space or white_space == "pre"


def _indent(inherited: float, values: Mapping[str, str], scale: Scale, display: str) -> float:
    value = values.get("text-indent")
    if not value or display == "inline":
        return inherited
    if "text-align" in values:
        return 0.0  # The line ends at the right edge, wherever it begins.
    indent = pixels(value, scale) or 0.0
    if indent >= 0:
        return indent
    # What is indented to the left stands in the margin and the padding.
    sides = (pixels(values.get(name, ""), scale) or 0.0 for name in ("margin-left", "padding-left"))
    return min(0.0, indent + max(0.0, sum(sides)))


def _is_struck(parent: Box, box: BoxValues, hints: Hints) -> bool:
    """A line through text goes through all that is in the lines, but not through boxes that only stand in them."""
    lines = box.value("text-decoration-line")
    is_apart = box.position in ("absolute", "fixed") or box.value("float", "none") != "none"
    is_apart = is_apart or box.display.startswith("inline-")
    return (parent.struck and not is_apart) or (hints.struck if not lines else "line-through" in lines)


def _is_preformatted(parent: Box, values: Mapping[str, str], hints: Hints) -> bool:
    value = values.get("white-space", "")
    if value:
        return value.startswith(("pre", "break-spaces")) and value != "pre-line"
    return hints.preformatted or parent.preformatted
