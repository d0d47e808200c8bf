"""Text of a document that would cost too much to parse (see `guard`): its tags are read one after the other.

What a style or a simple rule hides is left out here too; nothing else of the layout is known.
"""

from __future__ import annotations

import re
from html import unescape

from outlook_mcp.text.characters import count_visible, strip_invisible
from outlook_mcp.text.html.css.box_values import Visibility
from outlook_mcp.text.html.embedded import embedded_sheets
from outlook_mcp.text.html.known_boxes import Boxes
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.tags import BLOCKS, DROPPED, VOID

_MOST_TAGS = 80_000
_SILENT = re.compile(r"<(style|script|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
# A tag that never closes ends at the next one, so that no attribute is taken for text.
_TAG = re.compile(r"<(?:(/?)([a-zA-Z][^\s/<>]*)([^<>]*)>?|[!?/][^<>]*>?)")
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_TELLING = re.compile(r"style|class|id|hidden|color|text|open|popover", re.I)
_MOST_ATTRIBUTES = 40
_LONGEST_TAG = 20_000


def flat_text(html: str, sheets: str = "") -> ConvertedText:
    """The text between the tags without what is hidden, on one line."""
    sources = [("", sheets)] if sheets else []
    sources.append(("", embedded_sheets(html)))
    reader = _Reader(Styles(html, sources))
    reader.read_html(_SILENT.sub(" ", html))
    text = " ".join("".join(reader.pieces).split())
    return ConvertedText(text, hidden_chars=reader.hidden_chars, truncated=True, flat=True)


class _Reader:
    def __init__(self, styles: Styles) -> None:
        self.pieces: list[str] = []
        self.hidden_chars = 0
        self._styles = styles
        self._open: list[tuple[str, Boxes, bool]] = []
        self._counts: dict[str, int] = {}
        self._boxes = styles.first
        self._silent = False

    def read_html(self, html: str) -> None:
        position = 0
        for number, tag in enumerate(_TAG.finditer(html)):
            if number > _MOST_TAGS:
                return
            self._text(html[position : tag.start()])
            position = tag.end()
            name = (tag[2] or "").lower()
            if name in BLOCKS or name == "br":
                self.pieces.append(" ")
            if name and tag[1]:
                self._close(name)
            elif name and name not in VOID:
                self._start(name, tag[3])
        self._text(html[position:])

    def _text(self, raw: str) -> None:
        if not raw:
            return
        text, removed = strip_invisible(unescape(raw))
        self.hidden_chars += removed
        if self._silent or self._styles.visibility_of_text(self._boxes, len(text)) is Visibility.HIDDEN:
            self.hidden_chars += count_visible(text)
        else:
            self.pieces.append(text)

    def _start(self, name: str, rest: str) -> None:
        self._open.append((name, self._boxes, self._silent))
        self._counts[name] = self._counts.get(name, 0) + 1
        self._silent = self._silent or name in DROPPED
        attributes = _attributes(rest) if _TELLING.search(rest, 0, _LONGEST_TAG) else {}
        rules = self._styles.simple_rules(name, attributes)
        self._boxes = self._styles.boxes(name, attributes, rules, self._boxes)

    def _close(self, name: str) -> None:
        """A close tag counts only if an element of its name is open; it closes those inside too."""
        if not self._counts.get(name):
            return
        while self._open:
            opened, self._boxes, self._silent = self._open.pop()
            self._counts[opened] -= 1
            if opened == name:
                return


def _attributes(rest: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for number, attribute in enumerate(_ATTRIBUTE.finditer(rest[:_LONGEST_TAG])):
        if number >= _MOST_ATTRIBUTES:
            break
        value = next((part for part in attribute.groups()[1:] if part is not None), None)
        found.setdefault(attribute[1].lower(), unescape(value) if value else value)
    return found
