"""An event stream of a client of 2025-11-25 ends when its access token stops being valid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.authorization.grant_tokens import GrantTokens
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.settings import WebLimits
from tests.one_task import in_one_task
from tests.web.site.conversation import LEGACY, Conversation
from tests.web.site.served import Served, served

PATIENCE_S = 10.0


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Released each time a token is verified."""
    checks, verify = asyncio.Semaphore(0), GrantTokens.verify

    async def counted(tokens: GrantTokens, token: str) -> CallerToken | None:
        checks.release()
        return await verify(tokens, token)

    monkeypatch.setattr(GrantTokens, "verify", counted)
    return checks


@pytest.fixture
async def site(sandbox: Sandbox, tmp_path: Path, checks: asyncio.Semaphore) -> AsyncIterator[Served]:
    """Keeps protocol sessions, so that there are such streams, and verifies their tokens often."""
    limits = WebLimits(token_check_s=0.02)
    async with in_one_task(served(sandbox, tmp_path, limits=limits, stateless=False)) as site:
        yield site


@pytest.fixture
async def stream(site: Served, checks: asyncio.Semaphore) -> AsyncIterator[httpx.Response]:
    """One whose token was verified several times."""
    async with in_one_task(standing(site)) as stream:
        for _ in range(10):
            await asyncio.wait_for(checks.acquire(), PATIENCE_S)
        yield stream


@asynccontextmanager
async def standing(site: Served) -> AsyncIterator[httpx.Response]:
    client = Conversation(site.http, (await site.grant()).access_token, LEGACY)
    await client.begin()
    assert client.session
    headers = {
        "Authorization": f"Bearer {client.token}",
        "Accept": "text/event-stream",
        "MCP-Protocol-Version": LEGACY,
        "Mcp-Session-Id": client.session,
    }
    async with site.http.stream("GET", "/mcp", headers=headers) as stream:
        assert stream.status_code == 200
        yield stream


async def ended(stream: httpx.Response) -> None:
    """Fails unless the stream ends properly: a body that is cut off raises."""
    async with asyncio.timeout(PATIENCE_S):
        await stream.aread()


async def test_a_stream_ends_when_its_session_is_ended(site: Served, stream: httpx.Response) -> None:
    user = UserKey(site.sandbox.users[0].tid, site.sandbox.users[0].oid)
    (session,) = await site.site.sessions.sessions_of(user)
    assert await site.site.sessions.end_session(user, session.id)
    await ended(stream)


async def test_a_stream_ends_when_its_access_token_expires(site: Served, stream: httpx.Response) -> None:
    with site.clock.set_ahead(3600):
        await ended(stream)


async def test_a_stream_ends_when_its_token_cannot_be_verified(
    stream: httpx.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(tokens: GrantTokens, token: str) -> CallerToken | None:
        raise StoreUnavailable("The store is away.")

    monkeypatch.setattr(GrantTokens, "verify", unknown)
    await ended(stream)


async def test_a_stream_ends_when_the_server_shuts_down(site: Served, stream: httpx.Response) -> None:
    site.site.drain.begin()
    await ended(stream)
