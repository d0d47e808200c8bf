"""How requests to an issuer travel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from outlook_mcp.errors import ConfigurationError, SignInUnavailable
from outlook_mcp.net.json_http import JsonHttp


class _Peer:
    """Answers every request alike and remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: fpc=user1; path=/\r\n\r\n{}"
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(self.answer.replace(b"HOME", self.url.encode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def peer() -> AsyncIterator[_Peer]:
    peer = _Peer()
    async with await asyncio.start_server(peer.serve, "127.0.0.1", 0) as server:
        peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield peer


@pytest.fixture
async def http(peer: _Peer) -> AsyncIterator[JsonHttp]:
    http = JsonHttp("Entra ID", peer.url, ca_file=None, deadline_s=0.5)
    yield http
    await http.aclose()


async def test_a_cookie_of_one_answer_travels_with_no_other_request(peer: _Peer, http: JsonHttp) -> None:
    for _ in range(3):
        await http.get_json(peer.url)
    assert len(peer.requests) == 3
    assert not any(b"cookie" in request.lower() for request in peer.requests)


async def test_a_redirect_is_not_followed(peer: _Peer, http: JsonHttp) -> None:
    peer.answer = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: HOME/elsewhere\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(SignInUnavailable, match="HTTP 307"):
        await http.get_json(peer.url)
    assert len(peer.requests) == 1


async def test_a_proxy_setting_does_not_reach_this_machine(
    peer: _Peer, http: JsonHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert (await http.get_json(peer.url)).status == 200


async def test_an_endless_answer_is_cut_off_in_size_or_time(peer: _Peer, http: JsonHttp) -> None:
    for content in (b"x" * 2_000_000, b"x"):
        peer.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + content
        with pytest.raises(SignInUnavailable):
            await http.get_json(peer.url)


async def test_nothing_is_sent_where_it_could_be_read(http: JsonHttp) -> None:
    with pytest.raises(ConfigurationError):
        await http.post_form("http://login.example/token", {"refresh_token": "x"})


async def test_an_answer_is_not_shown(peer: _Peer, http: JsonHttp) -> None:
    peer.answer = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"a": "hush"}'
    assert "hush" not in repr(await http.get_json(peer.url))
