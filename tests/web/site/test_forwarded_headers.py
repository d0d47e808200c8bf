"""Name and scheme of the site come from the configuration, never from a header."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from outlook_mcp.sandbox import Sandbox
from tests.one_task import in_one_task
from tests.web.site.grant import asks, registered
from tests.web.site.served import Served, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIES = (
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    {"X-Forwarded-Server": "evil.example", "X-Original-Host": "evil.example", "X-Forwarded-Prefix": "/evil"},
    {"Forwarded": "for=203.0.113.9;host=evil.example;proto=https"},
)
METADATA = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
)


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[(), ("127.0.0.1/32",)], ids=["unknown sender", "proxy"]
)
async def site(
    request: pytest.FixtureRequest, post_office: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Behind no proxy, and behind a trusted one whose addresses of callers are used."""
    folder: Path = tmp_path_factory.mktemp("site")
    async with in_one_task(served(post_office, folder, trusted_proxies=request.param)) as site:
        yield site


@pytest.fixture(params=LIES, ids=lambda lie: " ".join(lie))
def lie(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


async def test_issuer_and_endpoints_stay_the_same(site: Served, lie: dict[str, str]) -> None:
    for path in METADATA:
        told = await site.http.get(path, headers=lie)
        assert told.status_code == 200
        assert told.content == (await site.http.get(path)).content
        assert "evil" not in told.text
    challenged = (await site.http.post("/mcp", json={}, headers=lie)).headers["www-authenticate"]
    assert f'resource_metadata="{site.public_url}/.well-known/' in challenged


async def test_redirects_and_cookies_stay_the_same(site: Served, lie: dict[str, str]) -> None:
    request = asks(site.public_url, await registered(site.http))
    to_consent = await site.http.get(request, headers=lie)
    assert to_consent.headers["location"].startswith(f"{site.public_url}/consent?request=")
    site.http.cookies.clear()
    consent = await site.http.get(to_consent.headers["location"], headers=lie)
    assert consent.status_code == 200
    assert "evil" not in consent.text + str(consent.headers)
    for cookie in consent.headers.get_list("set-cookie"):
        assert cookie.startswith("outlook-mcp-")
        assert "secure" not in cookie.lower()
    assert consent.headers.get_list("set-cookie")
    assert "strict-transport-security" not in consent.headers
    wrong_redirect = await site.http.get(f"{request}&redirect_uri=https://evil.example", headers=lie)
    assert (wrong_redirect.status_code, "location" in wrong_redirect.headers) == (400, False)


async def test_the_host_of_the_request_is_checked_and_not_the_forwarded_one(site: Served, lie: dict[str, str]) -> None:
    own = site.public_url.removeprefix("http://")
    assert (await site.http.get("/account", headers=lie)).status_code == 200
    for forwarded in (lie, {"X-Forwarded-Host": own}, {"Forwarded": f"host={own}"}):
        answer = await site.http.get("/account", headers={**forwarded, "Host": "evil.example"})
        assert answer.status_code == 421
