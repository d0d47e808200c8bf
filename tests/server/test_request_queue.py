"""Over stdio at most 16 requests run at a time; the rest wait, and are dropped with the client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import anyio
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.mcpserver import MCPServer
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCMessage, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from outlook_mcp.server.request_queue import MOST_RUNNING, queued_requests
from outlook_mcp.server.running_requests import RunningRequests
from tests.waiting import patience

SENT = 1_500


@dataclass
class Pipeliner:
    """A client that sends what it is told, and reads an answer only when told."""

    to_server: MemoryObjectSendStream[SessionMessage | Exception]
    from_server: MemoryObjectReceiveStream[SessionMessage]
    begun: list[int]
    finish: anyio.Event
    running: RunningRequests
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def send(self, method: str, params: dict[str, Any] | None = None) -> int:
        number = next(self.numbers)
        await self._write(JSONRPCRequest(jsonrpc="2.0", id=number, method=method, params=params))
        return number

    async def work(self) -> int:
        return await self.send("tools/call", {"name": "work", "arguments": {"number": next(self.numbers)}})

    async def notify(self, method: str, **params: Any) -> None:
        await self._write(JSONRPCNotification(jsonrpc="2.0", method=method, params=params))

    async def answer(self) -> JSONRPCMessage:
        return (await self.from_server.receive()).message

    async def _write(self, message: JSONRPCMessage) -> None:
        await self.to_server.send(SessionMessage(message))


@asynccontextmanager
async def served() -> AsyncIterator[Pipeliner]:
    """A client that has initialized, and a server whose tool notes each call and waits for `finish`."""
    to_server, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, from_server = anyio.create_memory_object_stream[SessionMessage](0)
    client = Pipeliner(to_server, from_server, [], anyio.Event(), RunningRequests())
    mcp = MCPServer("test", log_level="WARNING")

    async def work(number: int) -> str:
        client.begun.append(number)
        await client.finish.wait()
        return "done"

    mcp.add_tool(work)

    async def serve() -> None:
        server = mcp._lowlevel_server
        async with queued_requests(received, sent, running=client.running) as streams:
            await server.run(*streams, server.create_initialization_options())

    async with patience(), anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        info = {"name": "test", "version": "1"}
        await client.send("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info})
        await client.answer()
        await client.notify("notifications/initialized")
        yield client
        await to_server.aclose()
        await from_server.aclose()


async def everything_that_can_run() -> None:
    await anyio.wait_all_tasks_blocked()


async def test_of_1500_calls_whose_answers_nobody_reads_16_run_and_none_after_the_client_is_gone() -> None:
    async with served() as client, anyio.create_task_group() as tasks:

        async def pipeline() -> None:
            for _ in range(SENT):
                await client.work()

        tasks.start_soon(pipeline)
        await everything_that_can_run()
        assert len(client.begun) == MOST_RUNNING
        client.finish.set()
        await everything_that_can_run()
        assert len(client.begun) == MOST_RUNNING
        tasks.cancel_scope.cancel()
    assert len(client.begun) == MOST_RUNNING


async def test_who_waits_until_no_request_runs_goes_on_when_the_last_answer_is_read() -> None:
    async with served() as client, anyio.create_task_group() as tasks:
        went_on = anyio.Event()

        async def wait() -> None:
            await client.running.wait_for_none()
            went_on.set()

        for _ in range(2):
            await client.work()
        await everything_that_can_run()
        tasks.start_soon(wait)
        client.finish.set()
        await client.answer()
        await everything_that_can_run()
        assert not went_on.is_set()
        await client.answer()
        await went_on.wait()
        await client.running.wait_for_none()


async def test_each_answer_that_is_read_starts_the_call_that_has_waited_longest() -> None:
    async with served() as client:
        for _ in range(MOST_RUNNING + 10):
            await client.work()
        client.finish.set()
        answers = [await client.answer() for _ in range(MOST_RUNNING + 10)]
        assert all(isinstance(answer, JSONRPCResponse) for answer in answers)
        assert client.begun == sorted(client.begun)
        assert len(client.begun) == MOST_RUNNING + 10


@pytest.mark.parametrize("which", ["running", "waiting"])
async def test_a_cancelled_call_makes_room_and_a_waiting_one_is_never_started(which: str) -> None:
    async with served() as client:
        numbers = [await client.work() for _ in range(MOST_RUNNING + 2)]
        await everything_that_can_run()
        waiting = numbers[MOST_RUNNING]
        await client.notify("notifications/cancelled", requestId=numbers[0] if which == "running" else waiting)
        await everything_that_can_run()
        assert len(client.begun) == MOST_RUNNING + (which == "running")
        client.finish.set()
        answered = {message.id async for message in _answers(client, MOST_RUNNING + 1)}
        assert answered == set(numbers) - {numbers[0] if which == "running" else waiting}


async def _answers(client: Pipeliner, number: int) -> AsyncIterator[JSONRPCResponse]:
    for _ in range(number):
        message = await client.answer()
        assert isinstance(message, JSONRPCResponse)
        yield message


async def test_a_ping_is_answered_while_calls_wait() -> None:
    async with served() as client:
        for _ in range(MOST_RUNNING + 1):
            await client.work()
        ping = await client.send("ping")
        answer = await client.answer()
        assert isinstance(answer, JSONRPCResponse)
        assert answer.id == ping


async def test_calls_with_the_same_id_are_counted_each() -> None:
    async with served() as client:
        for _ in range(MOST_RUNNING * 2):
            client.numbers = count(7)
            await client.work()
        await everything_that_can_run()
        assert len(client.begun) == MOST_RUNNING
