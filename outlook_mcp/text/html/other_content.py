"""Elements whose content mail programs do not show: what is said of them, so that no words are lost without a trace.

Mail programs take `<iframe>`, `<object>` and `<embed>` away, and open no shadow trees: what browsers show of them is
counted, not repeated. An element such as `<title>` that a style displays is told and marked.
"""

from __future__ import annotations

import re
from base64 import b64decode
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import strip_invisible
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.shown_text import Place, ShownText
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.tags import DISPLAYABLE, WITH_OTHER_CONTENT
from outlook_mcp.text.html.writer import TextWriter

# Where each of them names its document.
_SOURCES = {"iframe": "src", "embed": "src", "object": "data"}
_DATA = re.compile(r"\s*data:([^,;\s]*)([^,]*),", re.I)
_TEXTS = ("", "text/html", "text/plain", "application/xhtml+xml", "image/svg+xml")
_TAG = re.compile(r"<[^<>]*>?")
_LONGEST = 200_000


class OtherContent:
    """Tells of such elements in one message."""

    def __init__(self, styles: Styles, writer: TextWriter, shown: ShownText) -> None:
        self._styles = styles
        self._writer = writer
        self._shown = shown

    def add_element(self, node: LexborNode, tag: str, place: Place) -> None:
        """Writes what is to be told of an element that is not read otherwise."""
        if tag == "template":
            if "shadowrootmode" in node.attributes:
                self._write_mark(node.html or "", place)
        elif tag in _SOURCES:
            self.add_document(tag, node.attributes, place)
        elif tag in DISPLAYABLE and "display" in (node.attributes.get("style") or ""):
            boxes = self._styles.boxes_of(node, tag, node.attributes, place.boxes)
            self._shown.add_text(node.text(deep=True), place._replace(boxes=boxes), doubtful=True)
            return
        if tag in WITH_OTHER_CONTENT:
            self._styles.boxes_of(node, tag, node.attributes, place.boxes)  # It may cover text.
            self._styles.note_width(node, node.attributes, place.boxes[0])
            self._shown.count_hidden(node)
            self._shown.note_height(node, tag, place)

    def add_document(self, tag: str, attributes: Attributes, place: Place) -> None:
        """Tells of the document that an element holds in an attribute, if it does."""
        source = attributes.get("srcdoc") if tag == "iframe" else None
        if source is None:
            source = _text_of_data(attributes.get(_SOURCES[tag]) or "")
        self._write_mark(source, place)

    def _write_mark(self, html: str, place: Place) -> None:
        words = len(strip_invisible(_TAG.sub(" ", html[:_LONGEST]))[0].split())
        if words and not self._shown.in_history and not self._styles.is_gone(place.boxes):
            counted = "1 word" if words == 1 else f"{words:,} words"
            self._writer.write(f" [embedded document that most mail programs do not show: {counted}] ")


def _text_of_data(url: str) -> str:
    """The text that an address holds itself; empty for any other address.

    >>> _text_of_data("data:text/html;base64,PGI+SGk8L2I+"), _text_of_data("https://contoso.com/")
    ('<b>Hi</b>', '')
    """
    found = _DATA.match(url[:200])
    if found is None or found[1].lower() not in _TEXTS:
        return ""
    written = unquote(url[found.end() : _LONGEST])
    if "base64" not in found[2].lower():
        return written
    try:
        return b64decode(written[: len(written) // 4 * 4]).decode("utf-8", "replace")
    except ValueError:
        return ""
