"""The server waits without being woken, and ends when it is told to."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path

import anyio
import httpx
import pytest
import trustme
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from outlook_mcp.net.clock import unix_time
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.http.serving import (
    ANSWERED_BEYOND,
    DrainingServer,
    Listener,
    SlowClientProtocol,
    http_server,
    listening_socket,
)
from tests.waiting import patience, until


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


async def test_long_and_short_answers_arrive_whole_over_tls(tmp_path: Path) -> None:
    authority, certificate, trust = trustme.CA(), tmp_path / "site.pem", ssl.create_default_context()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.configure_trust(trust)
    for size in (1, 2**22):
        listening = listening_socket("127.0.0.1", 0)
        server = http_server(PlainTextResponse("x" * size), Listener(certificate), Drain())
        serving = asyncio.create_task(server.serve_embedded(listening))
        async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=20) as http:
            for _ in range(2):
                answer = await http.get(f"https://localhost:{listening.getsockname()[1]}/")
                assert answer.text == "x" * size
        server.should_exit = True
        await serving


async def test_a_client_that_sends_requests_and_never_reads_holds_no_connection() -> None:
    listening = listening_socket("127.0.0.1", 0)
    server = http_server(PlainTextResponse("x" * 2**20), Listener(unread_deadline_s=0.05), Drain())
    serving = asyncio.create_task(server.serve_embedded(listening))
    greedy = socket.socket()
    greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    greedy.setblocking(False)
    await asyncio.get_running_loop().sock_connect(greedy, listening.getsockname())
    # More than the system keeps for a connection.
    await asyncio.get_running_loop().sock_sendall(greedy, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
    await until(lambda: bool(server.server_state.connections))
    await until(lambda: not server.server_state.connections)
    greedy.close()
    server.should_exit = True
    await serving


class _Read(asyncio.Transport):
    """So many bytes are unread at each look; afterwards always as many as at the last."""

    def __init__(self, *unread: int) -> None:
        super().__init__()
        self._unread = list(unread)
        self.aborted = asyncio.Event()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 1

    def get_write_buffer_size(self) -> int:
        return self._unread.pop(0) if len(self._unread) > 1 else self._unread[0]

    def abort(self) -> None:
        assert len(self._unread) == 1
        self.aborted.set()


async def test_a_client_that_reads_a_part_of_its_answer_in_time_has_as_long_for_the_next() -> None:
    transport = _Read(5000, 4000, 3000, 2999, 1)
    config = http_server(PlainTextResponse("here"), Listener(), Drain()).config
    config.load()
    protocol = SlowClientProtocol(
        header_deadline_s=60, unread_deadline_s=0.01, config=config, server_state=ServerState(), app_state={}
    )
    protocol.connection_made(transport)
    protocol.pause_writing()
    async with patience():
        await transport.aborted.wait()


async def test_connections_far_beyond_the_limit_are_closed_though_they_send_nothing() -> None:
    listening = listening_socket("127.0.0.1", 0)
    server = http_server(PlainTextResponse("here"), Listener(), Drain())
    server.config.limit_concurrency = 2
    serving = asyncio.create_task(server.serve_embedded(listening))
    held = [await asyncio.open_connection(*listening.getsockname()) for _ in range(2 + ANSWERED_BEYOND)]
    await until(lambda: len(server.server_state.connections) == len(held))
    beyond, unanswered = await asyncio.open_connection(*listening.getsockname())
    async with patience():
        with suppress(ConnectionResetError):
            assert await beyond.read() == b""
    reader, writer = held[0]
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 503")
    for writer in (unanswered, *(writer for _, writer in held)):
        writer.close()
    server.should_exit = True
    await serving
