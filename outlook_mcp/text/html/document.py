"""One HTML document becomes text, in the process that asks."""

from __future__ import annotations

from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from outlook_mcp.text.html.budget import Budget
from outlook_mcp.text.html.css.conditions import ANY_MEDIA
from outlook_mcp.text.html.embedded import scheme_sheet
from outlook_mcp.text.html.flat import flat_text
from outlook_mcp.text.html.guard import MOST_CHARS, depth_of
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.styles import Styles
from outlook_mcp.text.html.walker import Walker

_FULL = Budget()


def html_to_text(
    html: str, *, drop_quotes: bool = False, sheets: str = "", base: str = "", budget: Budget = _FULL
) -> ConvertedText:
    """What a reader would see of a body. Bounded by size and depth; `truncated` tells that a bound was met.

    `sheets` are style sheets that stand elsewhere, such as those of the whole body of which `html` is a part, and
    `base` is the address from which its links count, unless it names one itself.
    """
    cut = len(html) > MOST_CHARS
    html = html[:MOST_CHARS]
    encoded = html.encode("utf-8", "replace")
    depth = depth_of(html)
    if depth is None:
        return flat_text(encoded.decode(), sheets)
    tree = LexborHTMLParser(encoded)
    root = tree.root
    if root is None:
        return ConvertedText("", truncated=cut)
    scheme = scheme_sheet(html)
    sources = [*([("", scheme)] if scheme else []), *_sheets_in(tree)]
    styles = Styles(html, [("", sheets), *sources] if sheets else sources, budget)
    styles.match(tree, html.count("<") // 2 + 1, depth)
    own_base = tree.css_first("base[href]")
    base = (own_base.attributes["href"] or "") if own_base else base
    walker = Walker(styles, base=base, drop_quotes=drop_quotes, budget=budget)
    walker.walk(root)
    return ConvertedText(
        walker.writer.finish(),
        links=walker.links.in_order,
        hidden_chars=walker.shown.hidden_chars,
        images=walker.objects.images,
        truncated=cut or walker.truncated,
        cut_chars=walker.shown.cut_chars,
        doubtful=styles.doubtful,
    )


def _is_sheet(attributes: Mapping[str, str | None], node: LexborNode) -> bool:
    """Whether browsers read the element as CSS, which they do not in a formula or where its type is another one."""
    parent = node.parent
    is_css = (attributes.get("type") or "text/css").lower() == "text/css"
    is_css = is_css or (parent is not None and parent.tag == "svg")
    return is_css and (parent is None or parent.tag not in ("math", "mrow"))


def _sheets_in(tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """The media and the text of each style sheet. Of those with a title browsers apply the first title's alone."""
    styles = [(node.attributes, node) for node in tree.css("style")]
    sheets = [(attributes, node.text(deep=True)) for attributes, node in styles if _is_sheet(attributes, node)]
    first = next((attributes["title"] for attributes, _ in sheets if attributes.get("title")), None)
    return [
        (ANY_MEDIA if attributes.get("title") not in (None, "", first) else attributes.get("media") or "", css)
        for attributes, css in sheets
    ]
