"""What the elements around a part of a body say of it."""

from __future__ import annotations

import re
from html import escape

from selectolax.lexbor import LexborHTMLParser

from outlook_mcp.text.html.embedded import doctype_of
from outlook_mcp.text.html.guard import depth_of

_TELLING = re.compile(r"<(?:html|body)\s+[a-z]", re.I)
_MOST_CHARS = 1_000_000


def frame_of(html: str) -> str:
    """The document type, and the start tags of `<html>` and `<body>` where these have attributes.

    >>> frame_of("<!doctype html><body text=black class=x>Hello")
    '<!doctype html><body text="black" class="x">'
    """
    html = html[:_MOST_CHARS]
    frame = doctype_of(html)
    if not _TELLING.search(html) or depth_of(html) is None:
        return frame
    tree = LexborHTMLParser(html)
    for node in (tree.root, tree.body):
        if node is not None and node.attributes:
            attributes = (f' {name}="{escape(value or "")}"' for name, value in node.attributes.items())
            frame += f"<{node.tag}{''.join(attributes)}>"
    return frame
