"""The loopback listener answers `/callback` only, and its pages run and reveal nothing."""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import socket
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
import toktok

from outlook_mcp.oauth.sign_in import loopback
from outlook_mcp.oauth.sign_in.loopback import LARGEST_HEAD, MOST_READING, LoopbackListener, Page


class _Visited:
    """A listener and what its handler was given."""

    def __init__(self) -> None:
        self.callbacks: list[dict[str, str]] = []
        self.listener = LoopbackListener("localhost", self.handle)

    async def handle(self, callback: Mapping[str, str]) -> Page:
        self.callbacks.append(dict(callback))
        return Page(HTTPStatus.OK, "<b>Hello</b>", "it's & done")

    @property
    def port(self) -> int:
        return urlsplit(self.listener.redirect_uri).port or 0

    async def sent(self, raw: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            await writer.drain()
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    async def asked(self, target: str, *, method: str = "GET", host: str = "") -> bytes:
        return await self.sent(
            f"{method} {target} HTTP/1.1\r\nHost: {host or f'localhost:{self.port}'}\r\n\r\n".encode()
        )


@pytest.fixture
async def visited() -> AsyncIterator[_Visited]:
    visited = _Visited()
    visited.listener = await LoopbackListener.listen("localhost", visited.handle)
    yield visited
    await visited.listener.aclose()


async def test_the_callback_reaches_the_handler(visited: _Visited) -> None:
    answer = await visited.asked("/callback?code=a%20b&state=c")
    assert visited.callbacks == [{"code": "a b", "state": "c"}]
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_the_page_is_escaped_and_can_do_nothing(visited: _Visited) -> None:
    answer = (await visited.asked("/callback?state=c")).decode()
    assert "&lt;b&gt;Hello" in answer
    assert "it&#x27;s &amp; done" in answer
    assert "<script" not in answer
    style = answer.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.partition("\r\n\r\n")[0]
    for header in ("default-src 'none'", "frame-ancestors 'none'", "nosniff", "no-referrer", "no-store"):
        assert header in answer.partition("\r\n\r\n")[0]


@pytest.mark.parametrize(
    "target", ["/", "/favicon.ico", "/callback/", "/callbacks", "//evil/callback", "http://x/callback"]
)
async def test_other_paths_are_not_found(visited: _Visited, target: str) -> None:
    assert b" 404 " in (await visited.asked(target)).split(b"\r\n")[0]
    assert not visited.callbacks


async def test_a_short_link_leads_to_the_sign_in_and_costs_a_model_few_tokens(visited: _Visited) -> None:
    url = f"https://login.example/authorize?{'x' * 900}"
    link = visited.listener.short_link(url)
    assert toktok.batch_count([link], "o200k_base")[0] <= 60
    answer = (await visited.asked(urlsplit(link).path)).decode().split("\r\n")
    assert answer[0] == "HTTP/1.1 303 See Other"
    assert f"Location: {url}" in answer
    assert b" 404 " in await visited.asked(f"{urlsplit(link).path}x")
    assert b" 421 " in await visited.asked(urlsplit(link).path, host="evil.example")
    assert not visited.callbacks


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "get"])
async def test_other_methods_are_refused(visited: _Visited, method: str) -> None:
    assert b" 405 " in (await visited.asked("/callback?state=c", method=method)).split(b"\r\n")[0]
    assert not visited.callbacks


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:1", "localhost.evil.example"])
async def test_a_host_name_of_another_site_is_refused(visited: _Visited, host: str) -> None:
    assert b" 421 " in (await visited.asked("/callback?state=c", host=host)).split(b"\r\n")[0]
    assert not visited.callbacks


async def test_a_parameter_given_twice_is_refused(visited: _Visited) -> None:
    assert b" 400 " in (await visited.asked("/callback?state=a&state=b")).split(b"\r\n")[0]
    assert b" 400 " in (await visited.asked("/callback?" + "&".join(f"a{n}=1" for n in range(50)))).split(b"\r\n")[0]
    assert not visited.callbacks


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"GET /callback HTTP/1.1\r\n\r\n",
        b"\xff" * 90 + b"\r\n\r\n",
    ],
)
async def test_an_unreadable_request_is_refused(visited: _Visited, raw: bytes) -> None:
    assert b" 200 " not in (await visited.sent(raw)).split(b"\r\n")[0]
    assert not visited.callbacks


async def test_an_endless_head_is_cut_off(visited: _Visited) -> None:
    assert await visited.sent(b"GET /callback HTTP/1.1\r\nX: " + b"x" * (4 * LARGEST_HEAD)) == b""


async def test_a_flood_of_connections_that_send_nothing_keeps_no_callback_away(visited: _Visited) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", visited.port) for _ in range(3 * MOST_READING)]
    try:
        answer = await visited.asked("/callback?state=right")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert visited.callbacks == [{"state": "right"}]
        assert len(visited.listener._reading) <= MOST_READING
        assert await idle[0][0].read() == b""
    finally:
        for _, writer in idle:
            writer.close()


async def test_closing_waits_for_the_page_that_is_being_sent() -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    class _Slow(_Visited):
        async def handle(self, callback: Mapping[str, str]) -> Page:
            entered.set()
            await go_on.wait()
            return await super().handle(callback)

    visited = _Slow()
    visited.listener = await LoopbackListener.listen("localhost", visited.handle)
    asking = asyncio.create_task(visited.asked("/callback?state=c"))
    await entered.wait()
    closing = asyncio.create_task(visited.listener.aclose())
    go_on.set()
    assert b" 200 " in await asking
    await closing
    with pytest.raises(ConnectionRefusedError):
        await visited.asked("/callback")


async def test_it_listens_on_both_addresses_that_a_browser_may_take_for_localhost(visited: _Visited) -> None:
    """Where only one were taken, another program could listen on the other and be sent the code."""
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        with pytest.raises(OSError, match=r"in use|not available|not supported|Cannot assign"):
            other.bind(("::1", visited.port))


async def test_a_port_that_another_program_has_on_one_of_them_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    real, refusals = loopback._bound_to, [errno.EADDRINUSE]

    def bound_to(address: str, port: int) -> socket.socket:
        if address == "::1" and refusals:
            raise OSError(refusals.pop(), "taken")
        return real(address, port)

    monkeypatch.setattr(loopback, "_bound_to", bound_to)
    for bound in loopback._bound_sockets():
        bound.close()
    assert refusals == []


async def test_without_ipv6_it_listens_on_the_other_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    real = loopback._bound_to

    def bound_to(address: str, port: int) -> socket.socket:
        if address == "::1":
            raise OSError(errno.EADDRNOTAVAIL, "no such address")
        return real(address, port)

    monkeypatch.setattr(loopback, "_bound_to", bound_to)
    (bound,) = loopback._bound_sockets()
    bound.close()
