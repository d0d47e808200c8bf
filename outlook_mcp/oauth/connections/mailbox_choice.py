"""Chooses which of the caller's own mailboxes a call is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cachetools import LRUCache

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import Connections, OAuthIntegrationService, default_of, named
from outlook_mcp.oauth.timing import OAuthTiming

MOST_USERS = 10_000


@dataclass(frozen=True, slots=True)
class _CachedConnections:
    connections: Connections
    trusted_until: float


class Mailboxes(Protocol):
    """The mailboxes that users connected."""

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        """The user's own connection of this name or address, or the default one."""

    async def connections_of(self, user: UserKey) -> Connections:
        """All connections of the user, oldest first."""


class MailboxChoice:
    """`Mailboxes` that reads the connections of a user at most every 5 s."""

    def __init__(
        self,
        connections: OAuthIntegrationService,
        *,
        timing: OAuthTiming = OAuthTiming(),
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._connections = connections
        self._timing = timing
        self._clock = clock
        # Without a lifetime: entries that are too old are still used while the vault cannot be read.
        self._cache: LRUCache[UserKey, _CachedConnections] = LRUCache(MOST_USERS)
        connections.add_listener(self._forget)

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        """The connection with this name, address or id, or the default one.

        Raises SignInRequired when the user has none, and InvalidInput when none of theirs has that name.
        """
        connections = await self.connections_of(user)
        return default_of(connections) if account is None else named(connections, account)

    async def connections_of(self, user: UserKey) -> Connections:
        """All connections of the user, oldest first; those that were read last while the vault cannot be read."""
        cached = self._cache.get(user)
        if cached is not None and self._clock() < cached.trusted_until:
            return cached.connections
        try:
            connections = await self._connections.connections_of(user)
        except StoreUnavailable:
            if cached is None:
                raise
            return cached.connections
        if connections:
            self._cache[user] = _CachedConnections(connections, self._clock() + self._timing.trusted_s)
        return connections

    def _forget(self, user: UserKey) -> None:
        self._cache.pop(user, None)
