"""The part of a meeting's body by which people join online. Graph has no other place for it.

A body that is overwritten without it leaves a meeting that nobody can join, so it is kept letter by letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# What Teams marks its own elements with.
_CLASS = "me-email-text"
_ID = "meet_invite_block"
_HOSTS = re.compile(r"(?:^|[/.@]|%2f)teams\.(?:microsoft|live)\.(?:com|us)(?:/|%2f)(?:l/|l%2f|meet|_#)", re.IGNORECASE)
_RULE = re.compile(r"[\s\u00a0]*_{20,}[\s\u00a0]*")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(slots=True)
class _Element:
    """One element of the source: from `start` to before `end`. `is_mark` says that it is of the block."""

    tag: str
    start: int
    end: int = 0
    inside: int = 0
    text: str = ""
    is_mark: bool = False
    children: list[_Element] = field(default_factory=list)

    @property
    def has_mark(self) -> bool:
        return self.is_mark or any(child.has_mark for child in self.children)

    @property
    def all_text(self) -> str:
        return self.text + "".join(child.all_text for child in self.children)

    @property
    def is_rule(self) -> bool:
        """Whether it is nothing but a line of underscores, which Teams puts around its block."""
        return bool(_RULE.fullmatch(self.all_text))

    @property
    def is_blank(self) -> bool:
        return not self.all_text.strip("\u00a0 \r\n\t") and self.tag in ("br", "p", "div", "span", "")


class _Tree(HTMLParser):
    """The elements of a source, and where they stand in it."""

    def __init__(self, source: str, join_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._join_url = join_url
        self._lines = [0]
        for line in source.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.root = _Element("", 0, end=len(source))
        self._open = [self.root]
        self.feed(source)
        self.close()
        for element in self._open[1:]:
            element.end = len(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._position()
        element = _Element(tag, start, is_mark=self._is_mark(dict(attrs)))
        element.inside = start + len(self.get_starttag_text() or "")
        self._open[-1].children.append(element)
        if tag in _VOID:
            element.end = element.inside
        else:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop().end = self._position() + len(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if not any(element.tag == tag for element in self._open[1:]):
            return
        start = self._position()
        while True:
            element = self._open.pop()
            element.end = start
            if element.tag == tag:
                element.end = start + self._length_of_end(start)
                return

    def handle_data(self, data: str) -> None:
        start = self._position()
        self._open[-1].children.append(_Element("", start, end=start, text=data))

    def _length_of_end(self, start: int) -> int:
        end = self.rawdata.find(">", start)
        return (end if end >= 0 else len(self.rawdata) - 1) + 1 - start

    def _position(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _is_mark(self, attributes: dict[str, str | None]) -> bool:
        link = attributes.get("href") or ""
        if link and ((self._join_url and self._join_url in link) or _HOSTS.search(link)):
            return True
        return _CLASS in (attributes.get("class") or "").split() or (attributes.get("id") or "").startswith(_ID)


def online_block(body: str, *, is_html: bool = True, join_url: str = "") -> str:
    """The part of the body by which people join, as it stands there; "" when there is none.

    >>> online_block('<div>Agenda</div><div class="me-email-text"><a href="https://teams.microsoft.com/l/x">Join</a></div>')
    '<div class="me-email-text"><a href="https://teams.microsoft.com/l/x">Join</a></div>'
    """
    start, end = _block_in_html(body, join_url) if is_html else _block_in_text(body, join_url)
    return body[start:end]


def without_block(body: str, *, is_html: bool = True, join_url: str = "") -> str:
    """The body without that part."""
    start, end = _block_in_html(body, join_url) if is_html else _block_in_text(body, join_url)
    return body[:start] + body[end:]


def with_block_of(body: str, html: str, *, is_html: bool = True, join_url: str = "") -> str:
    """The new body `html`, with the part of the old body by which people join below it."""
    block = online_block(body, is_html=is_html, join_url=join_url)
    if not block:
        return html
    if not is_html:
        lines = block.replace("&", "&amp;").replace("<", "&lt;").replace("\r\n", "\n").replace("\n", "<br>")
        block = f"<div>{lines}</div>"
    return f"{html}\n{block}"


def _block_in_html(body: str, join_url: str) -> tuple[int, int]:
    """Where it begins and ends: the elements beside each other that have its marks, and the lines around them."""
    element = _Tree(body, join_url).root
    if not element.has_mark:
        return len(body), len(body)
    while True:
        marked = [number for number, child in enumerate(element.children) if child.has_mark]
        inner = element.children[marked[0]]
        if len(marked) > 1 or inner.is_mark or _is_framed(element.children, marked[0]):
            break
        element = inner
    first, last = marked[0], marked[-1]
    first = _past_rule(element.children, first, -1)
    last = _past_rule(element.children, last, 1)
    return element.children[first].start, element.children[last].end


def _is_framed(children: list[_Element], number: int) -> bool:
    """Whether a line of underscores stands beside it."""
    return _past_rule(children, number, -1) != number or _past_rule(children, number, 1) != number


def _past_rule(children: list[_Element], number: int, step: int) -> int:
    """The number of the line of underscores next to it, if there is one, else its own number."""
    other = number + step
    while 0 <= other < len(children) and children[other].is_blank:
        other += step
    if 0 <= other < len(children) and children[other].tag and children[other].is_rule:
        return other
    return number


def _block_in_text(body: str, join_url: str) -> tuple[int, int]:
    """From the line of underscores before the address to the one after it, or the line of the address alone."""
    found = body.find(join_url) if join_url else -1
    if found < 0:
        match = re.search(r"https?://teams\.(?:microsoft|live)\.\w+/\S+", body, re.IGNORECASE)
        if match is None:
            return len(body), len(body)
        found = match.start()
    rules = [(rule.start(), rule.end()) for rule in re.finditer(r"^_{20,}[ \t]*\r?$", body, re.MULTILINE)]
    start = max((begin for begin, end in rules if end <= found), default=body.rfind("\n", 0, found) + 1)
    line_end = body.find("\n", found)
    end = min((end for begin, end in rules if begin > found), default=len(body) if line_end < 0 else line_end)
    return start, end
