"""Limits how many requests of one stdio client run at a time.

The SDK starts a task for every request that it reads, and keeps the answers until the client reads them. A client that
sends many requests, reads no answer and goes away would have all of them carried out. Here the rest wait until answers
have been written. Those that still wait when the client closes standard input, or that it cancels, are never started.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Self

import anyio
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp.types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from outlook_mcp.server.running_requests import RunningRequests

MOST_RUNNING = 16
# These cost nothing, or last as long as the connection.
_NEVER_WAIT = frozenset({"initialize", "ping", "subscriptions/listen"})

Incoming = SessionMessage | Exception


@asynccontextmanager
async def queued_requests(
    received: ObjectReceiveStream[Incoming],
    sent: ObjectSendStream[SessionMessage],
    *,
    running: RunningRequests | None = None,
    answered: Collection[str | int] = (),
    most_running: int = MOST_RUNNING,
) -> AsyncIterator[tuple[ObjectReceiveStream[Incoming], RequestQueue]]:
    """The two streams to hand to the server in place of those of the transport.

    `running` gets to know which requests run. The first answer to each request of the ids `answered` is not sent.
    """
    forward, forwarded = anyio.create_memory_object_stream[Incoming](math.inf)
    running = RunningRequests() if running is None else running
    queue = RequestQueue(forward, sent, running, most_running, answered)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(queue.relay, received)
        yield forwarded, queue
        tasks.cancel_scope.cancel()


class RequestQueue:
    """Hands requests on in order, and is the stream that their answers are written to.

    It always goes on reading: a client may cancel a request, answer a question of a running one, or leave.
    """

    def __init__(
        self,
        forward: ObjectSendStream[Incoming],
        sent: ObjectSendStream[SessionMessage],
        running: RunningRequests,
        most_running: int,
        answered: Collection[str | int] = (),
    ) -> None:
        self._forward = forward
        self._sent = sent
        self._most_running = most_running
        # With the id of each. A client that gives two requests the same id has both of them counted.
        self._waiting: deque[tuple[str, SessionMessage]] = deque()
        self._running = running
        self._answered = list(answered)

    async def relay(self, received: ObjectReceiveStream[Incoming]) -> None:
        """Reads what the client sends until it closes the stream; then the waiting requests are dropped."""
        # The server may have closed its end.
        with suppress(anyio.BrokenResourceError):
            async with self._forward, received:
                async for item in received:
                    await self._take_message(item)
                self._waiting.clear()

    async def send(self, item: SessionMessage, /) -> None:
        """Returns when the transport has taken the message."""
        message = item.message
        answered = message.id if isinstance(message, JSONRPCResponse | JSONRPCError) else None
        if answered is not None and answered in self._answered:
            self._answered.remove(answered)
        else:
            await self._sent.send(item)
        if answered is not None:
            await self._end_request(str(answered))

    async def aclose(self) -> None:
        await self._sent.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _take_message(self, item: Incoming) -> None:
        message = None if isinstance(item, Exception) else item.message
        if (
            isinstance(item, SessionMessage)
            and isinstance(message, JSONRPCRequest)
            and message.method not in _NEVER_WAIT
        ):
            self._waiting.append((str(message.id), item))
            await self._start_next()
        elif not self._is_cancelled_while_waiting(message):
            await self._forward.send(item)

    async def _start_next(self) -> None:
        while self._waiting and len(self._running) < self._most_running:
            request_id, item = self._waiting.popleft()
            self._running.begin(request_id)
            # The SDK calls this for a request that the client cancelled, which gets no answer.
            metadata = ServerMessageMetadata(on_request_unanswered=partial(self._end_request, request_id))
            await self._forward.send(replace(item, metadata=metadata))

    async def _end_request(self, request_id: str) -> None:
        if self._running.end(request_id):
            await self._start_next()

    def _is_cancelled_while_waiting(self, message: object) -> bool:
        if not isinstance(message, JSONRPCNotification) or message.method != "notifications/cancelled":
            return False
        cancelled = str((message.params or {}).get("requestId"))
        kept = [(request_id, item) for request_id, item in self._waiting if request_id != cancelled]
        was_waiting = len(kept) < len(self._waiting)
        self._waiting = deque(kept)
        return was_waiting
