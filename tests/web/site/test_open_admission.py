"""Requests without a valid token: attacks on HTTP itself, logs, and warnings at start."""

from __future__ import annotations

import asyncio
import io
import logging
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from outlook_mcp.app.http import serve_http
from outlook_mcp.cli.logs import log_to_stderr
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.http.serving import listening_socket
from tests.web.site.served import BOB, LEGACY, MODERN, Served


@pytest.mark.parametrize("path", ["/mcp/", "/mcp%2f", "/account/", "/token/", "//evil.example/mcp/"])
async def test_no_path_is_redirected_to_plain_http(site: Served, path: str) -> None:
    answer = await site.http.get(path)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


@pytest.mark.parametrize("host", ["", "evil.example"])
async def test_a_body_with_two_lengths_smuggles_no_second_request(site: Served, host: str) -> None:
    head = f"POST /token HTTP/1.1\r\nHost: {host or site.public_url.removeprefix('http://')}\r\n"
    lengths = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    smuggled = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await _until_closed(site, head + lengths + smuggled)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_second_request_that_is_never_finished_holds_no_connection(header_limited_site: Served) -> None:
    answer = await _until_closed(header_limited_site, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /heal")
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_body_that_was_answered_before_its_end_holds_no_connection(header_limited_site: Served) -> None:
    site = header_limited_site
    host = site.public_url.removeprefix("http://")
    answer = await _until_closed(site, f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n\r\n", "{")
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("path", ["/authorize", "/token", "/revoke", "/register"])
async def test_a_client_that_disconnects_early_is_not_logged_as_a_failure(site: Served, path: str) -> None:
    received: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return received.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    host = site.public_url.removeprefix("http://").encode()
    headers = [(b"host", host), (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    await site.site.app({**scope, "client": ("192.0.2.7", 1)}, receive, send)
    assert sent[0]["status"] == 408


async def test_a_connection_serves_on_after_each_whole_request(site: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    for part in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea", b"lthz HTTP/1.1\r\nHost: x\r\n\r\n"):
        writer.write(part)
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"live\n")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_the_debug_log_holds_no_token_link_or_mail(site: Served) -> None:
    written = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log_to_stderr("debug")
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    try:
        grant = await site.grant(BOB)
        answers = [await site.call(grant.access_token, "mail_search", era, limit=3) for era in (LEGACY, MODERN)]
        link = await site.call(grant.access_token, "mail_update", LEGACY, ids=["1"], read=True)
    finally:
        root.handlers[:], root.level = before
    assert all("Fire drill" in answer.text for answer in answers)
    assert "/connect?ticket=" in link.text
    for secret in (grant.access_token, grant.refresh_token, "Fire drill", "connect?ticket="):
        assert secret not in written.getvalue()


@pytest.mark.parametrize(("proxies", "is_told"), [((), True), (("10.0.0.5/32",), False)])
async def test_a_proxy_without_an_address_causes_a_warning_at_start(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, proxies: tuple[str, ...], is_told: bool
) -> None:
    await _started(sandbox, tmp_path, behind_tls_proxy=True, trusted_proxies=proxies)
    assert ("OUTLOOK_MCP_TRUSTED_PROXIES: nothing was read" in caplog.text) is is_told


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "anybody with any Microsoft account is let in"),
        ({"tenant": "organizations"}, "anybody with a Microsoft account of any organization is let in"),
        ({"tenant": "consumers"}, "anybody with a personal Microsoft account is let in"),
        ({"tenant": "contoso.example"}, None),
        ({"allowed_users": (":".join(["2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001"] * 2),)}, None),
        ({"allowed_tenants": ("2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001",)}, None),
    ],
)
async def test_a_server_that_admits_everybody_causes_a_warning_at_start(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, settings: dict[str, Any], told: str | None
) -> None:
    await _started(sandbox, tmp_path, **settings)
    lines = [record.getMessage() for record in caplog.records if "is let in" in record.getMessage()]
    assert len(lines) == (told is not None)
    assert told is None or told in lines[0]


@pytest.mark.parametrize("tenant", ["common", "organizations", "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001"])
async def test_an_issuer_that_clients_will_not_accept_causes_a_warning_at_start(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, tenant: str
) -> None:
    await _started(sandbox, tmp_path, auth="entra", client_secret="hush", tenant=tenant)
    told = f"TENANT: read '{tenant}'; expected the tenant's id, because OUTLOOK_MCP_AUTH is entra, and clients"
    assert (told in caplog.text) is (len(tenant) < 36)


async def _started(sandbox: Sandbox, folder: Path, **settings: Any) -> None:
    """Starts, and ends because the port is in use."""
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        given = {
            "client_id": sandbox.public_client_id,
            "authority": sandbox.http_url,
            "data_dir": folder,
            "public_url": f"http://127.0.0.1:{port}",
            "port": port,
        }
        port_is_taken = pytest.RaisesExc(ConfigurationError, match="Cannot listen")
        with pytest.RaisesGroup(port_is_taken, flatten_subgroups=True):
            await serve_http(GivenConfiguration.model_validate(given | settings))


async def _until_closed(site: Served, *parts: str) -> bytes:
    """Everything that the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    said = b""
    try:
        async with asyncio.timeout(5):
            for number, part in enumerate(parts):
                if number:
                    said += await reader.readuntil(b"\r\n\r\n")
                writer.write(part.encode())
            return said + await reader.read()
    finally:
        writer.close()
