"""Refuses access tokens of users whom an administrator has blocked, whoever issued the tokens."""

from __future__ import annotations

from typing import Protocol

from outlook_mcp.vault.blocked_users import BlockedUsers
from outlook_mcp.web.caller import CallerToken


class _Verifier(Protocol):
    async def verify(self, token: str) -> CallerToken | None: ...


class UnblockedVerifier:
    """A `Verifier`: another one, whose tokens of blocked users are not valid."""

    def __init__(self, verifier: _Verifier, blocked: BlockedUsers) -> None:
        self._verifier = verifier
        self._blocked = blocked

    async def verify(self, token: str) -> CallerToken | None:
        """The caller; None when the token is not valid or its user is blocked. Raises as the other verifier does."""
        caller = await self._verifier.verify(token)
        if caller is None or caller.session.user is None:
            return caller
        return None if await self._blocked.is_blocked(caller.session.user) else caller
