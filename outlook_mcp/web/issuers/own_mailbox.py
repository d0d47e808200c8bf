"""The mailboxes of callers whose access token is exchanged for Graph tokens (On-Behalf-Of)."""

from __future__ import annotations

from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import Connections
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.oauth.tokens.on_behalf_of import OnBehalfOf
from outlook_mcp.web.caller import callers_assertion


class OnBehalfOfMailboxes:
    """A `Mailboxes` that connects the caller's own mailbox first, with the caller's access token."""

    def __init__(self, mailboxes: Mailboxes, on_behalf_of: OnBehalfOf) -> None:
        self._mailboxes = mailboxes
        self._on_behalf_of = on_behalf_of

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        """As `Mailboxes.choose`; also raises what OnBehalfOf.ensure does."""
        caller = callers_assertion()
        if caller is not None and caller.identity.user == user:
            await self._on_behalf_of.ensure(caller)
        return await self._mailboxes.choose(user, account)

    async def connections_of(self, user: UserKey) -> Connections:
        """As `Mailboxes.connections_of`."""
        return await self._mailboxes.connections_of(user)
