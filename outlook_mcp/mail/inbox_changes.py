"""New mail in the inbox."""

from __future__ import annotations

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.mail.sync.delta import DeltaRounds, Position
from outlook_mcp.net.clock import utc_now

_INBOX = FolderId("inbox")
# More than comes between two looks, so that one look tells all of it.
_MOST = 10_000


class InboxChanges:
    """The inbox of one mailbox. Only ids are read."""

    def __init__(self, graph: GraphClient) -> None:
        self._rounds = DeltaRounds(graph, select=("id",))

    async def look(self, position: Position | None) -> tuple[Position, bool]:
        """Where the next look begins, and whether something came since `position`; without one, from now on.

        Graph forgets positions after some days: whatever came meanwhile is told as a change.
        """
        if position is None:
            return await self._from_now()
        try:
            found = await self._rounds.next_round(_INBOX, position, _MOST)
        except InvalidInput:
            return (await self._from_now())[0], True
        return found.position, bool(found.items)

    async def _from_now(self) -> tuple[Position, bool]:
        found = await self._rounds.first_round(_INBOX, int(utc_now().timestamp()), _MOST)
        return found.position, bool(found.items)
