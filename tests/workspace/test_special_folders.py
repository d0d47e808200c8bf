"""Which folders are special is read once a day, however many servers open the mailbox."""

from __future__ import annotations

from collections.abc import Mapping

import anyio
import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import ChangeConfig, UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.net.clock import unix_time
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.waiting import patience
from tests.workspace.conftest import World

EVERYWHERE = MailQuery(folder="all")
BATCH = ["POST /v1.0/$batch"]


class SlowStore:
    """Takes the place of the one of a world. Nothing is kept until `may_write` is set."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_write = anyio.Event()
        self._change_config = world.configs.change_config
        monkeypatch.setattr(world.configs, "change_config", self.change_config)

    async def change_config(
        self, user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None
    ) -> UserEmailConfig | None:
        await self.may_write.wait()
        return await self._change_config(user, change, connection)


async def places_in_list(mailbox: EmailWorkspace) -> Mapping[FolderId, str]:
    return (await mailbox.search.search_messages(EVERYWHERE)).places


def kept_places(world: World, name: str) -> Mapping[str, str] | None:
    return world.configs.kept[world.key(name), None].special_folders


async def test_the_next_server_lists_all_mail_in_one_request_with_the_same_places(world: World) -> None:
    read = await places_in_list(await world.mailbox())
    assert sorted(read.values()) == ["Deleted", "Junk", "Sent"]
    await world.manager.aclose()
    alice = await world.reopened()
    asked = len(world.requests())
    assert await places_in_list(alice) == read
    assert len(world.requests()) == asked + 1


async def test_another_user_gets_the_places_of_their_own_mailbox(world: World) -> None:
    read = await places_in_list(await world.mailbox())
    assert await places_in_list(await world.mailbox("bob")) != read
    await world.manager.aclose()
    assert await places_in_list(await world.reopened()) == read


async def test_they_are_read_again_on_another_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await places_in_list(await world.mailbox())
    await world.manager.aclose()
    monkeypatch.setattr(world.manager, "_clock", lambda: unix_time() + 90_000)
    alice = await world.reopened()
    asked = len(world.requests("POST"))
    await places_in_list(alice)
    assert world.requests("POST")[asked:] == BATCH


async def test_what_is_read_while_a_mailbox_is_disconnected_is_not_kept(world: World) -> None:
    alice = await world.mailbox()
    world.configs.kept.clear()
    assert await places_in_list(alice)
    await world.manager.aclose()
    assert world.configs.kept == {}


async def test_a_list_does_not_wait_until_they_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, store = await world.mailbox(), SlowStore(world, monkeypatch)
    async with patience():
        read = await places_in_list(alice)
    assert kept_places(world, "alice") is None
    store.may_write.set()
    await world.manager.aclose()
    assert kept_places(world, "alice") == read


async def test_a_server_that_stops_keeps_what_was_read_of_each_user_under_that_user(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailboxes = {name: await world.mailbox(name) for name in ("alice", "bob")}
    store = SlowStore(world, monkeypatch)
    async with patience():
        read = {name: await places_in_list(mailbox) for name, mailbox in mailboxes.items()}
    world.manager.forget(world.key("alice"))
    stopped = anyio.Event()

    async def stop() -> None:
        await world.manager.aclose()
        stopped.set()

    async with patience(), anyio.create_task_group() as stopping:
        stopping.start_soon(stop)
        await anyio.wait_all_tasks_blocked()
        assert not stopped.is_set()
        store.may_write.set()
    assert {name: kept_places(world, name) for name in read} == read


async def test_they_are_known_though_they_cannot_be_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def change_config(user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None) -> None:
        raise StoreUnavailable("The vault is locked by another process.")

    alice = await world.mailbox()
    monkeypatch.setattr(world.configs, "change_config", change_config)
    assert len(await alice.folders.special_places()) == 3


async def test_of_a_mailbox_that_somebody_else_shares_nothing_is_kept(world: World, team: str) -> None:
    shared = await world.manager.open_shared_mailbox(world.key("alice"), ConnectionId("own"), team)
    kept = dict(world.configs.kept)
    assert len(await places_in_list(shared)) == 3
    await world.manager.aclose()
    assert world.configs.kept == kept
