"""When a user was signed out in all browsers at once; known to every server that shares the vault."""

from __future__ import annotations

from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time
from outlook_mcp.vault.tickets import Tickets

# How long a browser stays signed in; a sign-out in all browsers must be remembered for as long.
SIGNED_IN_S = 3600
_PURPOSE = "browser_ends"


class EndedBrowserSessions:
    """Stored by the digest of the user, so that it may outlive the erasure of the user's data."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def end_all(self, user: UserKey) -> None:
        """Signs the user out in every browser; authorization codes issued before are no longer redeemed either."""
        await self._tickets.put_ticket(
            _PURPOSE, SecretStr(str(user)), str(unix_time()).encode(), lifetime_s=SIGNED_IN_S
        )

    async def ended_since(self, user: UserKey, moment: float) -> bool:
        """True when the user was signed out in all browsers at or after `moment` (Unix time, seconds)."""
        ended_at = await self._tickets.read_ticket(_PURPOSE, SecretStr(str(user)))
        return ended_at is not None and float(ended_at) >= moment
