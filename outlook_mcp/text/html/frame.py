"""What the elements around a part of a body say of it."""

from __future__ import annotations

import re
from html import escape

from selectolax.lexbor import LexborHTMLParser

from outlook_mcp.text.html.guard import depth_of

_DOCTYPE = re.compile(r"\s*(?:<!--.*?-->\s*)*(<!doctype[^>]*>)", re.I | re.S)
_TELLING = re.compile(r"<(?:html|body)\s+[a-z]", re.I)
_MOST_CHARS, _MOST_OF_TYPE = 1_000_000, 2_000


def frame_of(html: str) -> str:
    """The document type, and the start tags of `<html>` and `<body>` where these have attributes.

    >>> frame_of("<!doctype html><body text=black class=x>Hello")
    '<!doctype html><body text="black" class="x">'
    """
    html = html[:_MOST_CHARS]
    doctype = _DOCTYPE.match(html[:_MOST_OF_TYPE])
    frame = doctype[1] if doctype else ""
    if not _TELLING.search(html) or depth_of(html) is None:
        return frame
    tree = LexborHTMLParser(html)
    for node in (tree.root, tree.body):
        if node is not None and node.attributes:
            attributes = (f' {name}="{escape(value or "")}"' for name, value in node.attributes.items())
            frame += f"<{node.tag}{''.join(attributes)}>"
    return frame
