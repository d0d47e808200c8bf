"""Tells the open streams of a user, and nobody else's, that a resource changed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context
from mcp.server.subscriptions import ResourceUpdated, ServerEvent
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_REQUEST

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.bus import Bus
from outlook_mcp.web.caller import CallerToken

FOLDERS = "outlook://me/folders"
INBOX = "outlook://me/inbox"

Listener = Callable[[ServerEvent], None]
_log = logging.getLogger(__name__)


async def tell_of_a_change(context: Context[Any, Any]) -> None:
    """After a change of the caller's mailbox: tells the streams that subscribed to its folders."""
    await context.notify_resource_updated(FOLDERS)


class UserSubscriptionBus:
    """The SDK's `SubscriptionBus`, one for each user: the user of a request is the one its verified token names.

    It carries changes of resources only: the lists of tools, prompts and resources never change while a server runs.
    """

    def __init__(self, bus: Bus | None = None) -> None:
        """`bus` reaches every server that shares the store; None where there is one."""
        self._bus = bus
        self._listeners: dict[UserKey, dict[object, Listener]] = {}

    def receiving(self) -> AbstractAsyncContextManager[None]:
        """While it is open, events of all servers that share the store are received."""
        return nullcontext() if self._bus is None else self._bus.receiving(self._received)

    async def publish(self, event: ServerEvent) -> None:
        """To the streams of the caller; to nobody outside a request with a verified token."""
        token = get_access_token()
        if isinstance(token, CallerToken) and token.session.user and isinstance(event, ResourceUpdated):
            await self.publish_for(token.session.user, event)

    async def publish_for(self, user: UserKey, event: ResourceUpdated) -> None:
        """To every stream of the user, on every server. Never raises, since the change was made already."""
        if self._bus is None:
            self._deliver(user, event)
            return
        try:
            await self._bus.publish(json.dumps([user.tid, user.oid, event.uri]).encode())
        except StoreUnavailable as error:
            _log.warning("No stream was told of a change: %s", error.message)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Called by the SDK inside the request that listens; returns the function that ends the subscription."""
        return self.subscribe_for(listening_token(), listener)

    def subscribe_for(self, token: CallerToken, listener: Listener) -> Callable[[], None]:
        """The same for the user of this verified token."""
        user = token.session.user
        if user is None:
            raise ValueError("the session belongs to nobody")
        key = object()
        self._listeners.setdefault(user, {})[key] = listener

        def unsubscribe() -> None:
            own = self._listeners.get(user, {})
            own.pop(key, None)
            if not own:
                self._listeners.pop(user, None)

        return unsubscribe

    def _received(self, message: bytes) -> None:
        try:
            tid, oid, uri = json.loads(message)
        except (ValueError, TypeError, RecursionError):
            _log.warning("A message on the bus cannot be read.")
        else:
            self._deliver(UserKey(str(tid), str(oid)), ResourceUpdated(uri=str(uri)))

    def _deliver(self, user: UserKey, event: ResourceUpdated) -> None:
        for listener in tuple(self._listeners.get(user, {}).values()):
            listener(event)


def listening_token() -> CallerToken:
    """The verified token of the request being answered, which names a user."""
    token = get_access_token()
    if not isinstance(token, CallerToken) or token.session.user is None:
        raise MCPError(code=INVALID_REQUEST, message="Nobody can listen without a verified access token.")
    return token
