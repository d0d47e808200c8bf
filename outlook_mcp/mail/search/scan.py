"""Reads the pages of one list until enough messages match, and remembers where it stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from msgspec.structs import replace

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.cursor import Cursor, key_of, paging_of
from outlook_mcp.mail.search.plan import Plan

# With more messages in one second, as after an import, a cursor counts messages instead of naming those shown.
_MOST_IN_A_SECOND = 50
# Adds to the messages of a page what its plan has to see of them and the page does not have.
Completed = Callable[[Sequence[Message]], Awaitable[list[Message]]]


@dataclass(slots=True)
class Scan:
    """The position in the pages of a list."""

    page_link: str
    skip_in_page: int = 0
    seen: int = 0
    is_at_end: bool = False
    until: int = 0
    shown: set[bytes] = field(default_factory=set)
    completed: Completed | None = None

    def remember(self, messages: Sequence[Message]) -> None:
        """Remembers the second of the last message, and which messages of that second were looked at."""
        if not messages:
            return
        last = _second_of(messages[-1])
        if last != self.until:
            self.until, self.shown = last, set()
        of_that_second = takewhile(lambda message: _second_of(message) == last, reversed(messages))
        self.shown |= {key_of(message.id) for message in of_that_second}

    def cursor(self, start: Cursor, plan: Plan) -> Cursor:
        """Where to go on."""
        by_time = plan.kind == "filter" and not start.paging and self.until > 0
        if by_time and len(self.shown) <= _MOST_IN_A_SECOND:
            return replace(start, seen=self.seen, skip_in_page=0, until=self.until, shown=sorted(self.shown))
        return replace(start, seen=self.seen, skip_in_page=self.skip_in_page, paging=paging_of(self.page_link))

    async def collect(self, graph: GraphClient, plan: Plan, first: Any, limit: int) -> list[Message]:
        """Reads pages until `limit` messages match, the list ends or the plan's scan limit is reached."""
        found: list[Message] = []
        budget = self.seen + plan.scan_limit
        before = frozenset(self.shown)
        page = await self._page(graph, first)
        while True:
            fresh = page.value
            if before:
                fresh = [message for message in fresh if key_of(message.id) not in before]
            fresh = fresh[self.skip_in_page :]
            if self.completed is not None:
                fresh = await self.completed(fresh)
            for number, message in enumerate(fresh, 1):
                if not plan.matches(message):
                    continue
                found.append(message)
                if len(found) == limit:
                    rest = any(plan.matches(later) for later in fresh[number:])
                    self.remember(fresh[:number] if rest else fresh)
                    self._stop(page, number, len(fresh), rest)
                    return found
            self.remember(fresh)
            self.seen += len(fresh)
            self.skip_in_page = 0
            if not page.next_link:
                self.is_at_end = True
                return found
            self.page_link = page.next_link
            if self.seen >= budget:
                return found
            page = await graph.next_page(page.next_link, Page[Message])

    async def _page(self, graph: GraphClient, first: Any) -> Page[Message]:
        if self.page_link:
            return await graph.next_page(self.page_link, Page[Message])
        self.page_link = first.url
        return await graph.answer_to(first, Page[Message])

    def _stop(self, page: Page[Message], used: int, fresh: int, rest: bool) -> None:
        """The result is full in the middle of a page: the next call goes on in it, after it, or there is none."""
        if rest:
            self.seen += used
            self.skip_in_page += used
            return
        self.seen += fresh
        self.skip_in_page = 0
        if page.next_link:
            self.page_link = page.next_link
        else:
            self.is_at_end = True


def _second_of(message: Message) -> int:
    """When it came, in Unix seconds; 0 when nothing says so."""
    return int(message.moment.timestamp()) if message.moment else 0
