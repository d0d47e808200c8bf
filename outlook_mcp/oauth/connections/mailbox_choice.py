"""Which of the caller's own mailboxes a call means."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService, default_of, named

# How long a list is believed: a change on another server counts within this.
TRUSTED_S = 5.0
MOST_USERS = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    connections: tuple[Connection, ...]
    until: float


class Mailboxes(Protocol):
    """The mailboxes that users connected."""

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        """The user's own connection of this name or address, or the default one."""


class MailboxChoice:
    """`Mailboxes` that reads a user's connections at most every 5 s."""

    def __init__(self, connections: OAuthIntegrationService) -> None:
        self._connections = connections
        self._known: OrderedDict[UserKey, _Known] = OrderedDict()
        connections.on_change(self._forget)

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        """The connection with this name, address or id, or the default one.

        Raises SignInRequired when the user has none, and InvalidInput when none of theirs is called so.
        """
        connections = await self._of(user)
        return default_of(connections) if account is None else named(connections, account)

    async def _of(self, user: UserKey) -> tuple[Connection, ...]:
        known = self._known.get(user)
        if known is not None and seconds_since_boot() < known.until:
            return known.connections
        try:
            connections = await self._connections.connections_of(user)
        except StoreUnavailable:
            if known is None:
                raise
            # Reads go on while the store is away.
            return known.connections
        if connections:
            self._known[user] = _Known(connections, seconds_since_boot() + TRUSTED_S)
            self._known.move_to_end(user)
        while len(self._known) > MOST_USERS:
            self._known.popitem(last=False)
        return connections

    def _forget(self, user: UserKey) -> None:
        self._known.pop(user, None)
