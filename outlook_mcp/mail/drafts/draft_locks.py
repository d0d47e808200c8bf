"""One call at a time changes or sends a draft, so that what is sent is what was checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from pydantic import SecretStr

from outlook_mcp.errors import Conflict, OutlookError
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.shared_store import Marks

_PURPOSE = "draft"


class DraftLocks:
    """Microsoft Graph sends a draft as it is at that moment, so no other call of these servers may change it then.

    A server that ends in the middle leaves a draft locked for `lifetime_s` seconds.
    """

    def __init__(self, marks: Marks, *, lifetime_s: float) -> None:
        self._marks = marks
        self._lifetime_s = lifetime_s

    @asynccontextmanager
    async def locked(self, draft: MessageId, so_this_one: str) -> AsyncIterator[None]:
        """Raises Conflict while another call has the draft; `so_this_one` tells what this one did not do."""
        lock = SecretStr(draft)
        if not await self._marks.mark_handle(_PURPOSE, lock, lifetime_s=self._lifetime_s):
            raise Conflict(
                f"Another call is changing or sending this draft, so this one {so_this_one}.",
                next_step=(
                    "See what became of it: read the draft with mail_read, or look in Sent Items"
                    f' (mail_search with folder="sent"). It is free again within {self._lifetime_s / 60:g} minutes.'
                ),
            )
        try:
            yield
        finally:
            # What was done is told although the store fails now: the lock ends by itself.
            with anyio.CancelScope(shield=True), suppress(OutlookError):
                await self._marks.discard_ticket(_PURPOSE, lock)
