"""The client of a server over stdio hears of new mail, in both eras of the protocol, as long as it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError
from mcp.server.subscriptions import ResourceUpdated

from outlook_mcp.app.stdio import build_server
from outlook_mcp.server.inbox_watch import WatchSettings
from outlook_mcp.server.subscription_bus import FOLDERS, INBOX
from tests.e2e.office import MODES, Office, call
from tests.server.test_session_subscriptions import Heard
from tests.waiting import until

PATIENCE_S = 20.0
OFTEN = WatchSettings(every_s=0.05)
pytestmark = pytest.mark.filterwarnings("ignore:resources/.*subscribe is removed")


@asynccontextmanager
async def listening(client: Client, mode: str, uri: str, heard: Heard) -> AsyncIterator[None]:
    """What the client is told while the block runs comes to `heard`, in either era."""
    if mode == "legacy":
        await client.subscribe_resource(uri)
        yield
        await client.unsubscribe_resource(uri)
        return

    async def hear(stream: Any) -> None:
        async for event in stream:
            assert isinstance(event, ResourceUpdated)
            heard.uris.append(event.uri)
            heard.event.set()

    async with client.listen(resource_subscriptions=[uri]) as stream, anyio.create_task_group() as tasks:
        tasks.start_soon(hear, stream)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def connected(office: Office, mode: str, heard: Heard, **settings: Any) -> AsyncIterator[Client]:
    server = build_server(office.configuration(office.alice, **settings), watch=OFTEN)
    # In the later era news come to the stream, and to the handler as well.
    async with Client(server, mode=mode, message_handler=heard if mode == "legacy" else None) as client:
        yield client


def looks(office: Office) -> int:
    return sum("delta" in record.path for record in office.sandbox.log.records)


@pytest.mark.parametrize("mode", MODES)
async def test_new_mail_is_heard_of_while_the_client_listens_and_looked_for_no_longer(
    office: Office, mode: str
) -> None:
    await office.sign_in(office.alice)
    heard = Heard()
    with anyio.fail_after(PATIENCE_S):
        async with connected(office, mode, heard) as client:
            assert client.server_capabilities.resources is not None
            assert client.server_capabilities.resources.subscribe
            async with listening(client, mode, INBOX, heard):
                await until(lambda: looks(office) > 1)
                office.sandbox.deliver(office.alice, b"Subject: News\r\n\r\nHello.\r\n")
                await heard.once()
            await anyio.wait_all_tasks_blocked()
            before = looks(office)
            await call(client, "mail_search")
            assert looks(office) == before
    assert set(heard.uris) == {INBOX}


@pytest.mark.parametrize("mode", MODES)
async def test_a_change_made_through_the_server_is_heard_of(office: Office, mode: str) -> None:
    await office.sign_in(office.alice)
    heard = Heard()
    async with connected(office, mode, heard) as client, listening(client, mode, FOLDERS, heard):
        await call(client, "draft_save", subject="Heard")
        await heard.once()
    assert heard.uris == [FOLDERS]


async def test_nobody_listens_who_is_not_signed_in_or_to_what_is_not_told(office: Office) -> None:
    async with connected(office, "auto", Heard()) as client:
        with pytest.raises(MCPError, match="Nobody is signed in.*outlook-mcp login"):
            async with client.listen(resource_subscriptions=[INBOX]):
                pass
    await office.sign_in(office.alice)
    async with connected(office, "auto", Heard(), toolsets="mail-send") as client:
        with pytest.raises(MCPError, match=r"needs the scope mail\.read"):
            async with client.listen(resource_subscriptions=[INBOX]):
                pass
    async with connected(office, "auto", Heard()) as client:
        with pytest.raises(MCPError, match="read other resources again"):
            async with client.listen(resource_subscriptions=["outlook://me/messages/1"]):
                pass


async def test_streams_are_bounded(office: Office) -> None:
    await office.sign_in(office.alice)
    async with connected(office, "auto", Heard()) as client, anyio.create_task_group() as tasks:
        refused = anyio.Event()

        async def listen() -> None:
            with suppress(MCPError):
                async with client.listen(resource_subscriptions=[FOLDERS]):
                    await anyio.sleep_forever()
            refused.set()

        for _ in range(17):
            tasks.start_soon(listen)
        with anyio.fail_after(PATIENCE_S):
            await refused.wait()
            # They take none of the places of calls.
            await call(client, "mail_search")
        tasks.cancel_scope.cancel()
