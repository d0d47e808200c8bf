"""The computed values of one element, and what becomes of the text in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from outlook_mcp.text.html.css.box_values import Visibility
from outlook_mcp.text.html.css.clipping import Clip
from outlook_mcp.text.html.css.colours import BLACK, LINK, WHITE, Colour, difference, over

# Under this sum of differences of red, green and blue a text cannot be read, under that one hardly.
_SAME, _FAINT = 24.0, 48.0
# In pixels: of letters up to this size a browser paints nothing, of those below the other nothing can be read.
_UNSEEN_SIZE, _TINY_SIZE = 0.6, 3.0
# Of the size of letters: the part of a line above them.
_TOP_OF_LETTERS = 0.3


class Box(NamedTuple):
    """The computed values of one element on one screen. Lengths are in pixels.

    `outer` are the colours behind the painted box that `grounds` are of, which is not behind all that is in it: `holds`
    is `lines` for a box in a line, `flow` for one that floats may overflow, and `floats` for one that grows with them.
    `greyed` tells that colours which are equally bright look the same.
    `ink` is the colour in which letters are painted, `shrunk` by how much everything in the element is made smaller.
    """

    colour: Colour = BLACK
    ink: Colour = BLACK
    grounds: tuple[Colour, ...] = (WHITE,)
    picture: bool = False
    outer: tuple[Colour, ...] = ()
    holds: str = ""
    opacity: float = 1.0
    outlined: bool = False
    greyed: bool = False
    shrunk: float = 1.0
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
    variables: Mapping[str, str] = {}
    inherited: Mapping[str, str] = {}
    is_gone: bool = False

    def looks(self) -> tuple[object, ...]:
        """Equal for two boxes of one document that look the same and give the same to their children."""
        return (*self[:_MAPPINGS], id(self.variables), id(self.inherited), self.is_gone)

    @property
    def takes_place(self) -> bool:
        """Whether text in the element has its place, be it seen or not."""
        return not self.is_gone and self.font * self.shrunk > _UNSEEN_SIZE

    def visibility_of_text(self, length: int) -> Visibility:
        """What becomes of a text of so many characters that stands in the element."""
        font = self.font * self.shrunk
        if self.is_gone or not self.visible or font <= _UNSEEN_SIZE:
            return Visibility.HIDDEN
        visibility = max(
            self.visibility, self.clip.visibility, self._visibility_of_colour(), self._visibility_of_indent(length)
        )
        is_hardly_seen = font < _TINY_SIZE or 2.0 <= self.clip.height < _TOP_OF_LETTERS * font
        return max(visibility, Visibility.DOUBTFUL) if is_hardly_seen else visibility

    def _visibility_of_colour(self) -> Visibility:
        if self.outlined:
            return Visibility.SEEN if self.opacity > 0.1 else Visibility.HIDDEN
        seen = [difference(over(self.ink, ground), ground) * self.opacity for ground in self.grounds]
        if self.greyed:
            bright = [abs(_brightness(over(self.ink, ground)) - _brightness(ground)) for ground in self.grounds]
            if 3 * max(bright) * self.opacity < _FAINT:
                return Visibility.DOUBTFUL
        most = max(seen)
        if most >= _FAINT:
            # Some of what may be behind it has its colour.
            return Visibility.SEEN if min(seen) >= _SAME else Visibility.DOUBTFUL
        is_excused = self.picture or self.in_link or self.unknown_class
        if most < _SAME and not (is_excused and self.ink.alpha * self.opacity > 0.1):
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


def _brightness(colour: Colour) -> float:
    """From 0 to 255 (Filter Effects 1, `grayscale`)."""
    return 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue


_MAPPINGS = Box._fields.index("variables")


def first_box(link: Colour | None) -> Box:
    """What the root element inherits."""
    return Box(link_colour=link or LINK[0])
