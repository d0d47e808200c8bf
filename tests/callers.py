"""A caller whose identity was established elsewhere, as in a server for many users."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import utc_now


@dataclass(frozen=True)
class FixedCaller:
    """Always the same user."""

    user: UserKey

    async def context(self) -> UserContext:
        now = utc_now()
        return UserContext(self.user, Session(user=self.user, transport="stdio", created=now, last_seen=now))

    async def allows(self, scope: str) -> bool:
        return True
