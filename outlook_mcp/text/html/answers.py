"""Whether somebody wrote between or below the quoted lines of an earlier message."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.quotes.markers import (
    Attributes,
    Quote,
    is_cited,
    is_reply_header,
    may_open_history,
    quote_of,
)

# Wrappers of programs that mark the quoted lines inside as well.
_WRAPPERS = ("gmail_quote", "moz-cite-prefix", "protonmail_quote")
# Each look reads the text beside a quote, so that many quotes would cost many times the size of the message.
_MOST_LOOKED_FOR = 30
_SILENT = ("style", "script", "head", "title")


class History:
    """Which elements of one message are earlier mail that nobody answers between its lines."""

    def __init__(self) -> None:
        self._answers_looked_for = 0

    def quote_at(self, node: LexborNode, tag: str, attributes: Attributes) -> Quote | None:
        """What kind of quote an element is; None for one that is to be shown."""
        quote = quote_of(tag, attributes)
        if quote is None and may_open_history(tag, attributes) and is_reply_header(node.text(deep=True)[:500]):
            quote = Quote.OPENS_HISTORY
        return None if quote is not None and self._is_answered(node, tag, attributes) else quote

    def _is_answered(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Whether somebody writes between or below the quoted lines, so that they show what is answered."""
        if self._answers_looked_for == _MOST_LOOKED_FOR or not _is_marked_by_lines(tag, attributes):
            return False
        self._answers_looked_for += 1
        return _has_answer_inside(node, tag) or _has_answer_below(node)


def _is_marked_by_lines(tag: str, attributes: Attributes) -> bool:
    """A quote of a program that puts quoted lines into blocks, and answers between them outside of these."""
    classes = attributes.get("class") or ""
    return tag == "blockquote" or any(name in classes for name in _WRAPPERS)


def _has_answer_inside(node: LexborNode, tag: str) -> bool:
    """Text in a wrapper below its first block of quoted lines."""
    if tag == "blockquote":
        return False
    seen_block = False
    child = node.first_child
    while child is not None:
        if is_cited(child.tag or "", child.attributes if child.tag != "-text" else {}):
            seen_block = seen_block or child.tag == "blockquote"
        elif seen_block and _has_text(child):
            return True
        child = child.next
    return False


def _has_answer_below(node: LexborNode) -> bool:
    """Text behind the element that is not quoted itself."""
    current: LexborNode | None = node
    while current is not None and current.tag not in ("body", "html"):
        sibling = current.next
        while sibling is not None:
            attributes = sibling.attributes if (sibling.tag or "-")[0] != "-" else {}
            if not is_cited(sibling.tag or "", attributes) and _has_text(sibling):
                return True
            sibling = sibling.next
        current = current.parent
    return False


def _has_text(node: LexborNode) -> bool:
    if node.tag in _SILENT or node.tag == "-comment":
        return False
    text = (node.text_content or "") if node.tag == "-text" else node.text(deep=True)
    return bool(text and not text.isspace() and count_visible(text))
