"""Walks the tree of a message without recursion and writes what a reader would see."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible, strip_invisible
from outlook_mcp.text.html.context import Context
from outlook_mcp.text.html.sheet import Element, StyleSheet
from outlook_mcp.text.html.style import PLAIN, Style, style_of
from outlook_mcp.text.html.tags import BLOCKS, DROPPED, HEADINGS, PARAGRAPHS
from outlook_mcp.text.html.writer import TextWriter
from outlook_mcp.text.quotes.markers import Attributes, Quote, is_reply_header, may_open_history, quote_of

MOST_NODES = 100_000
_LONGEST_ALT = 120
_SPACE = re.compile(r"\s+")
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)$", re.I)
_PIXELS = re.compile(r"\s*([01])(?:px)?\s*$")

_NO_NAMES: frozenset[str] = frozenset()
_NO_ELEMENT = Element("", _NO_NAMES, "", None)

_Work = tuple[LexborNode | Callable[[], None], Context | None]


class Walker:
    """One walk over one message. With `drop_quotes` the history below a reply is counted, not written."""

    def __init__(self, sheet: StyleSheet, *, drop_quotes: bool = False) -> None:
        self.writer = TextWriter()
        self.hidden_chars = 0
        self.cut_chars = 0
        self.images = 0
        self.truncated = False
        self._sheet = sheet
        self._drop_quotes = drop_quotes
        self._in_history = False
        self._stack: list[_Work] = []
        self._numbers: list[int] = []
        self._styles: dict[tuple[str, str, str, str], Style] = {}

    def walk(self, root: LexborNode) -> None:
        self._stack.append((root, Context()))
        nodes = 0
        while self._stack:
            work, context = self._stack.pop()
            if context is None:
                work()  # type: ignore[operator]
                continue
            nodes += 1
            if nodes > MOST_NODES:
                self.truncated = True
                return
            self._node(work, context)  # type: ignore[arg-type]

    def _node(self, node: LexborNode, context: Context) -> None:
        tag = node.tag or "-"
        if tag == "-text":
            self._text(node.text_content or "", context)
        elif tag[0] != "-" and tag not in DROPPED:
            self._element(node, tag, context)

    def _text(self, raw: str, context: Context) -> None:
        if not raw:
            return
        text, removed = strip_invisible(raw)
        if self._in_history:
            self.cut_chars += count_visible(text)
            return
        self.hidden_chars += removed
        if context.tiny or context.invisible or context.transparent:
            self.hidden_chars += count_visible(text)
        elif context.is_same_colour and not text.isspace():
            self._same_colour(text, context)
        elif context.preformatted:
            self.writer.preformatted(text)
        else:
            self.writer.write(_SPACE.sub(" ", text))

    def _same_colour(self, text: str, context: Context) -> None:
        # White text of a button whose background comes from a class is seen by readers.
        if context.in_link or context.unknown_class:
            self.writer.write(f"[faint: {_SPACE.sub(' ', text).strip()}]")
        else:
            self.hidden_chars += count_visible(text)

    def _element(self, node: LexborNode, tag: str, context: Context) -> None:
        attributes: Attributes = node.attributes
        inner, style = self._inherit(tag, attributes, context)
        if style.removed or "hidden" in attributes:
            self._count_hidden(node)
            return
        if tag == "br":
            self.writer.line_break()
        elif tag == "img":
            self._image(attributes, inner)
        elif not (self._drop_quotes and not self._in_history and self._is_quote(node, tag, attributes)):
            self._open(tag, attributes, inner)
            self._push_children(
                node, inner if tag not in ("ol", "ul") else inner._replace(list_depth=inner.list_depth + 1)
            )

    def _push_children(self, node: LexborNode, context: Context) -> None:
        child, children = node.first_child, []
        while child is not None:
            children.append((child, context))
            child = child.next
        self._stack.extend(reversed(children))

    def _count_hidden(self, node: LexborNode) -> None:
        count = count_visible(node.text(deep=True))
        if self._in_history:
            self.cut_chars += count
        else:
            self.hidden_chars += count

    def _inherit(self, tag: str, attributes: Attributes, outer: Context) -> tuple[Context, Style]:
        classes, inline = attributes.get("class") or "", attributes.get("style") or ""
        context, style = outer.attributed(tag, attributes), PLAIN
        if self._sheet:
            identifier = (attributes.get("id") or "").lower()
            element = Element(tag, _names(classes), identifier, outer.element)
            context = context._replace(element=element)
            style = self._style(element, inline, (tag, classes, identifier, inline))
        elif inline:
            style = self._style(_NO_ELEMENT, inline, ("", "", "", inline))
        if style is not PLAIN:
            context = context.styled(style)
        if classes and not context.unknown_class and not all(map(self._sheet.styles_class, _names(classes))):
            context = context._replace(unknown_class=True)
        return context, style

    def _style(self, element: Element, inline: str, key: tuple[str, str, str, str]) -> Style:
        if key in self._styles:
            return self._styles[key]
        declarations = self._sheet.declarations(element, inline)
        style = style_of(declarations) if declarations else PLAIN
        if not self._sheet.depends_on_ancestors(element):
            self._styles[key] = style
        return style

    def _is_quote(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Counts and leaves out an element that is history; afterwards all may be history."""
        quote = quote_of(tag, attributes)
        if quote is None and may_open_history(tag, attributes) and is_reply_header(node.text(deep=True)[:500]):
            quote = Quote.OPENS_HISTORY
        if quote is None:
            return False
        self.cut_chars += count_visible(node.text(deep=True))
        self._in_history = quote is Quote.OPENS_HISTORY
        return True

    def _image(self, attributes: Attributes, context: Context) -> None:
        if any(_PIXELS.match(attributes.get(side) or "") for side in ("width", "height")):
            return
        if self._in_history or context.invisible:
            return
        self.images += 1
        alt, removed = strip_invisible(attributes.get("alt") or "")
        self.hidden_chars += removed
        alt = _SPACE.sub(" ", alt).strip()
        if alt and len(alt) <= _LONGEST_ALT and not _IMAGE_FILE.search(alt):
            self.writer.write(f"[{alt}]")

    def _open(self, tag: str, attributes: Attributes, context: Context) -> None:
        """Writes what stands before the children and leaves on the stack what stands behind them."""
        if self._in_history:
            return
        writer = self.writer
        close: Callable[[], None] | None = None
        if tag == "a":
            href = (attributes.get("href") or "").strip()
            close = partial(writer.close_link, writer.mark(), href) if href and href[0] != "#" else None
        elif tag in HEADINGS:
            writer.heading(HEADINGS[tag])
            close = writer.paragraph
        elif tag == "li":
            writer.item(self._bullet(), context.list_depth)
            close = writer.line
        elif tag in ("td", "th"):
            close = partial(writer.close_cell, writer.mark())
        elif tag == "blockquote":
            writer.open_quote()
            close = writer.close_quote
        elif tag in BLOCKS:
            close = writer.paragraph if tag in PARAGRAPHS else writer.line
            close()
        if close is not None:
            self._stack.append((close, None))
        if tag in ("ol", "ul"):
            self._numbers.append(1 if tag == "ol" else 0)
            self._stack.append((self._close_list, None))

    def _bullet(self) -> str:
        if not self._numbers or not self._numbers[-1]:
            return "-"
        self._numbers[-1] += 1
        return f"{self._numbers[-1] - 1}."

    def _close_list(self) -> None:
        self._numbers.pop()


def _names(classes: str) -> frozenset[str]:
    return frozenset(classes.lower().split()) if classes else _NO_NAMES
