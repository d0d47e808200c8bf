"""The server waits without being woken, and ends when it is told to."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse

from outlook_mcp.net.clock import unix_time
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.http.serving import DrainingServer, Listener, http_server, listening_socket


async def test_an_idle_server_does_nothing_until_another_thread_or_a_signal_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks: list[int] = []
    monkeypatch.setattr(DrainingServer, "on_tick", lambda self, counter: ticks.append(counter))
    server = http_server(PlainTextResponse("here"), Listener(), Drain())
    waiting = asyncio.create_task(server.main_loop())
    await asyncio.sleep(0)
    assert not waiting.done()
    await asyncio.to_thread(setattr, server, "should_exit", True)
    with anyio.fail_after(10):
        await waiting
        # One that was told before it began does not begin.
        await server.main_loop()
    assert ticks == []


async def test_each_answer_has_the_date_of_its_second() -> None:
    listening = listening_socket("127.0.0.1", 0)
    server = http_server(PlainTextResponse("here"), Listener(), Drain())
    began = int(unix_time())
    serving = asyncio.create_task(server.serve_embedded(listening))
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    server.should_exit = True
    await serving
    assert began <= parsedate_to_datetime(answer.headers["date"]).timestamp() <= unix_time()
    assert len(answer.headers.get_list("date")) == 1
