"""Tells the open streams of a user, and nobody else's, that a resource changed."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from typing import Any, NamedTuple

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context
from mcp.server.subscriptions import ResourceUpdated, ServerEvent
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_REQUEST

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.session import Session
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


class Listening(NamedTuple):
    """Who listens: a session that names a user, until its token expires (Unix time), None for no such end."""

    session: Session
    user: UserKey
    expires_at: int | None = None


# Who makes the request that is being answered. Raises MCPError where nobody may listen.
WhoListens = Callable[[], Awaitable[Listening]]
# Set where a request to listen is let through, for the SDK, which subscribes without saying for whom.
_listening: ContextVar[Listening] = ContextVar("listening")


@contextmanager
def listens(who: Listening) -> Iterator[None]:
    """While it is open, what this task subscribes to is for them."""
    reset = _listening.set(who)
    try:
        yield
    finally:
        _listening.reset(reset)


async def token_bearer() -> Listening:
    """Whom the verified token of the request being answered names."""
    token = get_access_token()
    if not isinstance(token, CallerToken) or token.session.user is None:
        raise MCPError(code=INVALID_REQUEST, message="Nobody can listen without a verified access token.")
    return Listening(token.session, token.session.user, token.expires_at)


class UserSubscriptionBus:
    """The SDK's `SubscriptionBus`, one for each user: `who` tells whose request is being answered.

    It carries changes of resources only: the lists of tools, prompts and resources never change while a server runs.
    """

    def __init__(self, bus: Bus | None = None, who: WhoListens = token_bearer) -> None:
        """`bus` reaches every server that shares the store; None where there is one, or over stdio."""
        self._bus = bus
        self._who = who
        self._listeners: dict[UserKey, dict[object, Listener]] = {}

    def receiving(self) -> AbstractAsyncContextManager[None]:
        """While it is open, events of all servers that share the store are received."""
        return nullcontext() if self._bus is None else self._bus.receiving(self._received)

    @property
    def is_shared(self) -> bool:
        """Whether what is published reaches the streams of other servers, too."""
        return self._bus is not None

    async def publish(self, event: ServerEvent) -> None:
        """To the streams of the caller; to nobody outside a request of somebody who may listen."""
        if isinstance(event, ResourceUpdated):
            with suppress(MCPError):
                await self.publish_for((await self._who()).user, event)

    async def publish_for(self, user: UserKey, event: ResourceUpdated) -> None:
        """To every stream of the user, on every server. Never raises, since the change was made already."""
        if self._bus is None:
            self.deliver_here(user, event)
            return
        try:
            await self._bus.publish(json.dumps([user.tid, user.oid, event.uri]).encode())
        except StoreUnavailable as error:
            _log.warning("No stream was told of a change: %s", error.message)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Called by the SDK inside the request that listens; returns the function that ends the subscription."""
        return self.subscribe_for(_listening.get().user, listener)

    def subscribe_for(self, user: UserKey, listener: Listener) -> Callable[[], None]:
        """As `subscribe`, for this user."""
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
            self.deliver_here(UserKey(str(tid), str(oid)), ResourceUpdated(uri=str(uri)))

    def deliver_here(self, user: UserKey, event: ResourceUpdated) -> None:
        """To the streams of the user on this server alone."""
        for listener in tuple(self._listeners.get(user, {}).values()):
            listener(event)
