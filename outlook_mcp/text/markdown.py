"""Markdown of an agent becomes the HTML of a draft: no raw HTML, no remote images, only web and mail links."""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
_STYLE = "font-family:Aptos,Calibri,Arial,sans-serif;font-size:11pt"


def markdown_to_html(text: str) -> str:
    """One `<div>` for the body of a message. Tags in `text` are shown as text, never interpreted."""
    return f'<div style="{_STYLE}">\n{_renderer().render(text)}</div>'


class MarkdownRenderer(Protocol):
    """The part of markdown-it that is used here; its own type would load the library."""

    def render(self, src: str) -> str: ...


@cache
def _renderer() -> MarkdownRenderer:
    # Imported when first needed: it is not to load when the server starts.
    from markdown_it import MarkdownIt

    renderer: Any = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
    renderer.enable(["table", "strikethrough"]).disable("image")
    renderer.validateLink = _is_safe_link
    rendering: MarkdownRenderer = renderer
    return rendering


def _is_safe_link(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _SAFE_SCHEMES
    except ValueError:
        return False
