"""What is said of one box, by its style and by its name, and whether the text in it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from outlook_mcp.text.html.css.colours import Colour
from outlook_mcp.text.html.css.lengths import Scale, pixels

# Of a table that may have columns of fixed widths.
PERHAPS = "perhaps"
# Between which the width and the height of a box lie.
SIDES = {"width": ("left", "right"), "height": ("top", "bottom")}


class Visibility(IntEnum):
    """Whether a text is seen; of two values the larger one holds."""

    SEEN = 0
    DOUBTFUL = 1
    HIDDEN = 2


class Hints(NamedTuple):
    """What the name and the old attributes of an element say; any style beats them. `is_plain`: nothing of account.

    `unhidden` is the display that the attribute `hidden` hides. `font` is the size of text that has one of its own,
    `sizes` are a width and a height that old attributes give, and it `is_positioned` whatever its style says of that.
    """

    display: str = "inline"
    unhidden: str = ""
    colour: Colour | None = None
    background: Colour | None = None
    picture: bool = False
    is_link: bool = False
    preformatted: bool = False
    struck: bool = False
    nowrap: bool = False
    unknown_class: bool = False
    is_plain: bool = False
    is_page: bool = False
    visibility: Visibility = Visibility.SEEN
    until_found: bool = False
    clips: bool = False
    paints: bool = False
    font: float = 0.0
    resets_indent: bool = False
    sizes: tuple[tuple[str, str], ...] = ()
    is_positioned: bool = False


class BoxValues(NamedTuple):
    """The declared values of one element and what its relative lengths are relative to.

    `in_fixed_table`: the columns of the table around have fixed widths, or do so `perhaps`, since they do if it has a
    width itself; else it is empty. `in_positioned`: some box around it is what absolute positions inside it count from.
    """

    declared: Mapping[str, str]
    scale: Scale
    display: str
    parent_display: str
    position: str
    in_fixed_table: str = ""
    in_positioned: bool = False

    def value(self, name: str, default: str = "") -> str:
        return self.declared.get(name, default)

    def length(self, name: str) -> float | None:
        value = self.declared.get(name)
        return pixels(value, self.scale) if value else None
