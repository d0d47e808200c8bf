"""Bodies as Exchange returns them: whole HTML documents without active content; text; the new part of a reply."""

from __future__ import annotations

import re
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.mime.markup import is_too_complex, limit_attributes

_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
_BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_FRAME = re.compile(r"</?(?:html|body|head)\b[^<>]*>|<!doctype[^<>]*>", re.IGNORECASE)
_SUSPECT = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|applet|frame|frameset|link|noembed)\b"
    r"|<!|<\s*meta\b[^<>]*refresh"
    r"|[\s/\"']on[^\s\"'=<>]*\s*=|(?:java|vb)script\s*:|&#",
    re.IGNORECASE,
)
_ACTIVE = ["script", "iframe", "object", "embed", "applet", "frame", "frameset", "link", "noembed"]
_ACTIVE_URL = re.compile(r"(?:java|vb)script:|data:text/html", re.IGNORECASE)
_URL_FILLING = re.compile(r"[\x00-\x20]+")
_HISTORY = re.compile(
    r"<hr[^<>]*>\s*<div id=\"?divRplyFwdMsg|<div[^<>]*id=\"?divRplyFwdMsg|<div[^<>]*border-top:\s*solid #E1E1E1"
    r"|-----Original Message-----",
    re.IGNORECASE,
)


def document(body: str, body_type: str) -> str:
    """The body as a whole HTML document, whether it is text, a fragment or a document."""
    if body_type != "html":
        lines = _with_hard_spaces(escape(body, quote=False).replace("\r\n", "\n").expandtabs()).replace(
            "\n", "<br>\r\n"
        )
        body = f'<div class="PlainText">{lines}</div>'
    start = _BODY.search(body)
    if start and "<html" in body.lower():
        return body
    # As a parser does: what stands before the tag is in the body too.
    content = _FRAME.sub("", body[: start.start()]) + inner(body) if start else _FRAME.sub("", body)
    return f"<html><head>\r\n{_META}</head>{start[0] if start else '<body>'}{content}</body></html>"


def _with_hard_spaces(text: str) -> str:
    """Spaces at the start of lines, and all but the last of several, would be lost in HTML."""
    return re.sub(r"(?m)^ +| +(?= )", lambda spaces: "&nbsp;" * len(spaces[0]), text)


def inner(html: str) -> str:
    """The text between the body tags."""
    start = _BODY.search(html)
    rest = html[start.end() :] if start else _FRAME.sub("", html)
    ends = list(_BODY_END.finditer(rest))
    return rest[: ends[-1].start()] if ends else _FRAME.sub("", rest)


def without_active_content(html: str) -> str:
    """Without scripts, frames, plug-ins, event handlers and script URLs; comments go too where one of these is found.

    A document that is nested too deeply for a parser comes as its text.
    """
    if not _SUSPECT.search(html):
        return html
    if is_too_complex(html):
        return document(html_to_text(html), "text")
    parsed = LexborHTMLParser(limit_attributes(html))
    parsed.strip_tags(_ACTIVE, recursive=True)
    if parsed.root is not None:
        for node in list(parsed.root.traverse(include_text=True)):
            _clean(node)
    cleaned = parsed.html or ""
    # Parsers read every line break as LF; Exchange writes CR LF.
    return document(cleaned.replace("\n", "\r\n") if "\r\n" in html else cleaned, "html")


def as_text(body: str, body_type: str) -> str:
    text = html_to_text(body) if body_type == "html" else body
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def new_part(body: str, body_type: str) -> str:
    """The body up to where Outlook itself marks the quoted history; quotes of other clients stay."""
    found = _HISTORY.search(body)
    if found is None:
        return body
    return body[: found.start()] if body_type != "html" else document(inner(body[: found.start()]), "html")


def _clean(node: LexborNode) -> None:
    if node.is_comment_node:
        node.decompose()
        return
    if not node.is_element_node:
        return
    attributes = node.attributes
    if node.tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
        node.decompose()
        return
    for name, value in attributes.items():
        if name.startswith("on") or (value and _ACTIVE_URL.search(_URL_FILLING.sub("", value))):
            del node.attrs[name]
