"""What of a document, besides its style sheets, tells how their rules are applied."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

# Begins with the rarest character that is certain: a document is looked through at its `v` alone.
_VIEWPORT_UNIT = re.compile(rb"v(?:(?<=\dv)|(?<=\d[sld]v))(?:w|h|i|b|min|max)\b")


class Traits(NamedTuple):
    """What of a document, besides its sheets, tells how rules are applied.

    `quirks`: classes and ids are compared without regard to case. The others tell whether custom properties, units of
    the width and colour schemes are used anywhere.
    """

    quirks: bool
    variables: bool
    widths: bool
    schemes: bool


def traits_of(html: str, *, quirks: bool) -> Traits:
    """The traits of a document; `quirks` says how its document type is read."""
    # CSS has but the letters of ASCII in two cases, and to make those of Unicode small takes ten times as long.
    lowered = html.encode("utf-8", "replace").lower()
    by_scheme = b"color-scheme" in lowered or b"light-dark(" in lowered
    return Traits(quirks, b"var(" in lowered, _VIEWPORT_UNIT.search(lowered) is not None, by_scheme)


@lru_cache(maxsize=256)
def is_quirky(doctype: str) -> bool:
    """Whether a browser reads classes and ids without regard to case after this document type."""
    return bool(LexborHTMLParser(f"{doctype}<p class=Q>").css(".q"))
