"""How many requests one mailbox gets at a time."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import anyio
import pytest

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.concurrency_limit import ConcurrencyLimit
from tests.graph.calls import read
from tests.graph.scripted_graph import ScriptedGraph, Silence
from tests.waiting import until


class Mailbox:
    """Notes what is under way, each request and batch by its number of parts."""

    def __init__(self, limit: int) -> None:
        self._limit = ConcurrencyLimit(limit)
        self.running: list[int] = []
        self.may_end = {number: anyio.Event() for number in range(10)}

    async def ask(self, parts: int) -> None:
        entered: AbstractAsyncContextManager[None]
        entered = self._limit.batch_of(parts) if parts else self._limit.single_request()
        async with entered:
            self.running.append(parts)
            await self.may_end[parts].wait()
            self.running.remove(parts)


SINGLE = 0


@pytest.mark.parametrize(
    ("asked", "at_once"),
    [
        ([SINGLE, 3], [SINGLE, 3]),
        ([SINGLE, 4], [SINGLE]),
        ([2, 1, SINGLE, 5], [2, 1, SINGLE]),
        ([7, SINGLE], [7]),
        # Two that each held half of what they need would wait for ever.
        ([SINGLE, 4, 3], [SINGLE]),
    ],
)
async def test_a_batch_takes_as_many_places_as_it_has_parts_and_at_most_all(
    asked: list[int], at_once: list[int]
) -> None:
    mailbox = Mailbox(4)
    async with anyio.create_task_group() as tasks:
        for parts in asked:
            tasks.start_soon(mailbox.ask, parts)
        await anyio.wait_all_tasks_blocked()
        assert mailbox.running == at_once
        for event in mailbox.may_end.values():
            event.set()
    assert mailbox.running == []


async def test_a_cancelled_batch_gives_back_the_places_that_it_had_so_far() -> None:
    mailbox = Mailbox(4)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(mailbox.ask, SINGLE)
        await anyio.wait_all_tasks_blocked()
        async with anyio.create_task_group() as cancelled:
            cancelled.start_soon(mailbox.ask, 4)
            await anyio.wait_all_tasks_blocked()
            cancelled.cancel_scope.cancel()
        tasks.start_soon(mailbox.ask, 3)
        await anyio.wait_all_tasks_blocked()
        assert mailbox.running == [SINGLE, 3]
        for event in mailbox.may_end.values():
            event.set()


async def test_a_small_batch_goes_to_graph_while_a_list_is_read(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.answers = [Silence(), Silence()]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read, client)
        tasks.start_soon(client.answers_to, [client.request(client.me.messages.by_message_id(id_)) for id_ in "abc"])
        await until(lambda: len(graph.asked) == 2)
        tasks.cancel_scope.cancel()
    assert sorted(asked.path for asked in graph.asked) == ["/v1.0/$batch", "/v1.0/me/messages"]
