"""Changes are announced to the other clients of the same user only, over HTTP and on every replica."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.subscriptions import Subscription
from mcp.server.subscriptions import ResourceUpdated, ServerEvent

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.server.subscription_bus import FOLDERS
from tests.valkey import Valkey, a_valkey, shared_valkey
from tests.web.site.served import ALICE, BOB, Served, served

__all__ = ["a_valkey", "shared_valkey"]

CHANGED = ResourceUpdated(uri=FOLDERS)
PATIENCE_S = 10.0


@asynccontextmanager
async def listening(client: Client) -> AsyncIterator[Subscription]:
    async with client.listen(resource_subscriptions=[FOLDERS]) as stream:
        yield stream


async def heard(stream: Subscription) -> ServerEvent:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(stream)


async def save_a_draft(client: Client) -> None:
    answer = await client.call_tool("draft_save", {"to": [BOB], "subject": "Listen", "body": "Text"})
    assert not answer.is_error, answer


async def test_a_change_is_announced_to_other_clients_of_the_same_user_only(site: Served) -> None:
    async with AsyncExitStack() as stack:
        alice, again, bob = [await stack.enter_async_context(site.client(address)) for address in (ALICE, ALICE, BOB)]
        hers = await stack.enter_async_context(listening(again))
        his = await stack.enter_async_context(listening(bob))
        await save_a_draft(alice)
        assert await heard(hers) == CHANGED
        await save_a_draft(bob)
        assert await heard(his) == CHANGED
        # One event each: his stream held nothing of hers, and hers holds nothing of his.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(hers)


async def test_a_change_on_one_replica_is_announced_on_another(
    sandbox: Sandbox, tmp_path: Path, shared_valkey: Valkey
) -> None:
    shared: dict[str, Any] = {
        "store": shared_valkey.url,
        "key_source": "environment",
        "master_key": base64.b64encode(os.urandom(32)).decode(),
    }
    async with (
        served(sandbox, tmp_path / "one", **shared) as one,
        served(sandbox, tmp_path / "two", **shared) as two,
        one.client(ALICE) as here,
        two.client(ALICE) as there,
        two.client(BOB) as foreign,
        listening(there) as hers,
        listening(foreign) as his,
    ):
        await save_a_draft(here)
        assert await heard(hers) == CHANGED
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(his)


async def test_a_stream_ends_when_the_server_goes_down(site: Served) -> None:
    async with site.client(ALICE) as client, listening(client) as stream:
        site.site.drain.begin()
        async with asyncio.timeout(PATIENCE_S):
            assert [event async for event in stream] == []
