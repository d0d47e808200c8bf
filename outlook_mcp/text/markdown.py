"""Markdown of an agent becomes the HTML of a draft: no raw HTML, no remote images, only web and mail links."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
_STYLE = "font-family:Aptos,Calibri,Arial,sans-serif;font-size:11pt"


def markdown_to_html(text: str) -> str:
    """One `<div>` for the body of a message. Tags in `text` are shown as text, never interpreted."""
    return f'<div style="{_STYLE}">\n{_renderer().render(text)}</div>'


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
    renderer.enable(["table", "strikethrough"]).disable("image")
    renderer.validateLink = _is_safe_link  # type: ignore[method-assign]
    return renderer


def _is_safe_link(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _SAFE_SCHEMES
    except ValueError:
        return False
