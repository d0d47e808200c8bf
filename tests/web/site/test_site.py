"""Headers, limits and hosts of every answer of the site, its start and its shutdown."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from outlook_mcp.app.http import open_site
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.web.http import site as site_module
from outlook_mcp.web.http.serving import listening_socket
from tests.web.pages.person import Shown
from tests.web.site.served import MODERN, Served, served

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


async def test_the_site_answers_under_its_public_host_name_only(site: Served) -> None:
    for name in ("evil.example", "127.0.0.1", "localhost:1", ""):
        answer = await site.http.get("/account", headers={"Host": name})
        assert answer.status_code == 421
    assert (await site.http.get("/account")).status_code == 200


async def test_the_bare_address_says_what_this_is_and_how_to_connect(site: Served) -> None:
    answer = await site.http.get("/")
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    words = Shown(str(answer.url), 200, answer.text).words
    assert f"claude mcp add --transport http outlook {site.public_url}/mcp" in words
    assert "Read your mail" in words
    assert "you sign in to Microsoft" in words
    assert 'href="/account"' in answer.text


async def test_a_browser_gets_a_page_where_nothing_is_and_a_client_a_line(site: Served) -> None:
    page = await site.http.get("/nowhere", headers=BROWSER)
    assert (page.status_code, "There is no such page" in page.text, 'href="/"' in page.text) == (404, True, True)
    line = await site.http.get("/.well-known/nowhere")
    assert (line.status_code, line.text) == (404, "Not Found")


async def test_a_browser_that_opens_the_address_for_apps_is_told_what_it_is_for(site: Served) -> None:
    client, page = await site.http.get("/mcp"), await site.http.get("/mcp", headers=BROWSER)
    assert page.status_code == client.status_code == 401
    assert page.headers["www-authenticate"] == client.headers["www-authenticate"]
    assert "This address is for apps" in page.text
    assert client.json()["error"] == "unauthorized"
    refused = await site.http.get("/mcp", headers={**BROWSER, "Authorization": "Bearer unknown"})
    assert refused.json()["error"] == "invalid_token"


async def test_health_checks_answer_under_any_host_name(site: Served) -> None:
    for path, text in (("/healthz", "live\n"), ("/readyz", "ready\n")):
        answer = await site.http.get(path, headers={"Host": "10.1.2.3"})
        assert (answer.status_code, answer.text) == (200, text)


async def test_another_origin_may_not_call_mcp(site: Served) -> None:
    grant = await site.grant()
    headers = {"Authorization": f"Bearer {grant.access_token}", "Origin": "https://evil.example"}
    assert (await site.http.post("/mcp", json={}, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "path", ["/mcp", "/account", "/readyz", "/nowhere", "/authorize", "/consent", "/graph/notices"]
)
async def test_every_answer_carries_the_security_headers(site: Served, path: str) -> None:
    headers = (await site.http.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_body_that_is_too_large_is_refused(site: Served) -> None:
    grant = await site.grant()
    headers = {"Authorization": f"Bearer {grant.access_token}", "Content-Type": "application/json"}
    answer = await site.http.post("/mcp", content=b" " * (5 * 1024 * 1024), headers=headers)
    assert answer.status_code == 413


async def test_too_many_headers_are_refused(site: Served) -> None:
    headers = {f"X-{number}": "x" for number in range(site_module.MOST_HEADERS)}
    assert (await site.http.get("/healthz", headers=headers)).status_code == 431


async def test_headers_that_are_too_long_are_refused(site: Served) -> None:
    answer = await site.http.get("/healthz", headers={"X-Long": "x" * (site_module.MOST_HEADER_BYTES)})
    assert answer.status_code == 431


async def test_a_connection_without_a_complete_header_is_closed(header_limited_site: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", header_limited_site.port)
    writer.write(b"GET /healthz HTT")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize("request_line", ["POST /mcp", "GET /mcp", "POST /consent", "POST /token"])
async def test_a_body_that_never_ends_is_refused_at_the_deadline(body_limited_site: Served, request_line: str) -> None:
    site = body_limited_site
    grant = await site.grant()
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    host = site.public_url.removeprefix("http://")
    head = f"{request_line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {grant.access_token}\r\n"
    media_type = "application/json" if "/mcp" in request_line else "application/x-www-form-urlencoded"
    head += f"Accept: application/json, text/event-stream\r\nContent-Type: {media_type}\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    async with asyncio.timeout(5):
        answer = await reader.read(12)
    writer.close()
    assert answer == b"HTTP/1.1 408"


async def test_forwarded_headers_of_an_unknown_sender_are_ignored(site: Served) -> None:
    grant = await site.grant()
    headers = {"Authorization": f"Bearer {grant.access_token}", "X-Forwarded-For": "203.0.113.9"}
    await site.http.post("/mcp", json={}, headers=headers)
    session = await _only_session(site)
    assert session == "127.0.0.1"


async def test_a_trusted_proxy_gives_the_address_of_the_caller(sandbox: Sandbox, tmp_path: Path) -> None:
    async with served(sandbox, tmp_path, trusted_proxies=("127.0.0.1/32",)) as site:
        grant = await site.grant()
        headers = {"Authorization": f"Bearer {grant.access_token}", "X-Forwarded-For": "203.0.113.9"}
        await site.http.post("/mcp", json={}, headers=headers)
        assert await _only_session(site) == "203.0.113.9"


async def test_https_is_served_with_a_configured_certificate(sandbox: Sandbox, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = tmp_path / "site.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    async with served(sandbox, tmp_path / "data", tls_certificate=certificate) as site:
        url = site.public_url.replace("http://127.0.0.1", "https://127.0.0.1")
        async with httpx.AsyncClient(verify=trust, trust_env=False) as http:
            answer = await http.get(f"{url.replace('127.0.0.1', 'localhost')}/healthz")
        assert answer.text == "live\n"


async def test_calls_in_progress_are_finished_at_shutdown(sandbox: Sandbox, tmp_path: Path) -> None:
    async with served(sandbox, tmp_path) as site:
        grant = await site.grant()
        await site.call(grant.access_token, "mail_folders")
        site.sandbox.faults.replace_rules([Fault(route="/v1.0/me/messages*", delay_s=0.5, times=1)])
        call = asyncio.create_task(site.call(grant.access_token, "mail_search", folder="all"))
        while site.sandbox.faults.waiting == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        site.server.should_exit = True
        answer = await call
    assert answer.status_code == 200
    assert "messages" in answer.text


async def test_a_server_that_shuts_down_is_not_ready(site: Served) -> None:
    site.site.drain.begin()
    answer = await site.http.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "shutting down\n")
    assert (await site.http.get("/healthz")).status_code == 200


async def test_the_server_is_not_ready_while_the_store_is_unavailable(site: Served) -> None:
    vault_file = site.site.components.configuration.data_dir / "vault.db"
    await site.site.components.vault.close()
    vault_file.rename(vault_file.with_suffix(".away"))
    vault_file.mkdir()
    answer = await site.http.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "vault_unavailable\n")


async def test_a_port_in_use_is_reported_in_one_line() -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Cannot listen on 127.0.0.1 port {port}"):
            listening_socket("127.0.0.1", port)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "OUTLOOK_MCP_PUBLIC_URL: nothing was read"),
        (
            {"public_url": "https://mail.example.com"},
            "PUBLIC_URL: read 'https://mail.example.com'; expected an http:// address, because neither",
        ),
        (
            {"public_url": "http://127.0.0.1:8080", "host": "0.0.0.0"},
            "HOST: read '0.0.0.0'; expected an address of this machine only, .* because neither",
        ),
        (
            {"public_url": "http://localhost:8080", "host": "0.0.0.0", "behind_tls_proxy": True},
            "PUBLIC_URL: read 'http://localhost:8080'; .* other machines reach, because OUTLOOK_MCP_HOST is 0.0.0.0",
        ),
        ({"public_url": "http://[::1]:8080"}, "OUTLOOK_MCP_HOST is 127.0.0.1 .* Set OUTLOOK_MCP_HOST=::1"),
        (
            {"public_url": "http://127.0.0.1:8080", "host": "::1"},
            "OUTLOOK_MCP_HOST is ::1 .* Set OUTLOOK_MCP_HOST=",
        ),
        ({"public_url": "http://127.0.0.1:9000"}, "OUTLOOK_MCP_PORT is 8080 .* Set OUTLOOK_MCP_PORT=9000"),
        ({"public_url": "http://127.0.0.1"}, "OUTLOOK_MCP_PORT is 8080 .* Set OUTLOOK_MCP_PORT=80"),
    ],
)
async def test_an_unsafe_or_missing_address_refuses_to_start(
    sandbox: Sandbox, tmp_path: Path, settings: dict[str, Any], told: str
) -> None:
    configuration = GivenConfiguration.model_validate(
        {"client_id": sandbox.public_client_id, "data_dir": str(tmp_path), **settings}
    )
    with pytest.raises(ConfigurationError, match=told):
        async with open_site(configuration):
            pass
    assert not (tmp_path / "vault.db").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {"public_url": "http://127.0.0.1:8080"},
        {"public_url": "http://127.0.0.1:8080", "host": "localhost"},
        {"public_url": "http://localhost:8080", "host": "::1"},
        {"public_url": "http://[::1]:8080", "host": "::1"},
        {"public_url": "http://127.0.0.1:9000", "trusted_proxies": ("127.0.0.1/32",)},
        {"public_url": "https://localhost", "behind_tls_proxy": True},
        {"public_url": "https://mail.example.com", "host": "0.0.0.0", "behind_tls_proxy": True},
    ],
)
def test_an_address_that_clients_can_reach_is_accepted(settings: dict[str, Any]) -> None:
    app = {"client_id": "11111111-2222-3333-4444-555555555555", "client_secret": "hush"}
    assert GivenConfiguration.model_validate(app | settings).require_web().public_url == settings["public_url"]


async def test_a_call_of_either_era_reaches_the_same_server(site: Served) -> None:
    for mode in ("auto", "legacy"):
        async with site.client(mode=mode) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert "mail_search" in names


async def test_discovery_is_the_same_for_every_caller(site: Served) -> None:
    grant = await site.grant()
    answer = await site.rpc(grant.access_token, "server/discover", version=MODERN)
    assert json.loads(answer.text)["result"]["resultType"] == "complete"


async def _only_session(site: Served) -> str:
    users = [user for user in await site.site.components.vault.users() if user.tid != "server"]
    (session,) = await site.site.sessions.sessions_of(users[0])
    return session.address
