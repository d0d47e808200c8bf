"""What the headers of a message tell of the mailing list that it came from, and how its reader could leave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from outlook_mcp.mail.models import Header

Way = Literal["one click", "mail", "web page"]
# RFC 2369 wants each address in angle brackets.
_ADDRESS = re.compile(r"<\s*(https?|mailto):([^<>\s]{1,2000})\s*>", re.I)
# RFC 2919: the id stands in angle brackets behind a name. Bounded, as a sender chooses it.
_ID = re.compile(r"<\s*([^<>\s]{1,255})\s*>")
_ONE_CLICK = "list-unsubscribe=one-click"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """`list_id` is "" where the list has none; `ways` are those to unsubscribe, the simplest first."""

    list_id: str = ""
    ways: tuple[Way, ...] = ()


def list_facts(headers: Sequence[Header]) -> ListFacts | None:
    """None for a message of no list that nobody can unsubscribe from.

    >>> page = Header(name="List-Unsubscribe", value="<mailto:leave@x.example>, <https://x.example/u?1>")
    >>> list_facts([page, Header(name="List-Unsubscribe-Post", value="List-Unsubscribe=One-Click")])
    ListFacts(list_id='', ways=('one click', 'mail'))
    >>> list_facts([Header(name="List-Id", value="Dev talk <dev.x.example>"), page])
    ListFacts(list_id='dev.x.example', ways=('mail', 'web page'))
    >>> list_facts([Header(name="List-Unsubscribe", value="see the footer")])
    """
    values = {header.name.lower(): header.value or "" for header in reversed(headers)}
    found = _ID.search(values.get("list-id", ""))
    schemes = {scheme.lower() for scheme, _ in _ADDRESS.findall(values.get("list-unsubscribe", ""))}
    ways: list[Way] = []
    # RFC 8058: one request, and only over TLS.
    is_one_click = "https" in schemes and _ONE_CLICK in values.get("list-unsubscribe-post", "").lower()
    if is_one_click:
        ways.append("one click")
    if "mailto" in schemes:
        ways.append("mail")
    if not is_one_click and schemes & {"http", "https"}:
        ways.append("web page")
    return ListFacts(found[1] if found else "", tuple(ways)) if found or ways else None
