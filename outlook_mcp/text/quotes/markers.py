"""Elements by which mail programs wrap the history below a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache

from outlook_mcp.text.quotes.header_names import FROM, SENT

Attributes = Mapping[str, str | None]

# Ids arrive with prefixes such as `x_` after a message has been quoted by Outlook on the web.
_OPENS_HISTORY = re.compile(
    r"(?:^|_)(divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|mail-editor-reference-message-container|reply-intro"
    r"|isForwardContent|ms-outlook-mobile-reference-message)",
    re.I,
)
_QUOTE_ID = re.compile(r"(?:^|_)(gmail_quote|yahoo_quoted|zmail_extra|qt)$", re.I)
_QUOTE_CLASSES = frozenset(
    {
        "gmail_quote",
        "gmail_quote_container",
        "yahoo_quoted",
        "protonmail_quote",
        "tutanota_quote",
        "zmail_extra",
        "outlookmessageheader",
        "hcreplyfwd",
        "moz-cite-prefix",
        "moz-forward-container",
        "ms-outlook-mobile-reference-message",
    }
)
_CITE_LINE = re.compile(r"(?:^|[\s_])(?:moz-cite-prefix|gmail_attr)\b")
_OPENING_CLASSES = frozenset({"moz-cite-prefix", "outlookmessageheader"})
_REPLY_BORDER = re.compile(r"border(?:-top)?\s*:[^;]*(?:#e1e1e1|#b5c4df|#c4c4c4|windowtext)", re.I)
_FROM_LINE = re.compile(rf"\s*(?:{FROM})\s*[:：]")
_DATE_LINE = re.compile(rf"(?:{SENT})\s*[:：]")


class Quote(Enum):
    """What a marker says: history starts here and goes on to the end, or only this element is history."""

    OPENS_HISTORY = auto()
    ELEMENT = auto()


def quote_of(tag: str, attributes: Attributes) -> Quote | None:
    """The kind of marker an element is by its own attributes."""
    quote = None
    if "id" in attributes or "class" in attributes:
        quote = _quote_named(attributes.get("id") or "", attributes.get("class") or "")
    if quote is None and tag == "blockquote" and (attributes.get("type") or "").lower() == "cite":
        return Quote.ELEMENT
    return quote


@lru_cache(maxsize=1024)
def _quote_named(identifier: str, classes: str) -> Quote | None:
    if _OPENS_HISTORY.search(identifier):
        return Quote.OPENS_HISTORY
    if _QUOTE_ID.search(identifier):
        return Quote.ELEMENT
    names = {name.lower().removeprefix("x_") for name in classes.split()}
    if names & _OPENING_CLASSES:
        return Quote.OPENS_HISTORY
    return Quote.ELEMENT if names & _QUOTE_CLASSES else None


def is_cited(tag: str, attributes: Attributes) -> bool:
    """A block of quoted lines, between and below which people write; not what wraps a whole history."""
    return tag == "blockquote" or bool(_CITE_LINE.search(attributes.get("class") or ""))


def may_open_history(tag: str, attributes: Attributes) -> bool:
    """A ruled block or paragraph, the shape of a reply header of desktop Outlook; its text decides."""
    if tag == "p":
        return True
    return tag in ("div", "blockquote") and bool(_REPLY_BORDER.search(attributes.get("style") or ""))


def is_reply_header(text: str) -> bool:
    """The first lines of a block read From, then Sent, in one of the languages of Outlook."""
    return bool(_FROM_LINE.match(text[:60]) and _DATE_LINE.search(text[:400]))
