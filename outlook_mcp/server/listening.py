"""What `subscriptions/listen` allows: how many streams, on which resources, and for how long."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable, Iterator, Set
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

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
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time
from outlook_mcp.server.inbox_watch import InboxWatch
from outlook_mcp.server.subscription_bus import FOLDERS, INBOX, Listening, WhoListens, listens, token_bearer

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


class Sessions(Protocol):
    """Where it is looked up whether a session goes on."""

    async def find_session(self, user: UserKey, session_id: str, /) -> Session | None:
        """None when it has ended."""


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Cancelling `scope` ends it."""

    who: Listening
    scope: anyio.CancelScope


class ListenStreams:
    """A middleware of the MCP server. A stream ends when its token expires, its session ends or the server stops.

    `sessions` is None where another issuer keeps the grants; then a stream ends only when its token expires or the
    server stops. `inbox` looks for new mail while somebody listens to the inbox. `who` tells whose request it is.
    """

    def __init__(
        self,
        sessions: Sessions | None,
        settings: ListenSettings | None = None,
        *,
        inbox: InboxWatch | None = None,
        who: WhoListens = token_bearer,
    ) -> None:
        self._sessions = sessions
        self._inbox = inbox
        self._who = who
        self._settings = settings or ListenSettings()
        self._streams: set[Stream] = set()
        self._is_closed = False

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method != METHOD:
            result = await call_next(ctx)
            return _without_list_changes(result) if ctx.method == DISCOVERY else result
        # Parsed as the SDK will, so that no other spelling gets past. A malformed request raises as there.
        request = SubscriptionsListenRequestParams.model_validate(ctx.params or {}, by_name=False)
        uris = set(request.notifications.resource_subscriptions or [])
        who = await self.listener(uris)
        with listens(who), self.open_stream(who, uris) as stream, stream.scope:
            return await call_next(ctx)
        # An orderly end, after which the client listens again if it still may.
        return SubscriptionsListenResult(_meta={SUBSCRIPTION_ID_META_KEY: ctx.request_id})

    def serve(self, sessions: Sessions, inbox: InboxWatch) -> None:
        """For a server that is built before what it looks sessions and inboxes up in."""
        self._sessions, self._inbox = sessions, inbox

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

    async def listener(self, uris: Set[str]) -> Listening:
        """Who makes the request that is being answered.

        Raises MCPError where their grant does not allow it, and for resources of which no change would be told.
        """
        who = await self._who()
        if not who.session.allows(SCOPE):
            raise MCPError(code=INVALID_REQUEST, message=f"Listening needs the scope {SCOPE}.")
        told = {FOLDERS: "of changes made through this server", INBOX: "of new mail"}
        if self._inbox is None:
            del told[INBOX]
        if uris - set(told):
            known = " and ".join(f"{uri} tells {what}" for uri, what in told.items())
            raise MCPError(code=INVALID_PARAMS, message=f"Only {known}; read other resources again.")
        return who

    def _inbox_heard(self, user: UserKey, uris: Set[str]) -> AbstractContextManager[None]:
        return nullcontext() if self._inbox is None or INBOX not in uris else self._inbox.heard_by(user)

    @contextmanager
    def open_stream(self, who: Listening, uris: Set[str]) -> Iterator[Stream]:
        """Counts as a stream of the user while it is open. Raises MCPError when there are too many."""
        if self._is_closed:
            raise MCPError(code=INTERNAL_ERROR, message="The server is stopping; listen again in a moment.")
        of_user = sum(stream.who.user == who.user for stream in self._streams)
        if of_user >= self._settings.max_per_user or len(self._streams) >= self._settings.max_total:
            raise MCPError(code=INTERNAL_ERROR, message="Too many streams are open; close one first.")
        stream = Stream(who, anyio.CancelScope(deadline=_deadline(who)))
        self._streams.add(stream)
        try:
            with self._inbox_heard(who.user, uris):
                yield stream
        finally:
            self._streams.discard(stream)

    async def _end_with_sessions(self, sessions: Sessions) -> None:
        while True:
            await anyio.sleep(self._settings.check_every_s)
            ended: set[tuple[UserKey, str]] = set()
            async with anyio.create_task_group() as lookups:
                for user, session_id in {_grant_of(stream) for stream in self._streams}:
                    lookups.start_soon(_note_if_ended, sessions, user, session_id, ended)
            self._end(stream for stream in self._streams if _grant_of(stream) in ended)

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


def _deadline(who: Listening) -> float:
    """When the token expires, on the clock of the event loop."""
    return math.inf if who.expires_at is None else anyio.current_time() + who.expires_at - unix_time()


def _grant_of(stream: Stream) -> tuple[UserKey, str]:
    return stream.who.user, stream.who.session.id


async def _note_if_ended(sessions: Sessions, user: UserKey, session_id: str, ended: set[tuple[UserKey, str]]) -> None:
    """Adds a session that has ended, also when it cannot be looked up: the client can listen again."""
    try:
        has_ended = await sessions.find_session(user, session_id) is None
    except (OutlookError, ValueError):
        has_ended = True
    if has_ended:
        ended.add((user, session_id))
