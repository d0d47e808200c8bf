"""Whoever listens hears of their own mailbox, while they may, and of nothing else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import pytest
from mcp import Client, MCPError
from mcp.client.subscriptions import Subscription
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.subscriptions import ResourceUpdated

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.server.listening import ListenSettings, ListenStreams
from outlook_mcp.server.subscription_bus import FOLDERS, Listening, UserSubscriptionBus, tell_of_a_change
from outlook_mcp.vault.profiles import VaultProfiles
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.store_address import open_bus
from outlook_mcp.web.caller import CallerToken
from tests.valkey import Valkey, a_valkey, shared_valkey
from tests.vaults import vault_in

__all__ = ["a_valkey", "shared_valkey"]

ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")
CHANGED = ResourceUpdated(uri=FOLDERS)
PATIENCE_S = 5.0


@pytest.fixture
async def sessions(tmp_path: Path) -> AsyncIterator[SessionService]:
    vault = vault_in(tmp_path)
    yield SessionService(VaultSessions(vault))
    await vault.close()


async def session_of(sessions: SessionService, user: UserKey, *scopes: str) -> Session:
    return await sessions.start_session(user, client_id="client", client_name="Client", scopes=scopes or ("mail.read",))


@contextmanager
def calls_of(session: Session, *, lasts_s: float = 600) -> Iterator[None]:
    """Requests carry an access token of this session, as the bearer endpoint sees to."""
    token = CallerToken(
        token="token",
        client_id=session.client_id,
        scopes=list(session.scopes or ()),
        expires_at=int(time.time() + lasts_s),
        subject=str(session.user),
        claims={"iss": "issuer"},
        session=session,
    )
    reset = auth_context_var.set(AuthenticatedUser(token))
    try:
        yield
    finally:
        auth_context_var.reset(reset)


def server(guard: ListenStreams, bus: UserSubscriptionBus) -> MCPServer:
    built = MCPServer("outlook", log_level="CRITICAL", subscriptions=bus, middleware=[guard])

    @built.tool()
    async def change(context: Context) -> str:
        await tell_of_a_change(context)
        return "changed"

    return built


@asynccontextmanager
async def listening(client: Client, session: Session, *uris: str, lasts_s: float = 600) -> AsyncIterator[Subscription]:
    with calls_of(session, lasts_s=lasts_s):
        async with client.listen(resource_subscriptions=uris or (FOLDERS,)) as stream:
            yield stream


async def change(client: Client, session: Session) -> None:
    with calls_of(session):
        await client.call_tool("change", {})


async def next_of(stream: Subscription) -> object:
    with anyio.fail_after(PATIENCE_S):
        return await anext(stream)


async def ends(stream: Subscription) -> bool:
    """Whether the server ended the stream deliberately, and told of nothing before."""
    with anyio.fail_after(PATIENCE_S):
        return [event async for event in stream] == []


async def test_a_change_is_told_to_every_stream_of_its_user_and_to_no_other(sessions: SessionService) -> None:
    alice, again, bob = [await session_of(sessions, user) for user in (ALICE, ALICE, BOB)]
    guard = ListenStreams(sessions)
    async with (
        Client(server(guard, UserSubscriptionBus())) as client,
        listening(client, alice) as first,
        listening(client, again) as second,
        listening(client, bob) as other,
    ):
        await change(client, alice)
        assert [await next_of(first), await next_of(second)] == [CHANGED, CHANGED]
        guard.close()
        assert await ends(other)


@pytest.mark.parametrize(
    "uri",
    [
        "outlook://users/bob/folders",
        "outlook://me",
        "outlook://mex/folders",
        "OUTLOOK://me/folders",
        "file:///etc/passwd",
        "",
        "outlook://me/messages",
        "outlook://me/folders?under=4",
        "outlook://me/" + "x" * 10_000,
    ],
)
async def test_only_the_resource_whose_changes_are_told_can_be_listened_to(sessions: SessionService, uri: str) -> None:
    alice = await session_of(sessions, ALICE)
    async with Client(server(ListenStreams(sessions), UserSubscriptionBus())) as client:
        with pytest.raises(MCPError, match="Only outlook://me/folders tells of changes") as refused:
            async with listening(client, alice, FOLDERS, uri):
                pass
    assert refused.value.error.code == -32602


async def test_a_server_promises_news_of_resources_alone(sessions: SessionService) -> None:
    async with Client(server(ListenStreams(sessions), UserSubscriptionBus())) as client:
        offered = client.server_capabilities
        lists = (offered.tools, offered.prompts, offered.resources)
        assert [capability and capability.list_changed for capability in lists] == [False, False, False]
        assert offered.resources is not None
        assert offered.resources.subscribe


async def test_nobody_listens_without_a_verified_token(sessions: SessionService) -> None:
    async with Client(server(ListenStreams(sessions), UserSubscriptionBus())) as client:
        with pytest.raises(MCPError, match="verified access token"):
            async with client.listen(resource_subscriptions=[FOLDERS]):
                pass
        assert not (await client.call_tool("change", {})).is_error


async def test_nobody_listens_who_may_not_read(sessions: SessionService) -> None:
    alice = await session_of(sessions, ALICE, "mail.send")
    async with Client(server(ListenStreams(sessions), UserSubscriptionBus())) as client:
        with pytest.raises(MCPError, match=r"mail\.read"):
            async with listening(client, alice):
                pass


async def test_a_stream_ends_with_its_token(sessions: SessionService) -> None:
    alice = await session_of(sessions, ALICE)
    async with Client(server(ListenStreams(sessions), UserSubscriptionBus())) as client:
        async with listening(client, alice, lasts_s=1.5) as stream:
            assert await ends(stream)
        async with listening(client, alice, lasts_s=-1) as late:
            assert await ends(late)


async def test_a_stream_ends_with_its_session_and_others_go_on(sessions: SessionService) -> None:
    alice, again = await session_of(sessions, ALICE), await session_of(sessions, ALICE)
    guard = ListenStreams(sessions, ListenSettings(check_every_s=0.05))
    async with (
        guard.watching(),
        Client(server(guard, UserSubscriptionBus())) as client,
        listening(client, again) as other,
        listening(client, alice) as stream,
    ):
        await sessions.end_session(ALICE, alice.id)
        assert await ends(stream)
        await change(client, again)
        assert await next_of(other) == CHANGED


async def test_a_stream_ends_when_its_session_cannot_be_looked_up(
    sessions: SessionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await session_of(sessions, ALICE)
    guard = ListenStreams(sessions, ListenSettings(check_every_s=0.05))
    async with (
        guard.watching(),
        Client(server(guard, UserSubscriptionBus())) as client,
        listening(client, alice) as stream,
    ):
        monkeypatch.setattr(SqliteStore, "get_record", unavailable)
        assert await ends(stream)


async def unavailable(*_: object) -> None:
    raise StoreUnavailable("The store is away.")


async def test_streams_are_bounded_for_each_user_and_in_all(sessions: SessionService) -> None:
    alice, bob, carol = [await session_of(sessions, user) for user in (ALICE, BOB, UserKey("contoso", "carol"))]
    guard = ListenStreams(sessions, ListenSettings(max_per_user=2, max_total=3))
    async with (
        Client(server(guard, UserSubscriptionBus())) as client,
        listening(client, alice) as first,
        listening(client, bob),
    ):
        async with listening(client, alice):
            for session in (alice, carol):
                with pytest.raises(MCPError, match="Too many streams"):
                    async with listening(client, session):
                        pass
        async with listening(client, carol):
            await change(client, alice)
            assert await next_of(first) == CHANGED


async def test_a_server_that_stops_ends_every_stream_and_lets_none_begin(sessions: SessionService) -> None:
    alice = await session_of(sessions, ALICE)
    guard = ListenStreams(sessions)
    async with Client(server(guard, UserSubscriptionBus())) as client:
        async with listening(client, alice) as stream:
            guard.close()
            assert await ends(stream)
        with pytest.raises(MCPError, match="stopping"):
            async with listening(client, alice):
                pass


async def test_a_change_is_told_on_every_server_that_shares_the_store(
    sessions: SessionService, a_valkey: Valkey
) -> None:
    alice, bob = await session_of(sessions, ALICE), await session_of(sessions, BOB)
    one, other = (UserSubscriptionBus(open_bus(a_valkey.url)) for _ in range(2))
    guard = ListenStreams(sessions)
    async with (
        one.receiving(),
        other.receiving(),
        Client(server(guard, one)) as here,
        Client(server(guard, other)) as there,
        listening(here, alice) as near,
        listening(there, alice) as far,
        listening(there, bob) as foreign,
    ):
        await change(here, alice)
        assert [await next_of(near), await next_of(far)] == [CHANGED, CHANGED]
        with a_valkey.client() as client:
            for planted in (
                b"",
                b"{}",
                b"[" * 100_000,
                b'["contoso","bob"]',
                b"\xff",
                b'["contoso","nobody","outlook://me/folders"]',
            ):
                client.publish("outlook-mcp:1:events:0", planted)
        await other.publish_for(BOB, CHANGED)
        assert await next_of(foreign) == CHANGED


async def test_a_bus_that_is_away_fails_no_call(sessions: SessionService) -> None:
    alice = await session_of(sessions, ALICE)
    bus = UserSubscriptionBus(open_bus("redis://127.0.0.1:1"))
    async with Client(server(ListenStreams(sessions), bus)) as client:
        await change(client, alice)


async def test_over_stdio_a_stream_ends_when_its_user_signs_out_or_another_signs_in(tmp_path: Path) -> None:
    vault = vault_in(tmp_path)
    await vault.open_or_create()
    caller = LocalCaller("default", VaultProfiles(vault), time.monotonic)

    async def who() -> Listening:
        context = await caller.context()
        return Listening(context.session, context.user)

    guard, bus = ListenStreams(caller, ListenSettings(check_every_s=0.05), who=who), UserSubscriptionBus(who=who)
    await caller.bind_user(ALICE)
    async with guard.watching(), Client(server(guard, bus)) as client:
        async with client.listen(resource_subscriptions=[FOLDERS]) as stream:
            await bus.publish_for(BOB, CHANGED)
            await caller.bind_user(BOB)
            assert await ends(stream)
        async with client.listen(resource_subscriptions=[FOLDERS]) as stream:
            await bus.publish_for(BOB, CHANGED)
            assert await next_of(stream) == CHANGED
            await caller.unbind_user()
            assert await ends(stream)
    await vault.close()
