"""Which folders are special is read once a day, however many servers open the mailbox."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import ChangeConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.net.clock import unix_time
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import ALL_SCOPES, World

EVERYWHERE = MailQuery(folder="all")
BATCH = ["POST /v1.0/$batch"]


async def places_in_list(mailbox: EmailWorkspace) -> Mapping[FolderId, str]:
    return (await mailbox.search.search_messages(EVERYWHERE)).places


async def test_the_next_server_lists_all_mail_in_one_request_with_the_same_places(world: World) -> None:
    read = await places_in_list(await world.mailbox())
    assert sorted(read.values()) == ["Deleted", "Junk", "Sent"]
    alice = await world.reopened()
    asked = len(world.requests())
    assert await places_in_list(alice) == read
    assert len(world.requests()) == asked + 1


async def test_another_user_gets_the_places_of_their_own_mailbox(world: World) -> None:
    read = await places_in_list(await world.mailbox())
    assert await places_in_list(await world.mailbox("bob")) != read
    assert await places_in_list(await world.reopened()) == read


async def test_they_are_read_again_on_another_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await places_in_list(await world.mailbox())
    monkeypatch.setattr(world.manager, "_clock", lambda: unix_time() + 90_000)
    alice = await world.reopened()
    asked = len(world.requests("POST"))
    await places_in_list(alice)
    assert world.requests("POST")[asked:] == BATCH


async def test_what_is_read_while_a_mailbox_is_disconnected_is_not_kept(world: World) -> None:
    alice = await world.mailbox()
    world.configs.kept.clear()
    assert await places_in_list(alice)
    assert world.configs.kept == {}


async def test_they_are_known_though_they_cannot_be_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def change_config(user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None) -> None:
        raise StoreUnavailable("The vault is locked by another process.")

    alice = await world.mailbox()
    monkeypatch.setattr(world.configs, "change_config", change_config)
    assert len(await alice.folders.special_places()) == 3


async def test_of_a_mailbox_that_somebody_else_shares_nothing_is_kept(world: World) -> None:
    store, alice = world.sandbox.store, world.user("alice")
    team = store.add_mailbox(alice.tid, "dddddddd-0000-4000-8000-000000000004", "team@contoso.example", "Team")
    grant_rights(team, alice.oid, ["full_access"])
    world.tokens.scopes = (*ALL_SCOPES, "Mail.ReadWrite.Shared", "User.ReadBasic.All")
    connection = ConnectionId("own")
    shared = await world.manager.open_shared_mailbox(world.key("alice"), connection, "team@contoso.example")
    kept = dict(world.configs.kept)
    assert len(await places_in_list(shared)) == 3
    assert world.configs.kept == kept
