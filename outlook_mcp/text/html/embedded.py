"""The document type, the style sheets inside a document and the base of its links, without parsing it."""

from __future__ import annotations

import re
from html import unescape

_DOCTYPE = re.compile(r"\s*(?:<!--.*?-->\s*)*(<!doctype[^>]*>)", re.I | re.S)
_MOST_BEFORE = 2_000
_STYLE = re.compile(r"<style\b([^<>]*)>(.*?)(?:</style\s*>|\Z)", re.I | re.S)
_MEDIA = re.compile(r"""\bmedia\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_TYPE = re.compile(r"""\btype\s*=\s*["']?\s*([^\s"'>]+)""", re.I)
_SCHEMES = re.compile(
    r"""<meta\b[^<>]{0,200}?\bname\s*=\s*["']?color-scheme["']?\s[^<>]{0,200}?\bcontent\s*=\s*["']?([a-z ]+)""", re.I
)
_BASE = re.compile(r"""<base\b[^<>]*?\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.I)


def doctype_of(html: str) -> str:
    """The document type with which a document begins; empty for one that has none.

    >>> doctype_of("<!-- Mail --><!DOCTYPE html><p>Hello")
    '<!DOCTYPE html>'
    """
    found = _DOCTYPE.match(html[:_MOST_BEFORE])
    return found[1] if found else ""


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
    sheets = [scheme_sheet(html), *(_sheet(found[1], found[2]) for found in _STYLE.finditer(html))]
    return "\n".join(filter(None, sheets))


def scheme_sheet(html: str) -> str:
    """The colour schemes that a `<meta>` asks for, as a sheet; empty if there is none.

    >>> scheme_sheet("<meta name='color-scheme' content='light dark'>")
    ':root{color-scheme:light dark}'
    """
    found = _SCHEMES.search(html) if "color-scheme" in html else None
    return f":root{{color-scheme:{found[1]}}}" if found else ""


def _sheet(attributes: str, css: str) -> str:
    kind = _TYPE.search(attributes)
    if kind and kind[1].lower() != "text/css":
        return ""
    media = _MEDIA.search(attributes)
    return f"@media {media[1] or media[2] or media[3]}{{{css}}}" if media and any(media.groups()) else css
