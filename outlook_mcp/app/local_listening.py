"""Lets the client of a server over stdio listen to the resources of the local profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_REQUEST

from outlook_mcp.answers.errors import error_text
from outlook_mcp.answers.remedies import Audience
from outlook_mcp.app.profile import App
from outlook_mcp.errors import OutlookError
from outlook_mcp.server.inbox_watch import InboxWatch, WatchSettings
from outlook_mcp.server.listening import ListenStreams
from outlook_mcp.server.session_subscriptions import SessionSubscriptions
from outlook_mcp.server.subscription_bus import Listening, UserSubscriptionBus


class LocalListening:
    """Both eras, by the rules and limits of HTTP. Every stream ends with the client, which is the only one.

    `bus` and `streams` are for the MCP server, which is built before there is an `App`.
    """

    def __init__(self, watch: WatchSettings = WatchSettings()) -> None:
        self._watch = watch
        self._app: App | None = None
        self.bus = UserSubscriptionBus(who=self._who_listens)
        self.streams = ListenStreams(None, who=self._who_listens)
        self.subscriptions = SessionSubscriptions(self.streams, self.bus)

    @asynccontextmanager
    async def serving(self, app: App) -> AsyncIterator[None]:
        """While it is open, whoever is signed in under the profile can listen."""
        self._app = app
        components = app.components
        inbox = InboxWatch(
            components.mailboxes, components.workspaces, components.vault, self.bus, settings=self._watch
        )
        self.streams.serve(app.caller, inbox)
        async with inbox.running(), self.streams.watching(), self.subscriptions.running():
            yield

    async def _who_listens(self) -> Listening:
        if self._app is None:
            raise MCPError(code=INVALID_REQUEST, message="No mailbox can be opened, so there is nothing to listen to.")
        try:
            context = await self._app.caller.context()
        except OutlookError as error:
            raise MCPError(code=INVALID_REQUEST, message=error_text(error, Audience.LOCAL_CLIENT)) from None
        session = replace(context.session, scopes=self._app.configuration.offered_scopes())
        return Listening(session, context.user)
