"""The links of a message: each gets a number behind its label, or says in the text itself where it goes."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from outlook_mcp.text.html.writer import TextWriter
from outlook_mcp.text.links import Link, host_of, original_url, real_url

_LONGEST_SHOWN_URL = 60
_NO_DIGITS = re.compile(r"\D+")


class NumberedLinks:
    """The links written so far. `base` is the address from which relative ones count."""

    def __init__(self, writer: TextWriter, base: str = "") -> None:
        self.base = base
        self._writer = writer
        self._links: dict[str, Link] = {}

    @property
    def in_order(self) -> tuple[Link, ...]:
        """All of them, in the order of their numbers."""
        return tuple(self._links.values())

    def close(self, mark: int, href: str, *, has_picture: bool = False) -> None:
        """Puts the number of the link to `href` behind its label, which was written since `mark`.

        Without a label it is told when it has a picture and its address is not known yet.
        """
        url = real_url(href, self.base)
        label = self._writer.label_since(mark)
        if not url or not (label or has_picture):
            return
        if not label:
            if url not in self._links:
                self._writer.append(f"[image][{self._numbered('image', url, href).number}]")
        elif url.startswith("mailto:"):
            self._mail_link(label, url, href)
        elif url.startswith("tel:"):
            number = unquote(url[4:]).partition(";")[0]
            if _NO_DIGITS.sub("", label).lstrip("0") not in _NO_DIGITS.sub("", number) or not any(
                map(str.isdigit, label)
            ):
                self._writer.write(f" <{number}>")
        else:
            self._web_link(mark, label, url, href)

    def _mail_link(self, label: str, url: str, href: str) -> None:
        """The address, and a number where the link gives a subject or more."""
        address, question, _ = url[7:].partition("?")
        if address and unquote(address).lower() not in label.lower():
            self._writer.write(f" <{unquote(address)}>")
        if question:
            self._writer.append(f"[{self._numbered(label, url, href).number}]", is_labelled=True)

    def _web_link(self, mark: int, label: str, url: str, href: str) -> None:
        shows_itself = _bare(label) == _bare(url) or (label.startswith("http") and len(label) > _LONGEST_SHOWN_URL)
        if shows_itself and len(url) <= _LONGEST_SHOWN_URL and _bare(label) == _bare(url):
            return
        link = self._numbered(label, url, href)
        if shows_itself and link.host:
            self._writer.replace_since(mark, link.host)
        number = f"[{link.number}→{link.host}]" if link.is_misleading or link.is_disguised else f"[{link.number}]"
        self._writer.append(number, is_labelled=True)

    def number(self, url: str, href: str) -> str:
        """What stands for a long address in plain text: its host and a number. `href` is `url` as it was written."""
        link = self._numbered("", url, href)
        return f"{link.host}[{link.number}]"

    def _numbered(self, label: str, url: str, href: str) -> Link:
        """The link, whose number is that of the first one to the same address."""
        if url not in self._links:
            self._links[url] = Link(len(self._links) + 1, label, url, host_of(url), original_url(href, url))
        known = self._links[url]
        return known if known.text == label else replace(known, text=label)


def _bare(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
