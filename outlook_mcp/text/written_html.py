"""HTML that an agent writes as the body of a draft: only tags and links of a list come out of it."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from outlook_mcp.text.lazy import LexborHTMLParser

_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
_BLOCKS = ("div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ul", "ol", "li", "blockquote", "pre")
_INLINE = ("em", "strong", "b", "i", "u", "s", "sub", "sup", "a", "br", "code")
_TABLES = ("table", "thead", "tbody", "tfoot", "tr", "td", "th")
_KEPT = frozenset((*_BLOCKS, *_INLINE, *_TABLES))
_BLOCK_TAGS = frozenset((*_BLOCKS, *_TABLES, "br"))
_VOID = frozenset({"br", "hr"})
_RENAMED = {"del": "s", "strike": "s", "ins": "u", "section": "div", "article": "div", "center": "div"}
# Nothing in them is meant to be read.
_SILENT = ("head", "script", "style", "title", "meta", "link", "template", "noscript")
_EMBEDDED = ("iframe", "object", "embed", "svg", "math", "audio", "video")
_DROPPED = frozenset((*_SILENT, *_EMBEDDED))
_NUMBERS = {"td": ("colspan", "rowspan"), "th": ("colspan", "rowspan"), "ol": ("start",)}
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)\b", re.IGNORECASE)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_FIRST_TAG = re.compile(
    r"\s*(?:<!doctype\s|<(?:html|body|head|div|p|table|ul|ol|h[1-6]|blockquote|section|article)\b[^<]*>)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_CELL = "border:1px solid #bfbfbf;padding:3px 8px;vertical-align:top"
_STYLES = {
    "table": "border-collapse:collapse",
    "th": f"{_CELL};text-align:left;background-color:#f2f2f2",
    "td": _CELL,
    "pre": "font-family:Consolas,monospace;font-size:10pt;background-color:#f5f5f5;padding:8px;white-space:pre-wrap",
    "code": "font-family:Consolas,monospace;font-size:10pt",
}
_STYLED_TAG = re.compile(rf"<(?P<tag>{'|'.join(_STYLES)})(?P<rest>(?: [^<>]*)?)>")
_ALIGNED = re.compile(r' style="(?P<style>text-align:(?:left|right|center))"')
_LINE_END = re.compile(r"\r\n?|\n")
_BLOCK_END = re.compile(r"</(?:p|div|table|ul|ol|li|h[1-6]|tr|td|blockquote|body|html)\s*>", re.IGNORECASE)
_PAIR = re.compile(r"<(b|i|u|em|strong|s|del|sub|sup|span|font)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]*href\s*=[^<>]*>[^<]*</a\s*>", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a body is written as HTML and not as Markdown: it has tags that only HTML has, outside of code.

    >>> is_html("<p>Hi Erin,</p>"), is_html("Dear <name>, a < b"), is_html("Write `<b>x</b>` for bold")
    (True, False, False)
    """
    prose = _CODE.sub(" ", text)
    return bool(_FIRST_TAG.match(prose) or _BLOCK_END.search(prose))


def has_html(text: str) -> bool:
    """Whether Markdown has HTML in its lines: pairs of tags that mark words, line breaks, links."""
    prose = _CODE.sub(" ", text)
    return bool(_PAIR.search(prose) or _BREAK.search(prose) or _LINK.search(prose))


def is_kept(tag: str) -> bool:
    """Whether a written tag such as `</b>` is one that `clean_html` keeps or reads the meaning of."""
    name = tag.strip("</ >").split(None, 1)[0].lower() if tag.strip("</ >") else ""
    return name in _KEPT or name in _RENAMED or name in ("span", "font")


def is_safe_link(url: str) -> bool:
    """Whether it is a link to the web or a mail address."""
    try:
        return urlsplit(url.strip()).scheme.lower() in _SAFE_SCHEMES
    except ValueError:
        return False


