"""Where the numbered links of a text go, with a warning where they are not what they seem."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outlook_mcp.text.characters import one_line
from outlook_mcp.text.links import Link

# An address that a text shows without a number.
_WRITTEN_OUT = re.compile(r"https?://|\bwww\.|\w@\w|<\+?\d")


def link_line(link: Link) -> str:
    """The number of a link, its text and its address."""
    text = one_line(link.text, 80)
    warning = ""
    if link.is_misleading:
        warning = f" WARNING: the text names another host than {link.host}"
    elif link.is_disguised:
        warning = f" WARNING: the message does not name the host {link.host} as addresses usually do"
    return f"[{link.number}] {text + ': ' if text else ''}{link.url}{warning}"


def link_and_original(link: Link) -> str:
    """As `link_line` and, on a second line, the address as the message has it where that is another one."""
    return link_line(link) + (f"\n  original: {link.original}" if link.original else "")


def links_and_originals(links: Sequence[Link], text: str) -> list[str]:
    """A line or two for each link, and whether the text shows others.

    Short addresses of web pages, and those of mail and of telephones, have no number.
    """
    lines = list(map(link_and_original, links))
    if _WRITTEN_OUT.search(text):
        lines.append(f"{'Others' if links else 'Addresses'} stand written out in the text.")
    return lines or ["none"]
