"""Writes what pictures, fields and links of a message say."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.html.controls import (
    OpenForm,
    control_text,
    is_longer_than_its_field,
    is_text_in_some_browsers,
    shows_placeholder,
)
from outlook_mcp.text.html.css.box_values import Visibility
from outlook_mcp.text.html.css.winners import Winners
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.numbered_links import NumberedLinks
from outlook_mcp.text.html.pictures import ImageMaps, described, has_background_picture, is_tracking_pixel
from outlook_mcp.text.html.shown_text import Place, ShownText
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.writer import TextWriter

# In pixels, at least.
_WIDTH_OF_FIELDS = 120
# A picture of fewer is narrow.
_DIGITS = 2


class Objects:
    """`images` counts the pictures that are shown."""

    def __init__(self, styles: Styles, writer: TextWriter, shown: ShownText, links: NumberedLinks) -> None:
        self.images = 0
        self._backgrounds = 0
        self._links_open = 0
        self._styles = styles
        self._writer = writer
        self._shown = shown
        self._links = links
        self._maps = ImageMaps()

    def open_link(self, attributes: Attributes) -> Callable[[], None] | None:
        """Begins a link; returns what ends it, and None for one to a place in the message itself."""
        href = (attributes.get("href") or attributes.get("xlink:href") or "").strip()
        if not href or href[0] == "#":
            return None
        self._links_open += 1
        return partial(self._close_link, self._writer.mark(), href, self.images + self._backgrounds)

    def note_background(self, attributes: Attributes, declared: Winners, place: Place) -> None:
        """Within a link a picture behind a box with a height is what people see of it, as of a button without text."""
        if self._links_open and has_background_picture(attributes, declared):
            self._backgrounds += self._styles.visibility_of_text(place.boxes, 1) is not Visibility.HIDDEN

    def _close_link(self, mark: int, href: str, pictures: int) -> None:
        self._links_open -= 1
        self._links.close(mark, href, has_picture=self.images + self._backgrounds > pictures)

    def add_placeholder(self, node: LexborNode, attributes: Attributes, place: Place) -> None:
        """Writes what a field shows that is not filled in."""
        boxes = self._styles.boxes_of_part(node, "placeholder", place.boxes)
        text = f" {attributes.get('placeholder') or ''} "
        self._shown.add_text(text, place._replace(boxes=boxes), doubtful=is_text_in_some_browsers(attributes))

    def add_input(self, node: LexborNode, attributes: Attributes, place: Place) -> None:
        """Writes what an `<input>` shows and where it sends its form."""
        mark = self._writer.mark()
        text = control_text(attributes)
        if shows_placeholder(attributes):
            self.add_placeholder(node, attributes, place)
        else:
            is_beside = place.boxes[0].indent >= _WIDTH_OF_FIELDS
            self._shown.add_text(text, place, doubtful=is_beside or is_longer_than_its_field(attributes))
        if place.form is not None:
            href = place.form.address_of("input", attributes)
            if href and not self._shown.in_history:
                self._links.close(mark, href)

    def close_form(self, form: OpenForm) -> None:
        """Tells where a form sends what is filled in, if no button of it did."""
        if form.is_untold and not self._shown.in_history:
            mark = self._writer.mark()
            self._writer.write(" [form]")
            self._links.close(mark, form.action)

    def add_image(self, node: LexborNode, attributes: Attributes, place: Place) -> None:
        """Writes the description of an image and the links in it."""
        if len(attributes.get("width") or "") > _DIGITS or "hspace" in attributes:
            self._styles.note_width(node, attributes, place.boxes[0])
        if self._shown.in_history or is_tracking_pixel(attributes):
            return
        alt, removed = described(attributes)
        visibility = self._styles.visibility_of_text(place.boxes, len(alt))
        if visibility is Visibility.HIDDEN and not all(box.visible and not box.clip.visibility for box in place.boxes):
            return
        self.images += 1
        self._shown.hidden_chars += removed
        if alt:
            if visibility is Visibility.HIDDEN:
                self._shown.hidden_chars += count_visible(alt)
            else:
                self._shown.write_text(f"[{alt}]", place, doubtful=visibility is Visibility.DOUBTFUL)
        if "usemap" in attributes:
            for text, href in self._maps.take_areas(node, attributes["usemap"] or ""):
                mark = self._writer.mark()
                self._writer.write(f" [{text}]" if text else "")
                self._links.close(mark, href, has_picture=True)
