"""What `subscriptions/listen` allows: how many streams, on which resources, and for how long."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable, Iterator, Set
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.subscriptions import SUBSCRIPTION_ID_META_KEY
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
)

from outlook_mcp.errors import OutlookError
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.net.clock import unix_time
from outlook_mcp.server.inbox_watch import InboxWatch
from outlook_mcp.server.subscription_bus import FOLDERS, INBOX, listening_token
from outlook_mcp.web.caller import CallerToken

METHOD = "subscriptions/listen"
DISCOVERY = "server/discover"
SCOPE = "mail.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenSettings:
    """How often the sessions of open streams are looked up, in seconds, and how many streams may be open at a time.

    A client opens about four. The SDK itself refuses more than 1,024 in all.
    """

    check_every_s: float = 5.0
    max_per_user: int = 16
    max_total: int = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Cancelling `scope` ends it."""

    session: Session
    scope: anyio.CancelScope


class ListenStreams:
    """A middleware of the MCP server. A stream ends when its token expires, its session ends or the server stops.

    `sessions` is None where another issuer keeps the grants; then a stream ends only when its token expires or the
    server stops. `inbox` looks for new mail while somebody listens to the inbox.
    """

    def __init__(
        self,
        sessions: SessionService | None,
        settings: ListenSettings | None = None,
        *,
        inbox: InboxWatch | None = None,
    ) -> None:
        self._sessions = sessions
        self._inbox = inbox
        self._settings = settings or ListenSettings()
        self._streams: set[Stream] = set()
        self._is_closed = False

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method != METHOD:
            result = await call_next(ctx)
            return _without_list_changes(result) if ctx.method == DISCOVERY else result
        token = listening_token()
        # Parsed as the SDK will, so that no other spelling gets past. A malformed request raises as there.
        request = SubscriptionsListenRequestParams.model_validate(ctx.params or {}, by_name=False)
        uris = set(request.notifications.resource_subscriptions or [])
        self.check_may_listen(token, uris)
        with self.open_stream(token, uris) as stream, stream.scope:
            return await call_next(ctx)
        # An orderly end, after which the client listens again if it still may.
        return SubscriptionsListenResult(_meta={SUBSCRIPTION_ID_META_KEY: ctx.request_id})

    def close(self) -> None:
        """Ends every stream and refuses new ones, because the server stops."""
        self._is_closed = True
        self._end(self._streams)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While it is open, streams whose session has ended are ended."""
        async with anyio.create_task_group() as tasks:
            if self._sessions is not None:
                tasks.start_soon(self._end_with_sessions, self._sessions)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()

    def check_may_listen(self, token: CallerToken, uris: Set[str]) -> None:
        """Raises MCPError where the grant does not allow it, and for resources of which no change would be told."""
        if not token.session.allows(SCOPE):
            raise MCPError(code=INVALID_REQUEST, message=f"Listening needs the scope {SCOPE}.")
        told = {FOLDERS: "of changes made through this server", INBOX: "of new mail"}
        if self._inbox is None:
            del told[INBOX]
        if uris - set(told):
            known = " and ".join(f"{uri} tells {what}" for uri, what in told.items())
            raise MCPError(code=INVALID_PARAMS, message=f"Only {known}; read other resources again.")

    def _inbox_heard(self, token: CallerToken, uris: Set[str]) -> AbstractContextManager[None]:
        if self._inbox is None or token.session.user is None or INBOX not in uris:
            return nullcontext()
        return self._inbox.heard_by(token.session.user)

    @contextmanager
    def open_stream(self, token: CallerToken, uris: Set[str]) -> Iterator[Stream]:
        """Counts as a stream of the user while it is open. Raises MCPError when there are too many."""
        if self._is_closed:
            raise MCPError(code=INTERNAL_ERROR, message="The server is stopping; listen again in a moment.")
        of_user = sum(stream.session.user == token.session.user for stream in self._streams)
        if of_user >= self._settings.max_per_user or len(self._streams) >= self._settings.max_total:
            raise MCPError(code=INTERNAL_ERROR, message="Too many streams are open; close one first.")
        stream = Stream(token.session, anyio.CancelScope(deadline=_deadline(token)))
        self._streams.add(stream)
        try:
            with self._inbox_heard(token, uris):
                yield stream
        finally:
            self._streams.discard(stream)

    async def _end_with_sessions(self, sessions: SessionService) -> None:
        while True:
            await anyio.sleep(self._settings.check_every_s)
            ended: set[str] = set()
            open_sessions = {stream.session.id: stream.session for stream in self._streams}
            async with anyio.create_task_group() as lookups:
                for session in open_sessions.values():
                    lookups.start_soon(_note_if_ended, sessions, session, ended)
            self._end(stream for stream in self._streams if stream.session.id in ended)

    def _end(self, streams: Iterable[Stream]) -> None:
        for stream in tuple(streams):
            stream.scope.cancel()


def _without_list_changes(discovered: HandlerResult) -> HandlerResult:
    """The lists of tools, prompts and resources never change while a server runs, so it promises no news of them."""
    if not isinstance(discovered, dict):
        return discovered
    capabilities = {
        name: {**capability, "listChanged": False} if "listChanged" in capability else capability
        for name, capability in discovered["capabilities"].items()
    }
    return {**discovered, "capabilities": capabilities}


def _deadline(token: CallerToken) -> float:
    """When the token expires, on the clock of the event loop."""
    return math.inf if token.expires_at is None else anyio.current_time() + token.expires_at - unix_time()


async def _note_if_ended(sessions: SessionService, session: Session, ended: set[str]) -> None:
    """Adds the session's id to `ended`, also when the session cannot be looked up: the client can listen again."""
    try:
        has_ended = session.user is None or await sessions.find_session(session.user, session.id) is None
    except (OutlookError, ValueError):
        has_ended = True
    if has_ended:
        ended.add(session.id)
