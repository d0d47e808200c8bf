"""`resources/subscribe` of protocol versions up to 2025-11-25: news of resources in the client's own session."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import TaskGroup
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import ResourceUpdated, ServerEvent
from mcp.types import EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

from outlook_mcp.server.listening import ListenStreams
from outlook_mcp.server.subscription_bus import Listening, UserSubscriptionBus

_log = logging.getLogger(__name__)
# News of one resource are all alike: of many that nobody fetched, one is enough.
_MOST_WAITING = 1
_STATE = "resource subscriptions"


class SessionSubscriptions:
    """Serves `resources/subscribe` and `resources/unsubscribe` with the rules and limits of `subscriptions/listen`."""

    def __init__(self, streams: ListenStreams, bus: UserSubscriptionBus) -> None:
        self._streams = streams
        self._bus = bus
        self._tasks: TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While it is open, subscribed sessions are told of changes."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks = None
                tasks.cancel_scope.cancel()

    async def subscribe(self, ctx: ServerRequestContext[Any, Any], params: SubscribeRequestParams) -> EmptyResult:
        """A resource that is subscribed to already stays so. Refuses what `subscriptions/listen` refuses."""
        uri = str(params.uri)
        who = await self._streams.listener({uri})
        subscribed = _subscribed(ctx)
        has_ended = uri not in subscribed or subscribed[uri].cancel_called
        if has_ended and self._tasks is not None:
            scope = subscribed[uri] = anyio.CancelScope()
            try:
                await self._tasks.start(self._tell, ctx.session, who, uri, scope)
            except BaseException:
                del subscribed[uri]
                raise
        return EmptyResult()

    async def unsubscribe(self, ctx: ServerRequestContext[Any, Any], params: UnsubscribeRequestParams) -> EmptyResult:
        """Without effect where nothing was subscribed to."""
        scope = _subscribed(ctx).pop(str(params.uri), None)
        if scope is not None:
            scope.cancel()
        return EmptyResult()

    async def _tell(
        self,
        session: ServerSession,
        who: Listening,
        uri: str,
        scope: anyio.CancelScope,
        *,
        task_status: anyio.abc.TaskStatus[None],
    ) -> None:
        """Until the client unsubscribes, its session or token ends, or the server stops."""
        sending, waiting = anyio.create_memory_object_stream[ServerEvent](_MOST_WAITING)

        def heard(event: ServerEvent) -> None:
            if isinstance(event, ResourceUpdated) and event.uri == uri:
                try:
                    sending.send_nowait(event)
                except anyio.WouldBlock:
                    return

        unsubscribe = self._bus.subscribe_for(who.user, heard)
        try:
            with scope, sending, waiting, self._streams.open_stream(who, {uri}) as stream, stream.scope:
                task_status.started()
                async for _ in waiting:
                    await session.send_resource_updated(uri)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            _log.debug("A session that subscribed to a resource is closed.")
        finally:
            unsubscribe()
            scope.cancel()


def _subscribed(ctx: ServerRequestContext[Any, Any]) -> dict[str, anyio.CancelScope]:
    """What ends the subscriptions of the client's session, by resource. All end with the session.

    The SDK makes a `ServerSession` for each request and keeps the client's own session behind it.
    """
    connection = ctx.session._connection
    if _STATE not in connection.state:
        subscribed: dict[str, anyio.CancelScope] = {}
        connection.state[_STATE] = subscribed
        connection.exit_stack.callback(_end_all, subscribed)
    scopes: dict[str, anyio.CancelScope] = connection.state[_STATE]
    return scopes


def _end_all(subscribed: dict[str, anyio.CancelScope]) -> None:
    for scope in subscribed.values():
        scope.cancel()
