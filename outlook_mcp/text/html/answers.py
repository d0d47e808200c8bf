"""Whether somebody wrote between or below the quoted lines of an earlier message."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import count_visible
from outlook_mcp.text.quotes.markers import Attributes, is_cited

# Wrappers of programs that mark the quoted lines inside as well.
_WRAPPERS = ("gmail_quote", "moz-cite-prefix", "protonmail_quote")
_SILENT = ("style", "script", "head", "title")


def is_marked_by_lines(tag: str, attributes: Attributes) -> bool:
    """A quote of a program that puts quoted lines into blocks, and answers between them outside of these."""
    classes = attributes.get("class") or ""
    return tag == "blockquote" or any(name in classes for name in _WRAPPERS)


def has_answer_inside(node: LexborNode, tag: str) -> bool:
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


def has_answer_below(node: LexborNode) -> bool:
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
