"""HTML as the plain text Exchange would show: every text, hidden or not, in reading order."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from outlook_mcp.sandbox.mime.markup import is_too_complex, limit_attributes

_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t\r\n\f\u200b]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNSEEN = {"script", "style", "head", "title", "template", "noscript", "-comment"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre", "hr", "dl"}
_LINES = {"div", "tr", "li", "br", "dt", "dd", "section", "article", "header", "footer", "address", "center"}


def html_to_text(html: str) -> str:
    """Readable lines; a paragraph break is one empty line, cells of a row are apart by a tab."""
    if is_too_complex(html):
        return _tidy(entities.unescape(_TAG.sub(" ", html)))
    return _tidy("".join(_pieces(LexborHTMLParser(limit_attributes(html)).root)))


def _pieces(root: LexborNode | None) -> Iterator[str]:
    """Walks without recursion: down to the first child, else on to the next node of an ancestor."""
    node = root
    while node is not None:
        yield _opening(node)
        child = None if node.tag in _UNSEEN else node.first_child
        while node is not None and child is None:
            yield _break(node)
            child, node = node.next, node.parent
        node = child


def _opening(node: LexborNode) -> str:
    if node.is_text_node:
        text = node.text(deep=False)
        in_pre = node.parent is not None and node.parent.tag == "pre"
        return text if in_pre else _SPACES.sub(" ", text)
    return _break(node) + ("- " if node.tag == "li" else "") if node.tag != "br" else ""


def _break(node: LexborNode) -> str:
    tag = node.tag or ""
    if tag in _PARAGRAPHS:
        return "\n\n"
    if tag in _LINES:
        return "\n"
    return "\t" if tag in {"td", "th"} else ""


def _tidy(text: str) -> str:
    lines = (_tidy_line(line) for line in text.replace("\x00", "").split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _tidy_line(line: str) -> str:
    cells = (" ".join(cell.split()) for cell in line.split("\t"))
    return "\t".join(cell for cell in cells if cell)
