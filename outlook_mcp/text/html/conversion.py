"""The one way from HTML to text."""

from __future__ import annotations

from outlook_mcp.text.html.guard import MOST_CHARS, flat_text, is_too_costly
from outlook_mcp.text.html.result import ConvertedText

# A body up to this size cannot keep the parser busy for more than a fraction of a second.
_SMALL = 100_000
_SHOWN_AFTER_STOP = 100_000


def html_to_text(html: str, *, drop_quotes: bool = False) -> ConvertedText:
    """What a reader would see of a body. Plain CPU work, bounded by size and depth; `truncated` tells of a bound."""
    cut = len(html) > MOST_CHARS
    html = html[:MOST_CHARS].encode("utf-8", "replace").decode("utf-8")
    if is_too_costly(html):
        return flat_text(html)
    return _converted(html, cut, drop_quotes)


def _converted(html: str, cut: bool, drop_quotes: bool) -> ConvertedText:
    from selectolax.lexbor import LexborHTMLParser

    from outlook_mcp.text.html.sheet import StyleSheet
    from outlook_mcp.text.html.walker import Walker

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


async def convert(html: str, *, drop_quotes: bool = False) -> ConvertedText:
    """`html_to_text` off the event loop; a large body in a process of its own that is stopped after its time.

    Of a body whose process was stopped, the beginning as flat text. Raises ServerBusy when too many are under way.
    """
    import anyio.to_thread

    if len(html) <= _SMALL:
        return await anyio.to_thread.run_sync(lambda: html_to_text(html, drop_quotes=drop_quotes))
    import msgspec

    from outlook_mcp.text.isolated.run import run_limited

    source = html.encode("utf-8", "replace")
    written = await run_limited("outlook_mcp.text.html.process", "new" if drop_quotes else "all", source=source)
    try:
        return msgspec.json.decode(written, type=ConvertedText)
    except msgspec.DecodeError:
        return await anyio.to_thread.run_sync(flat_text, html[:_SHOWN_AFTER_STOP])
