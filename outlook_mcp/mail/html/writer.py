"""Collects pieces of text on the way through a tree and lays them out as lines."""

from __future__ import annotations

import re
from collections.abc import Callable

from outlook_mcp.mail.links import Link, host_of, real_url

_SPACES = re.compile(r"[ \f\v]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_ORNAMENT = re.compile(r"([-=_*.~#•·>])\1{7,}")
_INDENT, _QUOTE_OPEN, _QUOTE_CLOSE = "\t", "\x01", "\x02"
_HARD_SPACE = "\xa0"
_LONGEST_CELL = 60
_LONGEST_LABEL = 200
_LONGEST_SHOWN_URL = 60
_DEEPEST_QUOTE = 4


class TextWriter:
    """Pieces never hold a control character except those this class puts there as layout."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._links: dict[str, Link] = {}
        self.write: Callable[[str], None] = self._pieces.append

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple(self._links.values())

    def mark(self) -> int:
        """A place to look back to when an element closes."""
        return len(self._pieces)

    def preformatted(self, text: str) -> None:
        self.write(text.replace("\t", "    ").replace(" ", _HARD_SPACE))

    def line(self) -> None:
        self.write("\n")

    def paragraph(self) -> None:
        self.write("\n\n")

    def item(self, bullet: str, depth: int) -> None:
        self.write("\n" + _INDENT * min(depth - 1, 6) + bullet + " ")

    def open_quote(self) -> None:
        self.write(f"\n{_QUOTE_OPEN}\n")

    def close_quote(self) -> None:
        self.write(f"\n{_QUOTE_CLOSE}\n")

    def close_cell(self, mark: int) -> None:
        """A short cell shares its line with the next one."""
        text = self._since(mark, _LONGEST_CELL)
        if text.strip():
            self.write(" | " if len(text) <= _LONGEST_CELL and "\n" not in text.strip() else "\n")

    def close_link(self, mark: int, href: str) -> None:
        """Puts the number of the link behind its label; a link without a label says nothing and is left out."""
        url = real_url(href)
        label = " ".join(self._since(mark, _LONGEST_LABEL).split())[:_LONGEST_LABEL]
        if not url or not label or url.startswith("tel:"):
            return
        if url.startswith("mailto:"):
            address = url[7:].partition("?")[0]
            if address.lower() not in label.lower():
                self.write(f" <{address}>")
            return
        self._web_link(mark, label, url)

    def _web_link(self, mark: int, label: str, url: str) -> None:
        shows_itself = _bare(label) == _bare(url) or (label.startswith("http") and len(label) > _LONGEST_SHOWN_URL)
        if shows_itself and len(url) <= _LONGEST_SHOWN_URL and _bare(label) == _bare(url):
            return
        link = self._numbered(label, url)
        if shows_itself:
            del self._pieces[mark:]
            self.write(link.host)
        while self._pieces[-1] == " ":
            self._pieces.pop()
        self.write(f"[{link.number}→{link.host}]" if link.is_misleading else f"[{link.number}]")

    def number(self, url: str) -> str:
        """What stands for a long address in plain text: its host and a number."""
        link = self._numbered("", url)
        return f"{link.host}[{link.number}]"

    def _numbered(self, label: str, url: str) -> Link:
        if url not in self._links:
            self._links[url] = Link(len(self._links) + 1, label, url, host_of(url))
        known = self._links[url]
        return known if known.text == label else Link(known.number, label, url, known.host)

    def _since(self, mark: int, limit: int) -> str:
        """The text written since `mark`, looked at no further than a little over `limit`."""
        found, length = [], 0
        for piece in self._pieces[mark : mark + 2 * limit]:
            found.append(piece)
            length += len(piece)
            if length > 2 * limit:
                break
        return "".join(found)

    def finish(self) -> str:
        """The text: spaces and blank lines collapsed, quotes prefixed with `> `, lists indented."""
        lines, depth = [], 0
        for raw in "".join(self._pieces).split("\n"):
            if raw == _QUOTE_OPEN:
                depth += 1
            elif raw == _QUOTE_CLOSE:
                depth -= 1
            else:
                lines.append(_layout(raw, depth))
        text = _BLANK_LINES.sub("\n\n", "\n".join(lines))
        return _ORNAMENT.sub(r"\1\1\1", text).strip()


def _layout(raw: str, quote_depth: int) -> str:
    indent = len(raw) - len(raw.lstrip(_INDENT))
    line = _SPACES.sub(" ", raw.replace(_INDENT, " ")).strip(" |").replace(_HARD_SPACE, " ").rstrip()
    if not line or set(line) <= {"#"} or line in ("-", "- |"):
        return ""
    return "> " * min(quote_depth, _DEEPEST_QUOTE) + "  " * indent + line


def _bare(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
