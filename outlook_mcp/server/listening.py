"""The streams of `subscriptions/listen`: few enough, about the caller's own mailbox, and no longer than their right."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from outlook_mcp.server.subscription_bus import listening_token
from outlook_mcp.web.caller import CallerToken

METHOD = "subscriptions/listen"
DISCOVERY = "server/discover"
OWN_MAILBOX = "outlook://me/"
SCOPE = "mail.read"
CHECK_EVERY_S = 5.0
# A client opens about four.
MOST_OF_A_USER = 16
# The SDK itself ends at 1,024.
MOST_IN_ALL = 1000
MOST_URIS = 50
LONGEST_URI = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Cancelling `scope` ends it."""

    session: Session
    scope: anyio.CancelScope


class ListenStreams:
    """A middleware of the MCP server. A stream ends with its token, with its session, and when the server goes down.

    `sessions` is None where an issuer of its own keeps the grants; a stream ends with its token then.
    """

    def __init__(
        self,
        sessions: SessionService | None,
        *,
        check_every_s: float = CHECK_EVERY_S,
        most_of_a_user: int = MOST_OF_A_USER,
        most_in_all: int = MOST_IN_ALL,
    ) -> None:
        self._sessions = sessions
        self._check_every_s = check_every_s
        self._most_of_a_user = most_of_a_user
        self._most_in_all = most_in_all
        self._streams: set[Stream] = set()
        self._is_closed = False

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method != METHOD:
            result = await call_next(ctx)
            return _without_lists(result) if ctx.method == DISCOVERY else result
        token = listening_token()
        if not token.session.allows(SCOPE):
            raise MCPError(code=INVALID_REQUEST, message=f"Listening needs the scope {SCOPE}.")
        _vet(ctx)
        with self._stream(token) as stream, stream.scope:
            return await call_next(ctx)
        # Told as a deliberate end, so the client listens anew, with a right to it.
        return SubscriptionsListenResult(_meta={SUBSCRIPTION_ID_META_KEY: ctx.request_id})

    def close(self) -> None:
        """Ends every stream and lets none begin: the server goes down."""
        self._is_closed = True
        self._end(self._streams)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Open while streams are to end with their session."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.wait([watch])

    @contextmanager
    def _stream(self, token: CallerToken) -> Iterator[Stream]:
        if self._is_closed:
            raise MCPError(code=INTERNAL_ERROR, message="The server is going down; listen again in a moment.")
        of_user = sum(stream.session.user == token.session.user for stream in self._streams)
        if of_user >= self._most_of_a_user or len(self._streams) >= self._most_in_all:
            raise MCPError(code=INTERNAL_ERROR, message="Too many streams are open; close one first.")
        stream = Stream(token.session, anyio.CancelScope(deadline=_deadline(token)))
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    async def _watch(self) -> None:
        while self._sessions is not None:
            await asyncio.sleep(self._check_every_s)
            sessions = {stream.session.id: stream.session for stream in self._streams}
            has_ended = await asyncio.gather(*(_has_ended(self._sessions, one) for one in sessions.values()))
            ended = {id for id, it_has in zip(sessions, has_ended, strict=True) if it_has}
            self._end(stream for stream in self._streams if stream.session.id in ended)

    def _end(self, streams: Iterable[Stream]) -> None:
        for stream in tuple(streams):
            stream.scope.cancel()


def _without_lists(discovered: HandlerResult) -> HandlerResult:
    """Tools, prompts and the list of resources stay the same while a server runs, so it promises no news of them."""
    if not isinstance(discovered, dict):
        return discovered
    promised = {
        name: {**capability, "listChanged": False} if "listChanged" in capability else capability
        for name, capability in discovered["capabilities"].items()
    }
    return {**discovered, "capabilities": promised}


def _deadline(token: CallerToken) -> float:
    """When the token expires, on the clock of the event loop."""
    return math.inf if token.expires_at is None else anyio.current_time() + token.expires_at - time.time()


async def _has_ended(sessions: SessionService, session: Session) -> bool:
    try:
        return session.user is None or await sessions.find_session(session.user, session.id) is None
    except (OutlookError, ValueError):
        # What cannot be known is not taken for granted; the client listens again when it can.
        return True


def _vet(ctx: ServerRequestContext[Any, Any]) -> None:
    """Reads what the SDK will read, so nothing that is spelled otherwise passes; malformed requests raise as there."""
    asked = SubscriptionsListenRequestParams.model_validate(ctx.params or {}, by_name=False)
    uris = asked.notifications.resource_subscriptions or []
    if len(uris) > MOST_URIS:
        raise MCPError(code=INVALID_PARAMS, message=f"A stream tells of {MOST_URIS} resources at most.")
    if not all(uri.startswith(OWN_MAILBOX) and len(uri) <= LONGEST_URI for uri in uris):
        raise MCPError(code=INVALID_PARAMS, message=f"Only resources under {OWN_MAILBOX} can be listened to.")
