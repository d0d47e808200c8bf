"""Walks the tree of a message without recursion and writes what a reader would see."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.html.answers import History
from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.children import ARRANGED, ArrangedChildren, Work
from outlook_mcp.text.html.controls import OpenForm, options_out_of_view, shown_option
from outlook_mcp.text.html.counters import Counters, quote_in
from outlook_mcp.text.html.css.declarations import CLIPPING
from outlook_mcp.text.html.css.winners import Winners
from outlook_mcp.text.html.displays import begins_line, is_box_in_line, is_list_item, part_of_table
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.numbered_links import NumberedLinks
from outlook_mcp.text.html.numbering import Numbering
from outlook_mcp.text.html.objects import Objects
from outlook_mcp.text.html.other_content import OtherContent
from outlook_mcp.text.html.shown_text import Place, ShownText
from outlook_mcp.text.html.styles import RAISING, Styles
from outlook_mcp.text.html.symbols import symbols_of
from outlook_mcp.text.html.tables import Tables
from outlook_mcp.text.html.tags import BLOCKS, DROPPED, HEADINGS, PARAGRAPHS, SVG_SILENT
from outlook_mcp.text.html.writer import TextWriter
from outlook_mcp.text.quotes.markers import Quote

_ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_FIELDS = frozenset({"select", "option", "textarea", "optgroup"})
# Their children may stand in another place than they do, or they write something of their own.
_PLACES = frozenset({"ol", "ul", "svg", "sup", "q", "object", "rt", "table", "form", "div", "p"})
# Exchange and Outlook make HTML of plain text: its columns stand on hard spaces.
_WAS_PLAIN = frozenset({"PlainText", "MsoPlainText"})


class Walker:
    """One walk over one message. With `drop_quotes` the history below a reply is counted, not written.

    `shown` and `objects` tell what was counted.
    """

    def __init__(self, styles: Styles, *, base: str = "", drop_quotes: bool = False, budget: Budget) -> None:
        self.writer = TextWriter()
        self.links = NumberedLinks(self.writer, base)
        self.truncated = False
        self.shown = ShownText(styles, self.writer)
        self.objects = Objects(styles, self.writer, self.shown, self.links)
        self._other_content = OtherContent(styles, self.writer, self.shown)
        self._text = self.shown.add_text
        self._styles = styles
        self._budget = budget
        self._drop_quotes = drop_quotes
        self._history = History()
        self._stack: list[Work] = []
        self._lists: list[Numbering] = []
        self._tables = Tables(self.writer)
        self._counters = Counters(styles.counter_styles)
        self._arranged = ArrangedChildren(styles, self.shown, self.writer)

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
            tag = work.tag or "-"  # type: ignore[union-attr]
            if tag == "-text":
                self._text(work.text_content or "", place)  # type: ignore[union-attr]
            else:
                self._node(work, tag, place)  # type: ignore[arg-type]

    def _node(self, node: LexborNode, tag: str, place: Place) -> None:
        if tag[0] != "-" and tag not in DROPPED and not (place.in_svg and tag in SVG_SILENT):
            self._element(node, tag, place)
        elif tag[0] != "-":
            self._other_content.add_element(node, tag, place)

    def _element(self, node: LexborNode, tag: str, place: Place) -> None:
        attributes: Attributes = node.attributes
        boxes = self._styles.boxes_of(node, tag, attributes, place.boxes)
        declared, around = self._styles.declared, place.boxes[0].lays_out
        if boxes is not place.boxes:
            if tag in ("col", "colgroup"):
                self._styles.note_column(boxes)
            if tag != "colgroup" and self._styles.is_gone(boxes):
                self.shown.count_hidden(node)
                return
            place = Place(boxes, *place[1:])
        if place.room is not None:
            self._stack.append((self.shown.enter_room(node, tag, place, place.room, around), None))
        if declared or around or place.signs or tag in ("button", "font"):
            place = self._styled(node, attributes, declared, around, place)
        if tag == "br":
            self.writer.line_break()
        elif tag == "img":
            self.objects.add_image(node, attributes, place)
        elif tag == "input":
            self.objects.add_input(node, attributes, place)
        elif not (self._drop_quotes and not self.shown.in_history and self._is_quote(node, tag, attributes)):
            self._container(node, tag, attributes, place)

    def _styled(self, node: LexborNode, attributes: Attributes, declared: Winners, around: str, place: Place) -> Place:
        """Counts, and sets the element apart from its neighbours as its style says."""
        if self._styles.has_counters:
            self._counters.count(declared, place.counters)
        font = attributes.get("face") or declared.get("font-family") or attributes.get("style") or ""
        if "font" in font or "face" in attributes or "font-family" in declared:
            signs = symbols_of(font)
            place = place if signs is place.signs else place._replace(signs=signs)
        if self.shown.in_history:
            return place
        if declared.get("margin-top", "").startswith("-") or not RAISING.isdisjoint(declared):
            self._styles.note_raised(declared, is_first=not self.writer.has_text)
        if around or self._styles.is_wide:
            self._styles.note_pushing(node, place.boxes[0], around)
        if not CLIPPING.isdisjoint(declared):
            room = self.shown.room_in(node, place, declared)
            if room is not place.room and room is not None:
                self._stack.append((partial(self._styles.note_end_of_room, room), None))
            place = place._replace(room=room)
        tag = node.tag or ""
        if begins_line(tag, declared):
            self.writer.open_block()
            self._stack.append((self.writer.line, None))
        elif is_box_in_line(tag, declared, around):
            self.writer.edge()
            self._stack.append((self.writer.edge, None))
        return place

    def _container(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> None:
        declared = self._styles.declared
        part = part_of_table(tag, declared) if declared else ""
        after = self._generated(node, "after", place) if self._styles.generates else None
        if part == "table":
            place = self._open_drawn_table(place)
        elif part and place.in_drawn_table:
            self._open(node, part, {}, declared, place)
            place = place._replace(in_drawn_table=part != "td")
        else:
            self._open(node, tag, attributes, declared, place)
        if declared or "background" in attributes:
            self.objects.note_background(attributes, declared, place)
        if after is not None:
            self._stack.append((after, None))
        if tag in _PLACES:
            place = self._place_inside(node, tag, attributes, place)
        if self._styles.generates:
            self._write_before(node, tag, declared, place)
        if tag in _FIELDS:
            self._field(node, tag, attributes, place)
        else:
            self._push_children(node, tag, attributes, place)

    def _write_before(self, node: LexborNode, tag: str, declared: Winners, place: Place) -> None:
        """Writes what a style puts before the content of an element."""
        for which in ("marker", "before") if is_list_item(tag, declared) else ("before",):
            text_before = self._generated(node, which, place)
            if text_before is not None:
                text_before()

    def _field(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> None:
        """Writes a field, or what stands before the content of an option."""
        if tag == "select":
            if (option := shown_option(node, attributes)) is not None:
                self._text(f" {option} ", place)
                return
            place = place._replace(out_of_view=options_out_of_view(node, attributes))
        elif tag == "option" and place.out_of_view is not None:
            place = place._replace(folded=place.folded or node.mem_id in place.out_of_view)
            self._text("[x] " if "selected" in attributes else "[ ] ", place)
        elif tag == "textarea" and not node.text(deep=True):
            self.objects.add_placeholder(node, attributes, place)
        elif tag == "optgroup":
            self._text(attributes.get("label") or "", place)
        self._push_children(node, tag, attributes, place)

    def _place_inside(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> Place:
        """The place of the children of an element."""
        if tag in ("ol", "ul"):
            return place._replace(list_depth=place.list_depth + 1)
        if tag == "svg":
            return place._replace(in_svg=True)
        if tag == "sup":
            return place._replace(raised=True)
        if tag == "q" and not self._styles.has_generated(node):
            quotes = place.boxes[0].inherited.get("quotes", "")
            self._text(quote_in(quotes, is_end=False), place)
            self._stack.append((partial(self._text, quote_in(quotes, is_end=True), place), None))
        elif tag == "object":
            self._other_content.add_document(tag, attributes, place)
        elif tag == "rt" and not self.shown.in_history:
            self.writer.write("(")
            self._stack.append((partial(self.writer.write, ")"), None))
        if tag == "table" and place.in_drawn_table:
            return place._replace(in_drawn_table=False)
        if tag == "form":
            form = OpenForm(attributes.get("action") or "")
            self._stack.append((partial(self.objects.close_form, form), None))
            return place._replace(form=form)
        if tag in ("div", "p") and attributes.get("class") in _WAS_PLAIN:
            return place._replace(was_plain=True)
        return place

    def _open_drawn_table(self, place: Place) -> Place:
        """Opens a table that a style draws, and a row for cells that stand in none."""
        if not self.shown.in_history:
            self.writer.line()
            self._tables.open_table({}, is_drawn=True)
            self._tables.open_row()
            self._stack += [(self.writer.line, None), (self._tables.close_table, None), (self._tables.close_row, None)]
        return place._replace(in_drawn_table=True)

    def _push_children(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> None:
        stack = self._stack
        if self._styles.has_counters:
            place = place._replace(counters=self._counters.level)
            stack.append((partial(self._counters.close, place.counters), None))
        if tag in ARRANGED:
            stack.extend(reversed(self._arranged.children_of(node, tag, attributes, place)))
            return
        child = node.last_child
        while child is not None:
            stack.append((child, place))
            child = child.prev

    def _generated(self, node: LexborNode, which: str, place: Place) -> Callable[[], None] | None:
        found = self._styles.generated(node, which, place.boxes)
        self.shown.note_box_before(node, which, place)
        if found is None:
            return None
        content, declared, boxes = found
        self._counters.count(declared, place.counters)
        quotes = boxes[0].inherited.get("quotes", "")
        text = self._styles.within_limit(self._counters.content(content, node.attributes, quotes))
        return partial(self._text, text, place._replace(boxes=boxes)) if text else None

    def _is_quote(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Counts and leaves out an element that is history; afterwards all may be history."""
        quote = self._history.quote_at(node, tag, attributes)
        if quote is None:
            return False
        self.shown.cut_chars += count_visible(node.text(deep=True))
        self.shown.in_history = quote is Quote.OPENS_HISTORY
        return True

    def _open(self, node: LexborNode, tag: str, attributes: Attributes, declared: Winners, place: Place) -> None:
        """Writes what stands before the children and leaves on the stack what stands behind them."""
        if self.shown.in_history:
            return
        writer, close = self.writer, None
        if tag == "a":
            close = self.objects.open_link(attributes)
        elif tag in HEADINGS:
            writer.heading(HEADINGS[tag])
            close = writer.paragraph
        elif tag == "li":
            numbering = self._lists[-1] if self._lists else None
            writer.item(numbering.bullet(attributes, declared) if numbering else "-", place.list_depth)
            self._text(self._styles.within_limit(numbering.text(declared)) if numbering else "", place)
            close = writer.line
        elif tag == "button" and place.form is not None:
            close = partial(self.links.close, writer.mark(), place.form.address_of(tag, attributes))
        elif tag in ("td", "th"):
            close = partial(self._tables.close_cell, self._tables.open_cell(attributes, is_head=tag == "th"))
        elif tag == "blockquote":
            writer.open_quote()
            close = writer.close_quote
        elif tag in BLOCKS:
            is_paragraph = tag in PARAGRAPHS and not (place.list_depth and tag in ("ol", "ul"))
            writer.open_block(is_paragraph=is_paragraph)
            close = writer.paragraph if is_paragraph else writer.line
        if close is not None:
            self._stack.append((close, None))
        if tag in ("ol", "ul"):
            self._lists.append(Numbering(node, tag, attributes, declared, self._styles.counter_styles))
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
