"""One HTML document becomes text, in the process that asks."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from outlook_mcp.text.html.guard import MOST_CHARS, flat_text, is_too_costly
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.sheet import StyleSheet
from outlook_mcp.text.html.walker import Walker


def html_to_text(html: str, *, drop_quotes: bool = False) -> ConvertedText:
    """What a reader would see of a body. Bounded by size and depth; `truncated` tells that a bound was met."""
    cut = len(html) > MOST_CHARS
    html = html[:MOST_CHARS].encode("utf-8", "replace").decode("utf-8")
    if is_too_costly(html):
        return flat_text(html)
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    if root is None:
        return ConvertedText("", truncated=cut)
    sheet = StyleSheet.parse(node.text(deep=True) for node in tree.css("style"))
    walker = Walker(sheet, drop_quotes=drop_quotes)
    walker.walk(root)
    return ConvertedText(
        walker.writer.finish(),
        links=walker.writer.links,
        hidden_chars=walker.hidden_chars,
        images=walker.images,
        truncated=cut or walker.truncated,
        cut_chars=walker.cut_chars,
    )
