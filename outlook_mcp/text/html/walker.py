"""Walks the tree of a message without recursion and writes what a reader would see."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible, strip_invisible
from outlook_mcp.text.html.answers import has_answer_below, has_answer_inside, is_marked_by_lines
from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.controls import OpenForm, control_text, shown_option
from outlook_mcp.text.html.css.box_values import Fate
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.known_boxes import Boxes
from outlook_mcp.text.html.numbered_links import NumberedLinks
from outlook_mcp.text.html.numbering import Numbering
from outlook_mcp.text.html.pictures import ImageMaps, described, is_tracking_pixel
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.tables import Tables
from outlook_mcp.text.html.tags import BLOCKS, DROPPED, HEADINGS, PARAGRAPHS, SVG_SILENT
from outlook_mcp.text.html.writer import DOUBTFUL, FOLDED, STRUCK, TextWriter
from outlook_mcp.text.quotes.markers import Quote, is_reply_header, may_open_history, quote_of

# Each look reads the text beside a quote, so that many quotes would cost many times the size of the message.
_MOST_LOOKED_FOR = 30
_ROW_GROUPS = ("thead", "tbody", "tfoot")
_SPACE, _SOFT_SPACE = re.compile(r"\s+"), re.compile(r"[^\S\xa0]+")
# Exchange and Outlook make HTML of plain text: its columns stand on hard spaces.
_WAS_PLAIN = frozenset({"PlainText", "MsoPlainText"})
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
# Two tildes of the letter; as marks they would strike out what stands between them.
_TILDES = re.compile(r"(?<!~)~~(?!~)")


class Place(NamedTuple):
    """Where a node stands: the boxes around it and what else its text inherits."""

    boxes: Boxes
    list_depth: int = 0
    folded: bool = False
    in_svg: bool = False
    raised: bool = False
    was_plain: bool = False
    form: OpenForm | None = None


_Work = tuple[LexborNode | Callable[[], None], Place | None]


class Walker:
    """One walk over one message. With `drop_quotes` the history below a reply is counted, not written."""

    def __init__(self, styles: Styles, *, base: str = "", drop_quotes: bool = False, budget: Budget) -> None:
        self.writer = TextWriter()
        self.links = NumberedLinks(self.writer, base)
        self.hidden_chars = 0
        self.cut_chars = 0
        self.images = 0
        self.truncated = False
        self._styles = styles
        self._budget = budget
        self._drop_quotes = drop_quotes
        self._in_history = False
        self._answers_looked_for = 0
        self._stack: list[_Work] = []
        self._lists: list[Numbering] = []
        self._tables = Tables(self.writer)
        self._maps = ImageMaps()

    def walk(self, root: LexborNode) -> None:
        """Writes everything in the root element."""
        self._stack.append((root, Place(self._styles.first)))
        nodes = 0
        while self._stack:
            work, place = self._stack.pop()
            if place is None:
                work()  # type: ignore[operator]
                continue
            nodes += 1
            if nodes > self._budget.nodes:
                self.truncated = True
                return
            self._node(work, place)  # type: ignore[arg-type]

    def _node(self, node: LexborNode, place: Place) -> None:
        tag = node.tag or "-"
        if tag == "-text":
            self._text(node.text_content or "", place)
        elif tag[0] != "-" and tag not in DROPPED and not (place.in_svg and tag in SVG_SILENT):
            self._element(node, tag, place)

    def _text(self, raw: str, place: Place) -> None:
        if not raw:
            return
        text, removed = strip_invisible(raw)
        if self._in_history:
            self.cut_chars += count_visible(text)
            return
        self.hidden_chars += removed
        box = place.boxes[0]
        shown = text if box.preformatted else (_SOFT_SPACE if place.was_plain else _SPACE).sub(" ", text)
        if shown.isspace() and not box.preformatted:
            self.writer.write(shown)
            return
        fate = self._styles.fate_of_text(place.boxes, len(shown))
        if fate is Fate.HIDDEN:
            self.hidden_chars += count_visible(text)
            return
        self._write_text(shown, place, doubtful=fate is Fate.DOUBTFUL or place.in_svg)

    def _write_text(self, text: str, place: Place, *, doubtful: bool) -> None:
        box = place.boxes[0]
        if place.raised and self.writer.ends_in_digit():
            # Else a power or the number of a footnote would become a part of the number before it.
            text = text.translate(_RAISED)
        if not (doubtful or place.folded or box.struck) or not text.strip():
            if box.preformatted:
                self.writer.preformatted(text)
            else:
                self.writer.write(_TILDES.sub(r"\~~", text) if "~~" in text else text)
            return
        marks = [
            mark for mark, is_set in ((STRUCK, box.struck), (DOUBTFUL, doubtful), (FOLDED, place.folded)) if is_set
        ]
        self.writer.marked(text, *marks)

    def _element(self, node: LexborNode, tag: str, place: Place) -> None:
        attributes: Attributes = node.attributes
        boxes = self._styles.boxes_of(node, tag, attributes, place.boxes)
        if boxes is not place.boxes:
            if tag in ("col", "colgroup"):
                self._styles.note_column(boxes)
            if tag != "colgroup" and self._styles.is_gone(boxes):
                self._count_hidden(node)
                return
            place = place._replace(boxes=boxes)
        if tag == "br":
            self.writer.line_break()
        elif tag == "img":
            self._image(node, attributes, place)
        elif tag == "input":
            self._input(attributes, place)
        elif not (self._drop_quotes and not self._in_history and self._is_quote(node, tag, attributes)):
            self._container(node, tag, attributes, place)

    def _container(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> None:
        after = self._generated(node, "after", place)
        self._open(node, tag, attributes, place)
        if after is not None:
            self._stack.append((after, None))
        if tag in ("ol", "ul"):
            place = place._replace(list_depth=place.list_depth + 1)
        elif tag == "svg":
            place = place._replace(in_svg=True)
        elif tag == "sup":
            place = place._replace(raised=True)
        elif tag == "form":
            form = OpenForm(attributes.get("action") or "")
            place = place._replace(form=form)
            self._stack.append((partial(self._close_form, form), None))
        elif tag in ("div", "p") and attributes.get("class") in _WAS_PLAIN:
            place = place._replace(was_plain=True)
        before = self._generated(node, "before", place)
        if before is not None:
            before()
        if tag == "select":
            option = shown_option(node, attributes)
            if option is not None:
                self._text(option, place)
                return
        elif tag == "textarea" and not node.text(deep=True):
            self._text(attributes.get("placeholder") or "", place)
        elif tag == "optgroup":
            self._text(attributes.get("label") or "", place)
        self._push_children(node, place, is_closed=tag == "details" and "open" not in attributes)

    def _push_children(self, node: LexborNode, place: Place, *, is_closed: bool) -> None:
        """With `is_closed` all but the first summary is there for readers who unfold it."""
        folded = place._replace(folded=True) if is_closed else place
        child, children, has_summary = node.first_child, [], not is_closed
        while child is not None:
            is_summary = not has_summary and child.tag == "summary"
            has_summary = has_summary or is_summary
            children.append((child, place if is_summary else folded))
            child = child.next
        self._stack.extend(reversed(children))

    def _generated(self, node: LexborNode, which: str, place: Place) -> Callable[[], None] | None:
        found = self._styles.generated(node, which, place.boxes)
        return partial(self._text, found[0], place._replace(boxes=found[1])) if found else None

    def _count_hidden(self, node: LexborNode) -> None:
        count = count_visible(node.text(deep=True))
        if self._in_history:
            self.cut_chars += count
        else:
            self.hidden_chars += count

    def _is_quote(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Counts and leaves out an element that is history; afterwards all may be history."""
        quote = quote_of(tag, attributes)
        if quote is None and may_open_history(tag, attributes) and is_reply_header(node.text(deep=True)[:500]):
            quote = Quote.OPENS_HISTORY
        if quote is None or self._is_answered(node, tag, attributes):
            return False
        self.cut_chars += count_visible(node.text(deep=True))
        self._in_history = quote is Quote.OPENS_HISTORY
        return True

    def _is_answered(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Whether somebody writes between or below the quoted lines, so that they show what is answered."""
        if self._answers_looked_for == _MOST_LOOKED_FOR or not is_marked_by_lines(tag, attributes):
            return False
        self._answers_looked_for += 1
        return has_answer_inside(node, tag) or has_answer_below(node)

    def _input(self, attributes: Attributes, place: Place) -> None:
        mark = self.writer.mark()
        self._text(control_text(attributes), place)
        if place.form is not None:
            href = place.form.address_of("input", attributes)
            if href and not self._in_history:
                self.links.close(mark, href)

    def _close_form(self, form: OpenForm) -> None:
        if form.is_untold and not self._in_history:
            mark = self.writer.mark()
            self.writer.write(" [form]")
            self.links.close(mark, form.action)

    def _close_link(self, mark: int, href: str, images: int) -> None:
        """`images` were shown before the link began."""
        self.links.close(mark, href, has_picture=self.images > images)

    def _image(self, node: LexborNode, attributes: Attributes, place: Place) -> None:
        if self._in_history or is_tracking_pixel(attributes):
            return
        alt, removed = described(attributes)
        fate = self._styles.fate_of_text(place.boxes, len(alt))
        if fate is Fate.HIDDEN and not all(box.visible and not box.clip.fate for box in place.boxes):
            return
        self.images += 1
        self.hidden_chars += removed
        if alt:
            if fate is Fate.HIDDEN:
                self.hidden_chars += count_visible(alt)
            else:
                self._write_text(f"[{alt}]", place, doubtful=fate is Fate.DOUBTFUL)
        if "usemap" in attributes:
            for text, href in self._maps.take_areas(node, attributes["usemap"] or ""):
                mark = self.writer.mark()
                self.writer.write(f" [{text}]" if text else "")
                self.links.close(mark, href, has_picture=True)

    def _open(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> None:
        """Writes what stands before the children and leaves on the stack what stands behind them."""
        if self._in_history:
            return
        writer = self.writer
        close: Callable[[], None] | None = None
        if tag == "a":
            href = (attributes.get("href") or "").strip()
            close = partial(self._close_link, writer.mark(), href, self.images) if href and href[0] != "#" else None
        elif tag in HEADINGS:
            writer.heading(HEADINGS[tag])
            close = writer.paragraph
        elif tag == "li":
            writer.item(self._lists[-1].bullet(attributes) if self._lists else "-", place.list_depth)
            close = writer.line
        elif tag == "button" and place.form is not None:
            close = partial(self.links.close, writer.mark(), place.form.address_of(tag, attributes))
        elif tag in ("td", "th"):
            close = partial(self._tables.close_cell, self._tables.open_cell(attributes, is_head=tag == "th"))
        elif tag == "blockquote":
            writer.open_quote()
            close = writer.close_quote
        elif tag in BLOCKS:
            close = writer.paragraph if tag in PARAGRAPHS else writer.line
            close()
        if close is not None:
            self._stack.append((close, None))
        if tag in ("ol", "ul"):
            self._lists.append(Numbering(node, tag, attributes))
            self._stack.append((self._close_list, None))
        elif tag == "table":
            self._tables.open_table(attributes)
            self._stack.append((self._tables.close_table, None))
        elif tag in _ROW_GROUPS:
            self._tables.open_group()
        elif tag == "tr":
            self._tables.open_row()
            self._stack.append((self._tables.close_row, None))

    def _close_list(self) -> None:
        self._lists.pop()
