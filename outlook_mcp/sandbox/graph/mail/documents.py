"""Bodies as Exchange returns them: whole HTML documents without active content; text; the new part of a reply."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from outlook_mcp.sandbox.mime import html_to_text

_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_FRAME = re.compile(r"</?(?:html|body|head)\b[^>]*>|<!doctype[^>]*>", re.IGNORECASE)
_SUSPECT = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|applet|frame|frameset|base|link|meta)\b"
    r"|[\s/\"']on[a-z]+\s*=|(?:java|vb)script\s*:|&#",
    re.IGNORECASE,
)
_DROPPED = {"script", "iframe", "object", "embed", "applet", "frame", "frameset", "base", "link", "noembed"}
_WITH_CONTENT = {"script", "iframe", "object", "applet", "frameset", "noembed"}
_ACTIVE_URL = re.compile(r"(?:java|vb)script:|data:text/html", re.IGNORECASE)
_URL_FILLING = re.compile(r"[\x00-\x20]+")
_HISTORY = re.compile(
    r"<hr[^>]*>\s*<div id=\"?divRplyFwdMsg|<div[^>]*id=\"?divRplyFwdMsg|<div[^>]*border-top:\s*solid #E1E1E1"
    r"|-----Original Message-----",
    re.IGNORECASE,
)


def document(body: str, body_type: str) -> str:
    """The body as a whole HTML document, whether it is text, a fragment or a document."""
    if body_type != "html":
        lines = escape(body, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
        body = f'<div class="PlainText">{lines}</div>'
    if _BODY.search(body) and "<html" in body.lower():
        return body
    content = inner(body) if _BODY.search(body) else _FRAME.sub("", body)
    return f"<html><head>\r\n{_META}</head><body>{content}</body></html>"


def inner(html: str) -> str:
    """The text between the body tags."""
    start = _BODY.search(html)
    rest = html[start.end() :] if start else _FRAME.sub("", html)
    ends = list(_BODY_END.finditer(rest))
    return rest[: ends[-1].start()] if ends else _FRAME.sub("", rest)


def safe(html: str) -> str:
    """Without scripts, frames, plug-ins, event handlers and script URLs."""
    if not _SUSPECT.search(html):
        return html
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.pieces)


def as_text(body: str, body_type: str) -> str:
    text = html_to_text(body) if body_type == "html" else body
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def new_part(body: str, body_type: str) -> str:
    """The body up to where Outlook itself marks the quoted history; quotes of other clients stay."""
    found = _HISTORY.search(body)
    if found is None:
        return body
    return body[: found.start()] if body_type != "html" else document(inner(body[: found.start()]), "html")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._inside: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _WITH_CONTENT:
            self._inside.append(tag)
        if self._inside or tag in _DROPPED or _refreshes(tag, attributes):
            return
        self._in_style = tag == "style"
        kept = "".join(_attribute(name, value) for name, value in attributes if not _active(name, value))
        self.pieces.append(f"<{tag}{kept}>")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in _WITH_CONTENT:
            self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag in _WITH_CONTENT:
            if tag in self._inside:
                del self._inside[self._inside.index(tag) :]
            return
        self._in_style = False
        if not self._inside and tag not in _DROPPED:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.pieces.append(data if self._in_style else data.replace("<", "&lt;"))

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, text: str) -> None:
        if not self._inside:
            self.pieces.append(text)

    def handle_decl(self, declaration: str) -> None:
        if not self._inside:
            self.pieces.append(f"<!{declaration}>")


def _attribute(name: str, value: str | None) -> str:
    return f" {name}" if value is None else f' {name}="{escape(value)}"'


def _active(name: str, value: str | None) -> bool:
    return name.startswith("on") or bool(value and _ACTIVE_URL.search(_URL_FILLING.sub("", value)))


def _refreshes(tag: str, attributes: list[tuple[str, str | None]]) -> bool:
    return tag == "meta" and any(
        name == "http-equiv" and (value or "").lower() == "refresh" for name, value in attributes
    )
