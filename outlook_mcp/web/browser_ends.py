"""When all browsers of a user were signed out at once, on every server that shares the vault."""

from __future__ import annotations

import time

from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.tickets import Tickets

# How long a browser stays signed in, and so how long its end must be known.
SIGNED_IN_S = 3600
_PURPOSE = "browser_ends"


class EndedBrowserSessions:
    """The vault learns the digest of the user alone, so that it may say so of a user who was erased."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def end(self, user: UserKey) -> None:
        """Signs out every browser that is signed in as the user now."""
        await self._tickets.put(_PURPOSE, SecretStr(str(user)), str(time.time()).encode(), lifetime_s=SIGNED_IN_S)

    async def is_after(self, user: UserKey, moment: float) -> bool:
        """True when what a browser got at that moment (Unix time, seconds) ended since: a sign-in, a code."""
        ended_at = await self._tickets.read(_PURPOSE, SecretStr(str(user)))
        return ended_at is not None and float(ended_at) >= moment
