"""The style sheets inside a document and the base of its links, without parsing it."""

from __future__ import annotations

import re
from html import unescape

_STYLE = re.compile(r"<style\b([^<>]*)>(.*?)(?:</style\s*>|\Z)", re.I | re.S)
_MEDIA = re.compile(r"""\bmedia\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)

_BASE = re.compile(r"""<base\b[^<>]*?\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.I)


def embedded_base(html: str) -> str:
    """The address from which relative links count; empty if the document names none.

    >>> embedded_base("<head><base target=_top href='https://contoso.com/'>")
    'https://contoso.com/'
    """
    found = _BASE.search(html)
    return unescape(next(filter(None, found.groups()), "")) if found else ""


def embedded_sheets(html: str) -> str:
    """The text of all `<style>` elements as one sheet, each under its own media query.

    >>> embedded_sheets("<style media=print>p{color:red}</style>")
    '@media print{p{color:red}}'
    """
    return "\n".join(_sheet(found[1], found[2]) for found in _STYLE.finditer(html))


def _sheet(attributes: str, css: str) -> str:
    media = _MEDIA.search(attributes)
    return f"@media {media[1] or media[2] or media[3]}{{{css}}}" if media and any(media.groups()) else css
