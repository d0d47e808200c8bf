"""What the headers of a message tell of the mailing list that it came from, and how its reader could leave it.

Whether somebody can be unsubscribed is told by the same rules as when it is done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from outlook_mcp.mail.models import Header
from outlook_mcp.mail.unsubscribing.headers import unsubscribe_ways

Way = Literal["one click", "mail", "web page"]
# RFC 2919: the id stands in angle brackets behind a name. Bounded, as a sender chooses it.
_ID = re.compile(r"<\s*([^<>\s]{1,255})\s*>")


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
    found = _ID.search(next((header.value or "" for header in headers if header.name.lower() == "list-id"), ""))
    known = unsubscribe_ways(headers)
    is_one_click = known.one_click is not None and known.vouched != "no"
    possible: dict[Way, bool] = {
        "one click": is_one_click,
        "mail": known.mail is not None,
        "web page": bool(known.pages or known.one_click) and not is_one_click,
    }
    ways = tuple(way for way, is_possible in possible.items() if is_possible)
    return ListFacts(found[1] if found else "", ways) if found or ways else None
