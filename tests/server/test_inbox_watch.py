"""New mail is looked for once for each mailbox, by one server at a time, and told to its user alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest
from mcp.server.subscriptions import ResourceUpdated

from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.server.inbox_watch import InboxWatch, WatchSettings
from outlook_mcp.server.mail_notices import MailNotices
from outlook_mcp.server.subscription_bus import INBOX, UserSubscriptionBus
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault
from tests.vaults import vault_in
from tests.waiting import until
from tests.workspace.conftest import World, mail_settings, world

__all__ = ["mail_settings", "world"]

QUICK = WatchSettings(every_s=0.01, take_over_after_s=150)


@dataclass
class ToldUsers(UserSubscriptionBus):
    """Keeps who was told of which resource."""

    told: list[tuple[UserKey, str]] = field(default_factory=list)
    heard: anyio.Event = field(default_factory=anyio.Event)

    def __post_init__(self) -> None:
        super().__init__()

    async def publish_for(self, user: UserKey, event: ResourceUpdated) -> None:
        self.told.append((user, event.uri))
        self.heard.set()


@dataclass
class Now:
    time: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


class DefaultMailbox:
    async def choose(self, user: UserKey, account: str | None) -> Any:
        return SimpleNamespace(id=None)


@dataclass
class Servers:
    """Several servers with one vault; each tells its own `ToldUsers`."""

    world: World
    vault: CredentialVault
    now: Now = field(default_factory=Now)

    def another(
        self, bus: ToldUsers, settings: WatchSettings = WatchSettings(), notices: MailNotices | None = None
    ) -> InboxWatch:
        mailboxes = cast(Mailboxes, DefaultMailbox())
        return InboxWatch(
            mailboxes, self.world.manager, self.vault, bus, notices=notices, settings=settings, clock=self.now
        )

    def looks(self) -> int:
        return len(self.world.requests("GET", "/delta()")) + len(self.world.requests("GET", "/delta"))


@pytest.fixture
async def servers(world: World, tmp_path: Path) -> AsyncIterator[Servers]:
    vault = vault_in(tmp_path)
    await vault.open_or_create()
    yield Servers(world, vault)
    await vault.close()


@pytest.fixture
def seeded() -> bool:
    return False


@asynccontextmanager
async def patience() -> AsyncIterator[None]:
    with anyio.fail_after(10):
        yield


async def test_mail_that_comes_is_told_once_and_to_its_user_alone(servers: Servers) -> None:
    bus, world = ToldUsers(), servers.world
    watch, alice = servers.another(bus), world.key("alice")
    world.deliver(subject="Before anybody listened", date="Mon, 05 Jan 2026 09:00:00 +0000")
    await watch.look(alice)
    world.deliver(to="bob")
    await watch.look(alice)
    assert bus.told == []
    world.deliver(subject="One")
    world.deliver(subject="Two")
    await watch.look(alice)
    await watch.look(alice)
    assert bus.told == [(alice, INBOX)]


async def test_one_server_looks_until_it_is_silent_and_then_another_goes_on_where_it_stopped(servers: Servers) -> None:
    first, second, alice = ToldUsers(), ToldUsers(), servers.world.key("alice")
    one, two = servers.another(first), servers.another(second)
    await one.look(alice)
    looks = servers.looks()
    servers.world.deliver()
    await two.look(alice)
    assert (servers.looks(), second.told) == (looks, [])
    servers.now.time += 151
    await two.look(alice)
    assert second.told == [(alice, INBOX)]
    await one.look(alice)
    assert first.told == []


async def test_what_came_while_the_state_was_forgotten_by_graph_is_told(servers: Servers) -> None:
    bus, alice = ToldUsers(), servers.world.key("alice")
    watch = servers.another(bus)
    await watch.look(alice)
    servers.world.faults({"route": "*/delta*", "status": 410, "times": 1})
    await watch.look(alice)
    assert bus.told == [(alice, INBOX)]
    await watch.look(alice)
    assert bus.told == [(alice, INBOX)]


async def test_an_inbox_is_watched_while_somebody_listens(servers: Servers) -> None:
    bus, alice = ToldUsers(), servers.world.key("alice")
    watch = servers.another(bus, QUICK)
    async with patience(), watch.running():
        with watch.heard_by(alice), watch.heard_by(alice):
            await until(lambda: servers.looks() > 0)
            servers.world.deliver()
            await bus.heard.wait()
        await anyio.wait_all_tasks_blocked()
        looks = servers.looks()
        await anyio.wait_all_tasks_blocked()
        assert servers.looks() == looks


async def test_while_an_inbox_is_watched_graph_is_asked_to_tell_of_its_mail(servers: Servers) -> None:
    kept: list[UserKey] = []

    class Notices:
        async def keep_subscribed(self, user: UserKey) -> None:
            kept.append(user)

    watch = servers.another(ToldUsers(), QUICK, cast(MailNotices, Notices()))
    alice = servers.world.key("alice")
    async with patience(), watch.running():
        assert kept == []
        with watch.heard_by(alice):
            await until(lambda: len(kept) >= 2)
    assert set(kept) == {alice}


async def test_a_failure_of_graph_ends_no_watch(servers: Servers, caplog: pytest.LogCaptureFixture) -> None:
    bus, alice = ToldUsers(), servers.world.key("alice")
    watch = servers.another(bus, QUICK)
    servers.world.faults({"route": "*/delta*", "status": 403, "times": 2})
    async with patience(), watch.running():
        with watch.heard_by(alice):
            await until(lambda: servers.looks() >= 4)
            servers.world.deliver()
            await bus.heard.wait()
    assert "New mail could not be looked for" in caplog.text


async def test_servers_that_share_no_bus_are_each_told_of_what_one_of_them_found(servers: Servers) -> None:
    alice = servers.world.key("alice")
    heard: list[int] = []
    buses = [UserSubscriptionBus(), UserSubscriptionBus()]
    for number, bus in enumerate(buses):
        bus.subscribe_for(alice, lambda _, number=number: heard.append(number))  # type: ignore[misc]
    one, two = (servers.another(cast(ToldUsers, bus)) for bus in buses)
    await one.look(alice)
    await two.look(alice)
    servers.world.deliver()
    looks = servers.looks()
    await one.look(alice)
    assert (servers.looks(), heard) == (looks + 1, [0])
    for _ in range(2):
        await two.look(alice)
        assert (servers.looks(), heard) == (looks + 1, [0, 1])


@pytest.mark.parametrize("fields", [("server", "looked_at", "position"), ("server", "looked_at", "position", "later")])
async def test_the_state_that_another_version_has_left_is_read(servers: Servers, fields: tuple[str, ...]) -> None:
    bus, alice = ToldUsers(), servers.world.key("alice")
    await servers.another(bus).look(alice)
    key = RecordKey(alice, "inbox_watch", "mailbox")
    record = await servers.vault.get_record(key)
    assert record is not None
    state = json.loads(record.value) | {"later": "of a newer version"}
    kept = {name: state[name] for name in fields}
    await servers.vault.put_record(key, json.dumps(kept).encode(), expected_generation=record.generation)
    servers.world.deliver()
    servers.now.time += 151
    await servers.another(bus).look(alice)
    assert bus.told == [(alice, INBOX)]


async def test_servers_that_share_a_bus_hear_of_what_was_found_by_that_alone(servers: Servers) -> None:
    class SharedBus(ToldUsers):
        @property
        def is_shared(self) -> bool:
            return True

    alice = servers.world.key("alice")
    heard: list[str] = []
    shared, alone = SharedBus(), UserSubscriptionBus()
    others = {"shares the bus": SharedBus(), "shares none": alone}
    for name, bus in others.items():
        bus.subscribe_for(alice, lambda _, name=name: heard.append(name))  # type: ignore[misc]
    one, *rest = (servers.another(cast(ToldUsers, bus)) for bus in (shared, *others.values()))
    for watch in (one, *rest):
        await watch.look(alice)
    servers.world.deliver()
    for watch in (one, *rest):
        await watch.look(alice)
    assert (shared.told, heard) == ([(alice, INBOX)], ["shares none"])
