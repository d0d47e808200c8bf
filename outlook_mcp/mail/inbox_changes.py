"""New mail in the inbox, by Graph's delta query."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from outlook_mcp.errors import NotFound
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Item
from outlook_mcp.net.clock import utc_now


class _DeltaPage(msgspec.Struct, frozen=True, kw_only=True):
    value: list[Item]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)


@dataclass(frozen=True, slots=True)
class InboxState:
    """`link` is where the next look begins; `has_changed` is whether something came since the last one."""

    link: str
    has_changed: bool


class InboxChanges:
    """The inbox of one mailbox. Only ids are read."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def look(self, link: str | None) -> InboxState:
        """What came since `link`; without one, from now on.

        Graph forgets links after some days, and then answers 410: whatever came meanwhile is told as a change.
        """
        if link is None:
            return await self._from_now()
        try:
            return await self._follow(await self._graph.next_page(link, _DeltaPage))
        except NotFound:
            state = await self._from_now()
            return InboxState(state.link, has_changed=True)

    async def _from_now(self) -> InboxState:
        messages = self._graph.me.mail_folders.by_mail_folder_id("inbox").messages
        # The one filter that Graph documents here; without it the whole inbox would be told first.
        query = {"$filter": f"receivedDateTime ge {utc_now():%Y-%m-%dT%H:%M:%SZ}", "$select": ("id",)}
        return await self._follow(
            await self._graph.answer_to(self._graph.request(messages.delta, query=query), _DeltaPage)
        )

    async def _follow(self, page: _DeltaPage) -> InboxState:
        has_changed = bool(page.value)
        while page.delta_link is None and page.next_link is not None:
            page = await self._graph.next_page(page.next_link, _DeltaPage)
            has_changed = has_changed or bool(page.value)
        if page.delta_link is None:
            raise NotFound("Graph gave no link for the changes of the inbox.")
        return InboxState(page.delta_link, has_changed)
