"""Computed values: what an element inherits, and what becomes of the text in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from outlook_mcp.text.html.css.box_values import BoxValues, Visibility
from outlook_mcp.text.html.css.clipping import Clip, clip_of
from outlook_mcp.text.html.css.colours import BLACK, CURRENT, WHITE, Colour, difference, over, parse_colour
from outlook_mcp.text.html.css.conditions import HEIGHT
from outlook_mcp.text.html.css.doubts import Surroundings, other_doubts
from outlook_mcp.text.html.css.fonts import font_size
from outlook_mcp.text.html.css.hiding import visibility_of_box
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.painting import background_of, is_painted_by_shadow_or_stroke
from outlook_mcp.text.html.css.variables import inherited_values, known_variables, resolved_values

DARK_CANVAS = Colour(18, 18, 18)
_LINK = (Colour(0, 0, 238), Colour(158, 158, 255))
# Under this sum of differences of red, green and blue a text cannot be read, under that one hardly.
_SAME, _FAINT = 24.0, 48.0
_UNREADABLE_SIZE, _TINY_SIZE = 1.5, 3.0
_UNTIL_FOUND = {"content-visibility": "hidden"}
_OF_FIELDS = {"overflow-x": "hidden", "overflow-y": "hidden"}
_VISIBILITY = {"visible": True, "hidden": False, "collapse": False}


class Hints(NamedTuple):
    """What the name and the old attributes of an element say; any style beats them. `is_plain`: nothing of account."""

    display: str = "inline"
    colour: Colour | None = None
    background: Colour | None = None
    picture: bool = False
    is_link: bool = False
    preformatted: bool = False
    struck: bool = False
    nowrap: bool = False
    unknown_class: bool = False
    is_plain: bool = False
    visibility: Visibility = Visibility.SEEN
    until_found: bool = False
    clips: bool = False
    paints: bool = False


class Box(NamedTuple):
    """The computed values of one element on one screen. Lengths are in pixels."""

    colour: Colour = BLACK
    grounds: tuple[Colour, ...] = (WHITE,)
    picture: bool = False
    opacity: float = 1.0
    font: float = 16.0
    root_font: float = 16.0
    visible: bool = True
    visibility: Visibility = Visibility.SEEN
    clip: Clip = Clip()
    lays_out: str = ""
    indent: float = 0.0
    nowrap: bool = False
    preformatted: bool = False
    struck: bool = False
    in_link: bool = False
    link_colour: Colour | None = None
    unknown_class: bool = False
    outlined: bool = False
    variables: Mapping[str, str] = {}
    inherited: Mapping[str, str] = {}
    is_gone: bool = False

    def looks(self) -> tuple[object, ...]:
        """The same for two boxes of one document that look the same and give the same to their children."""
        return (*self[:_MAPPINGS], id(self.variables), id(self.inherited), self.is_gone)

    def visibility_of_text(self, length: int) -> Visibility:
        """What becomes of a text of so many characters that stands in the element."""
        if self.is_gone or not self.visible or self.font <= _UNREADABLE_SIZE:
            return Visibility.HIDDEN
        visibility = max(
            self.visibility, self.clip.visibility, self._visibility_of_colour(), self._visibility_of_indent(length)
        )
        return max(visibility, Visibility.DOUBTFUL) if self.font < _TINY_SIZE else visibility

    def _visibility_of_colour(self) -> Visibility:
        if self.outlined:
            return Visibility.SEEN if self.opacity > 0.1 else Visibility.HIDDEN
        seen = [difference(over(self.colour, ground), ground) * self.opacity for ground in self.grounds]
        most = max(seen)
        if most >= _FAINT:
            # Some of what may be behind it has its colour.
            return Visibility.SEEN if min(seen) >= _SAME else Visibility.DOUBTFUL
        is_excused = self.picture or self.in_link or self.unknown_class
        if most < _SAME and not (is_excused and self.colour.alpha * self.opacity > 0.1):
            return Visibility.HIDDEN
        return Visibility.DOUBTFUL

    def _visibility_of_indent(self, length: int) -> Visibility:
        if self.indent and self.indent >= self.clip.width:
            return Visibility.DOUBTFUL
        if -100 < self.indent < 390 and (self.indent > -30 or length * self.font * 0.4 >= -self.indent):
            return Visibility.SEEN
        if self.indent > 0:
            return Visibility.DOUBTFUL
        # Only the first line is moved: a long text goes on in the next ones.
        is_one_line = self.nowrap or length * self.font * 0.4 < min(-self.indent, 300.0)
        return Visibility.HIDDEN if is_one_line and length * self.font * 0.4 < -self.indent else Visibility.DOUBTFUL


_MAPPINGS = Box._fields.index("variables")


def first_box(link: Colour | None) -> Box:
    """What the root element inherits."""
    return Box(link_colour=link or _LINK[0])


def computed_box(parent: Box, declared: Mapping[str, str], hints: Hints, around: Surroundings, *, is_root: bool) -> Box:
    """The box of an element in `parent`."""
    if not declared and not is_root and not parent.lays_out:
        return parent if hints.is_plain else _hinted(parent, hints, dark=around.screen.dark)
    declared = {**_OF_FIELDS, **declared} if hints.clips else declared
    declared = {**_UNTIL_FOUND, **declared} if hints.until_found else declared
    variables = known_variables(parent.variables, declared)
    values = resolved_values(declared, variables)
    inherited = inherited_values(parent.inherited, values)
    dark = around.screen.dark and "dark" in inherited.get("color-scheme", "")
    font = font_size(values.get("font-size", ""), parent.font, parent.root_font)
    scale = Scale(font, font if is_root else parent.root_font, around.screen.width, HEIGHT, around.screen.width)
    box_values = _box_values(parent, values, hints, scale, is_fixed=inherited.get("table-layout") == "fixed")
    colour = _colour(parent, values, hints, dark=dark, is_root=is_root)
    grounds, picture, paints = background_of(parent.grounds, values, hints.background, colour, dark=dark)
    grounds = (DARK_CANVAS,) if is_root and dark and not paints else grounds
    doubts = other_doubts(values, inherited, around)
    return Box(
        colour=_painted_colour(colour, values, parent, inherited, dark=dark),
        grounds=parent.grounds if values.get("background-clip") == "text" else grounds,
        picture=(parent.picture and not paints) or picture or hints.picture,
        opacity=parent.opacity * _opacity(values),
        font=font,
        root_font=scale.root_font,
        visible=_VISIBILITY.get(values.get("visibility", ""), parent.visible),
        visibility=max(parent.visibility, hints.visibility, visibility_of_box(box_values), doubts),
        clip=clip_of(parent.clip, box_values),
        lays_out=_layout_of(box_values.display),
        indent=_indent(parent, values, scale),
        nowrap=_is_nowrap(inherited.get("white-space", "")) or hints.nowrap,
        preformatted=_is_preformatted(parent, values, hints),
        struck=parent.struck or hints.struck or "line-through" in values.get("text-decoration-line", ""),
        in_link=parent.in_link or hints.is_link,
        link_colour=parent.link_colour,
        unknown_class=parent.unknown_class or hints.unknown_class,
        outlined=is_painted_by_shadow_or_stroke(inherited, grounds, dark=dark),
        variables=variables,
        inherited=inherited,
        is_gone=parent.is_gone or _is_not_shown(box_values.display),
    )


def _hinted(parent: Box, hints: Hints, *, dark: bool) -> Box:
    """The box of an element without a style."""
    takes_colour = (hints.colour or hints.is_link) and "text-fill-color" not in parent.inherited
    colour = _colour(parent, {}, hints, dark=dark, is_root=False) if takes_colour else parent.colour
    grounds, picture = parent.grounds, parent.picture or hints.picture
    if hints.background is not None:
        grounds, picture = (hints.background,), hints.picture
    return parent._replace(
        colour=colour,
        grounds=grounds,
        picture=picture,
        nowrap=parent.nowrap or hints.nowrap,
        preformatted=parent.preformatted or hints.preformatted,
        struck=parent.struck or hints.struck,
        in_link=parent.in_link or hints.is_link,
        unknown_class=parent.unknown_class or hints.unknown_class,
        visibility=max(
            parent.visibility, hints.visibility, Visibility.HIDDEN if hints.until_found else Visibility.SEEN
        ),
        is_gone=parent.is_gone or _is_not_shown(hints.display),
    )


def _box_values(parent: Box, values: Mapping[str, str], hints: Hints, scale: Scale, *, is_fixed: bool) -> BoxValues:
    """The declared values and what they are relative to; `is_fixed`: in a table whose columns have fixed widths."""
    position = values.get("position", "static")
    display = values.get("display", hints.display)
    floats = position in ("absolute", "fixed") or values.get("float", "none") != "none"
    display = "block" if floats and display == "inline" else display
    return BoxValues(values, scale, display, parent.lays_out, position, is_fixed, parent.clip.takes_absolute)


def _layout_of(display: str) -> str:
    """The layout that decides about the sizes of its children; empty for blocks, lines and tables."""
    return display if "flex" in display or "grid" in display else ""


def _is_not_shown(display: str) -> bool:
    return display == "none" or display.startswith("table-column")


def _is_nowrap(white_space: str) -> bool:
    return "nowrap" in white_space or white_space == "pre"


def _colour(parent: Box, values: Mapping[str, str], hints: Hints, *, dark: bool, is_root: bool) -> Colour:
    """The computed value of `color`."""
    base = parent.colour
    if is_root and dark:
        base = WHITE
    if hints.is_link:
        base = _LINK[1] if dark and parent.link_colour == _LINK[0] else parent.link_colour or base
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


def _indent(parent: Box, values: Mapping[str, str], scale: Scale) -> float:
    value = values.get("text-indent")
    if not value:
        return parent.indent
    indent = pixels(value, scale) or 0.0
    if indent >= 0:
        return indent
    # What is indented to the left stands in the margin and the padding.
    sides = (pixels(values.get(name, ""), scale) or 0.0 for name in ("margin-left", "padding-left"))
    return min(0.0, indent + max(0.0, sum(sides)))


def _is_preformatted(parent: Box, values: Mapping[str, str], hints: Hints) -> bool:
    value = values.get("white-space", "")
    if value:
        return value.startswith(("pre", "break-spaces")) and value != "pre-line"
    return hints.preformatted or parent.preformatted
