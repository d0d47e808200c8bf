"""What an element of a message inherits from those around it."""

from __future__ import annotations

from typing import NamedTuple

from outlook_mcp.text.html.colours import RGB, are_alike, parse_colour
from outlook_mcp.text.html.sheet import Element
from outlook_mcp.text.html.style import Style
from outlook_mcp.text.quotes.markers import Attributes


class Context(NamedTuple):
    """What an element inherits. A colour of None is one we do not know."""

    colour: RGB | None = (0, 0, 0)
    background: RGB | None = (255, 255, 255)
    transparent: bool = False
    tiny: bool = False
    invisible: bool = False
    preformatted: bool = False
    in_link: bool = False
    unknown_class: bool = False
    list_depth: int = 0
    element: Element | None = None

    @property
    def is_same_colour(self) -> bool:
        """Text cannot be told from what is behind it."""
        return are_alike(self.colour, self.background)

    def styled(self, style: Style) -> Context:
        """Children inherit colours, size and visibility, each of which they may set again."""
        tiny = self.tiny
        if style.tiny is not None:
            tiny = style.tiny or (self.tiny and style.relative_size)
        return self._replace(
            colour=style.colour if style.sets_colour else self.colour,
            transparent=style.transparent if style.sets_colour else self.transparent,
            background=style.background if style.sets_background else self.background,
            tiny=tiny,
            invisible=self.invisible if style.visible is None else not style.visible,
        )

    def attributed(self, tag: str, attributes: Attributes) -> Context:
        """What the element's name and old attributes say; a style is applied after and beats them."""
        context = self
        if "bgcolor" in attributes:
            context = context._replace(background=parse_colour(attributes["bgcolor"] or ""))
        if "background" in attributes:
            context = context._replace(background=None)
        if tag == "font" and attributes.get("color"):
            context = context._replace(colour=parse_colour(attributes["color"] or ""))
        if tag == "pre":
            context = context._replace(preformatted=True)
        if tag == "a":
            context = context._replace(in_link=True)
        return context
