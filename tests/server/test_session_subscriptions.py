"""Clients of earlier protocol versions hear of their own resources in their sessions, while they may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp.server.subscriptions import ResourceUpdated
from mcp.types import ResourceUpdatedNotification

from outlook_mcp.identity.session import SessionService
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.listening import ListenSettings, ListenStreams
from outlook_mcp.server.services import Services
from outlook_mcp.server.session_subscriptions import SessionSubscriptions
from outlook_mcp.server.subscription_bus import FOLDERS, UserSubscriptionBus
from tests.server.test_listening import ALICE, BOB, calls_of, session_of, sessions

__all__ = ["sessions"]

CHANGED = ResourceUpdated(uri=FOLDERS)
PATIENCE_S = 5.0
pytestmark = pytest.mark.filterwarnings("ignore:resources/.*subscribe is removed")


@dataclass
class Heard:
    """What the client was told."""

    uris: list[str] = field(default_factory=list)
    event: anyio.Event = field(default_factory=anyio.Event)

    async def __call__(self, message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            self.uris.append(str(message.params.uri))
            self.event.set()

    async def once(self) -> None:
        with anyio.fail_after(PATIENCE_S):
            await self.event.wait()
        self.event = anyio.Event()


@asynccontextmanager
async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
    yield cast(Services, None)


@asynccontextmanager
async def connected(bus: UserSubscriptionBus, streams: ListenStreams, heard: Heard) -> AsyncIterator[Client]:
    subscriptions = SessionSubscriptions(streams, bus)
    server = EmailServer(lifespan, name="outlook", subscriptions=bus)
    server.serve_subscriptions(subscriptions)
    async with subscriptions.running(), Client(server, mode="legacy", message_handler=heard) as client:
        yield client


async def test_a_session_hears_of_its_own_user_until_it_unsubscribes(sessions: SessionService) -> None:
    bus, heard = UserSubscriptionBus(), Heard()
    alice = await session_of(sessions, ALICE)
    async with connected(bus, ListenStreams(sessions), heard) as client:
        assert client.server_capabilities.resources is not None
        assert client.server_capabilities.resources.subscribe
        with calls_of(alice):
            await client.subscribe_resource(FOLDERS)
            await client.subscribe_resource(FOLDERS)
            await bus.publish_for(BOB, CHANGED)
            await bus.publish_for(ALICE, CHANGED)
            await heard.once()
            await client.unsubscribe_resource(FOLDERS)
            await bus.publish_for(ALICE, CHANGED)
            await client.list_prompts()
    assert heard.uris == [FOLDERS]


async def test_what_cannot_be_listened_to_cannot_be_subscribed_to(sessions: SessionService) -> None:
    alice, may_not = await session_of(sessions, ALICE), await session_of(sessions, ALICE, "mail.send")
    async with connected(UserSubscriptionBus(), ListenStreams(sessions), Heard()) as client:
        with calls_of(alice), pytest.raises(MCPError, match="Only outlook://me/folders tells of changes"):
            await client.subscribe_resource("outlook://me/messages/1")
        with calls_of(may_not), pytest.raises(MCPError, match=r"Listening needs the scope mail\.read"):
            await client.subscribe_resource(FOLDERS)
        with pytest.raises(MCPError, match="without a verified access token"):
            await client.subscribe_resource(FOLDERS)


async def test_subscriptions_count_as_streams(sessions: SessionService) -> None:
    alice = await session_of(sessions, ALICE)
    streams = ListenStreams(sessions, ListenSettings(max_per_user=0))
    async with connected(UserSubscriptionBus(), streams, Heard()) as client:
        with calls_of(alice), pytest.raises(MCPError, match="Too many streams are open"):
            await client.subscribe_resource(FOLDERS)


async def test_a_session_hears_nothing_more_when_its_grant_has_ended(sessions: SessionService, tmp_path: Path) -> None:
    bus, heard = UserSubscriptionBus(), Heard()
    alice = await session_of(sessions, ALICE)
    streams = ListenStreams(sessions, ListenSettings(check_every_s=0.01))
    async with streams.watching(), connected(bus, streams, heard) as client:
        with calls_of(alice):
            await client.subscribe_resource(FOLDERS)
            await sessions.end_session(ALICE, alice.id)
            with anyio.fail_after(PATIENCE_S):
                while streams._streams:
                    await anyio.lowlevel.checkpoint()
            await bus.publish_for(ALICE, CHANGED)
            await client.list_prompts()
            assert heard.uris == []
        with calls_of(await session_of(sessions, ALICE)):
            await client.subscribe_resource(FOLDERS)
            await bus.publish_for(ALICE, CHANGED)
            await heard.once()


async def test_subscriptions_end_with_the_session_of_the_client(sessions: SessionService) -> None:
    bus, streams = UserSubscriptionBus(), ListenStreams(sessions)
    alice = await session_of(sessions, ALICE)
    subscriptions = SessionSubscriptions(streams, bus)
    server = EmailServer(lifespan, name="outlook", subscriptions=bus)
    server.serve_subscriptions(subscriptions)
    async with subscriptions.running():
        async with Client(server, mode="legacy") as client:
            with calls_of(alice):
                await client.subscribe_resource(FOLDERS)
            assert streams._streams
        with anyio.fail_after(PATIENCE_S):
            while streams._streams:
                await anyio.lowlevel.checkpoint()