def clean_html(html: str) -> str:
    """The text with tags of the list alone, each closed, without styles, images and anything remote.

    Lines between the tags of what is no whole document stay lines.
    """
    body = LexborHTMLParser(html).body
    has_lines = not _DOCUMENT.match(html)
    written: list[str] = []
    # What is still to be written: nodes, and the end tags that follow them.
    waiting: list[Any] = [body] if body is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            written.append(node)
            continue
        if has_lines and node.tag == "-text" and node.parent.tag == "body":
            written.append(_with_lines(node))
            continue
        waiting += _opened(node, written)
    return "".join(written)


def with_styles(html: str) -> str:
    """The HTML in which tables, code and cells have the look that Outlook gives them only by styles of their own.

    `html` is clean: what stands between `<` and `>` is a tag of the list.

    >>> with_styles("<p>a</p><code>b</code>")
    '<p>a</p><code style="font-family:Consolas,monospace;font-size:10pt">b</code>'
    """
    return _STYLED_TAG.sub(_with_style, html)


def _with_style(found: re.Match[str]) -> str:
    tag, rest = found["tag"], found["rest"]
    aligned = _ALIGNED.search(rest)
    style = f"{_STYLES[tag]};{aligned['style']}" if aligned else _STYLES[tag]
    return f'<{tag}{_ALIGNED.sub("", rest)} style="{style}">'


def _with_lines(node: Any) -> str:
    """The text of a node with its line ends as tags, but for those beside a block, which ends the line already."""
    text: str = node.text_content or ""
    if _is_block(node.prev):
        text = text.lstrip("\r\n")
    if _is_block(node.next):
        text = text.rstrip("\r\n")
    return "<br />\n".join(escape(line, quote=False) for line in _LINE_END.split(text))


def _is_block(node: Any) -> bool:
    return node is None or _RENAMED.get(node.tag, node.tag) in _BLOCK_TAGS


def _opened(node: Any, written: list[str]) -> list[Any]:
    """Writes the beginning of a node; what is to be written after it, last first."""
    tag = _RENAMED.get(node.tag, node.tag)
    if tag == "-text":
        written.append(escape(node.text_content or "", quote=False))
        return []
    if tag in _DROPPED or tag.startswith(("-", "!")):
        return []
    if "hidden" in node.attributes or _HIDDEN.search(node.attributes.get("style") or ""):
        # Without its style it would be shown.
        return []
    if tag == "img":
        written.append(_image(node.attributes))
        return []
    children: list[Any] = []
    child = node.last_child
    while child is not None:
        children.append(child)
        child = child.prev
    if tag not in _KEPT:
        return children
    start, end = _tags_of(tag, node.attributes)
    written.append(start)
    return [end, *children] if end else children


def _image(attributes: dict[str, str | None]) -> str:
    """A picture that is attached to the message; of any other its description alone."""
    alt, source = (attributes.get("alt") or "").strip(), (attributes.get("src") or "").strip()
    return attached_image(source[4:], alt) if source[:4].lower() == "cid:" else escape(alt, quote=False)


def attached_image(name: str, alt: str) -> str:
    """An attached picture by its name, content id or reference, which `mail.drafts.pictures` replaces."""
    return f'<img src="cid:{escape(name)}" alt="{escape(alt)}" />'


def _tags_of(tag: str, attributes: dict[str, str | None]) -> tuple[str, str]:
    if tag in _VOID:
        return f"<{tag} />", ""
    if tag == "a":
        url = (attributes.get("href") or "").strip()
        return (f'<a href="{escape(url)}">', "</a>") if is_safe_link(url) else ("", "")
    numbers = [
        f' {name}="{value}"'
        for name in _NUMBERS.get(tag, ())
        if (value := attributes.get(name) or "").isascii() and value.isdecimal() and len(value) <= 4
    ]
    return f"<{tag}{''.join(numbers)}>", f"</{tag}>"
