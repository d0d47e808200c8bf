"""Which mailboxes a user has connected, and which is the default."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import InvalidInput, RecordBroken, SignInRefused, SignInRequired
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import ALL, KIND, MOST_CONNECTIONS, OAuthIntegrationService
from outlook_mcp.oauth.connections.token_record import token_key
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.tokens.refresher import RefreshReason
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, Components, person_of

OWNER = UserKey("tenant", "owner")
OTHER_USER = UserKey("tenant", "other")
ANSWER = TokenAnswer(SecretStr("access"), SecretStr("refresh"), None, 3600, None, ("Mail.Read",))


@pytest.fixture
def connections(vault: CredentialVault, audit: AuditLog) -> OAuthIntegrationService:
    return OAuthIntegrationService(vault, audit)


async def _connected(connections: OAuthIntegrationService, name: str, owner: UserKey | None = OWNER) -> Connection:
    identity = Identity(UserKey("tenant", name), f"{name}@contoso.example", name.title())
    return await connections.connect(identity, ANSWER, scopes=("Mail.Read",), owner=owner)


async def test_the_owners_own_mailbox_becomes_the_default_when_it_comes_later(
    connections: OAuthIntegrationService,
) -> None:
    await _connected(connections, "linked")
    own = await _connected(connections, "owner")
    await _connected(connections, "another")
    assert [connection.id for connection in await connections.connections_of(OWNER) if connection.is_default] == [
        own.id
    ]


async def test_a_linked_mailbox_that_its_owner_chose_stays_the_default(connections: OAuthIntegrationService) -> None:
    linked = await _connected(connections, "linked")
    await connections.set_default(OWNER, linked.id)
    await _connected(connections, "owner")
    assert (await _connected(connections, "linked")).is_chosen
    assert (await connections.default_connection(OWNER)).id == linked.id


async def test_who_signs_in_owns_the_mailbox(connections: OAuthIntegrationService) -> None:
    connection = await _connected(connections, "alice", owner=None)
    assert connection.owner == UserKey("tenant", "alice")
    assert await connections.connections_of(connection.owner) == (connection,)


async def test_the_first_mailbox_is_the_default_until_another_is_chosen(connections: OAuthIntegrationService) -> None:
    work, home = await _connected(connections, "work"), await _connected(connections, "home")
    assert (await connections.default_connection(OWNER)).id == work.id
    assert (await connections.set_default(OWNER, "home@contoso.example")).id == home.id
    assert [connection.is_default for connection in await connections.connections_of(OWNER)] == [False, True]


async def test_disconnecting_a_mailbox_deletes_its_settings(
    connections: OAuthIntegrationService, vault: CredentialVault
) -> None:
    work, home = await _connected(connections, "work"), await _connected(connections, "home")
    configs = VaultEmailConfigs(vault)
    for connection in (work, home):
        await configs.change_config(OWNER, lambda _: UserEmailConfig(address="o@contoso.example"), connection.id)
    await connections.disconnect(OWNER, work.id)
    assert await configs.config_of(OWNER, work.id) is None
    assert await configs.config_of(OWNER, home.id) is not None


async def test_nobody_has_a_default_before_a_sign_in(connections: OAuthIntegrationService) -> None:
    with pytest.raises(SignInRequired):
        await connections.default_connection(OWNER)


async def test_signing_in_again_renews_the_mailbox_in_its_place(connections: OAuthIntegrationService) -> None:
    work, home = await _connected(connections, "work"), await _connected(connections, "home")
    await connections.rename_connection(OWNER, work.id, "Office")
    again = await _connected(connections, "work")
    assert (again.name, again.is_default) == ("Office", True)
    assert [connection.id for connection in await connections.connections_of(OWNER)] == [work.id, home.id]


async def test_a_mailbox_is_found_by_id_name_or_address(connections: OAuthIntegrationService) -> None:
    work = await connections.rename_connection(OWNER, (await _connected(connections, "work")).id, "  Office ")
    for wanted in (work.id, "office", "WORK@contoso.example"):
        assert await connections.connection_named(OWNER, wanted) == work


async def test_nobody_finds_the_mailbox_of_another_user(connections: OAuthIntegrationService) -> None:
    work = await _connected(connections, "work")
    for wanted in (work.id, work.name, work.address):
        with pytest.raises(InvalidInput, match="connected: none"):
            await connections.connection_named(OTHER_USER, wanted)
        with pytest.raises(InvalidInput):
            await connections.disconnect(OTHER_USER, wanted)
    assert await connections.connections_of(OWNER) == (work,)


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "two\nlines", "HOME@contoso.example"])
async def test_a_name_is_short_printable_and_free(connections: OAuthIntegrationService, name: str) -> None:
    work, _ = await _connected(connections, "work"), await _connected(connections, "home")
    with pytest.raises(InvalidInput):
        await connections.rename_connection(OWNER, work.id, name)


async def test_two_mailboxes_never_have_the_same_name(connections: OAuthIntegrationService) -> None:
    work, home = await _connected(connections, "work"), await _connected(connections, "home")
    await connections.rename_connection(OWNER, home.id, "Home")
    for taken in (home.address, home.id, "HOME"):
        with pytest.raises(InvalidInput, match="Another mailbox"):
            await connections.rename_connection(OWNER, work.id, taken)
    assert (await connections.rename_connection(OWNER, work.id, "Work")).name == "Work"


async def test_a_new_mailbox_gets_no_name_that_another_has(connections: OAuthIntegrationService) -> None:
    work = await _connected(connections, "work")
    await connections.rename_connection(OWNER, work.id, "guest@contoso.example")
    guest = await _connected(connections, "guest")
    assert guest.name == guest.id
    assert (await connections.connection_named(OWNER, "guest@contoso.example")).id == work.id


async def test_disconnecting_forgets_the_tokens_and_passes_the_default_on(
    connections: OAuthIntegrationService, vault: CredentialVault
) -> None:
    work, home = await _connected(connections, "work"), await _connected(connections, "home")
    heard: list[UserKey] = []
    connections.add_listener(heard.append)
    assert (await connections.disconnect(OWNER, work.id)).id == work.id
    assert await vault.get_record(token_key(OWNER, work.id)) is None
    assert (await connections.default_connection(OWNER)).id == home.id
    assert heard == [OWNER]
    await connections.disconnect_all(OWNER)
    assert await connections.connections_of(OWNER) == ()


async def test_simultaneous_sign_ins_all_connect_their_mailboxes(connections: OAuthIntegrationService) -> None:
    await asyncio.gather(*(_connected(connections, f"box{number}") for number in range(5)))
    known = await connections.connections_of(OWNER)
    assert len(known) == 5
    assert sum(connection.is_default for connection in known) == 1


async def test_a_user_can_connect_a_limited_number_of_mailboxes(
    connections: OAuthIntegrationService, vault: CredentialVault
) -> None:
    for number in range(MOST_CONNECTIONS):
        await _connected(connections, f"box{number}")
    with pytest.raises(InvalidInput, match="At most"):
        await _connected(connections, "one too many")
    assert len(await vault.record_ids_of(OWNER, "token")) == MOST_CONNECTIONS


async def test_without_a_refresh_token_nothing_is_kept(connections: OAuthIntegrationService) -> None:
    short = TokenAnswer(SecretStr("access"), None, None, 3600, None, ())
    with pytest.raises(SignInRefused, match="no refresh token"):
        await connections.connect(Identity(OWNER, "", ""), short, scopes=())
    assert await connections.connections_of(OWNER) == ()


async def test_a_list_of_mailboxes_in_another_format_is_refused(
    connections: OAuthIntegrationService, vault: CredentialVault
) -> None:
    await vault.put_record(RecordKey(OWNER, KIND, ALL), b'[{"id": 1}]', expected_generation=None)
    with pytest.raises(RecordBroken):
        await connections.connections_of(OWNER)


async def test_rows_of_a_disconnected_mailbox_put_back_from_a_dump_open_it_on_no_server(
    components: Components, vault: CredentialVault, audit: AuditLog, settings: OAuthSettings, tmp_path: Path
) -> None:
    mailbox = await components.signed_in(ALICE)
    alice = mailbox.owner
    stored = await components.refresher.stored_tokens(alice, mailbox.id)
    await components.refresher.refresh(alice, mailbox.id, stored.generation, RefreshReason())
    with closing(sqlite3.connect(tmp_path / "vault.db")) as disk:
        dump = disk.execute("SELECT * FROM record WHERE kind IN ('token', 'connection')").fetchall()
        await components.connections.disconnect(alice, mailbox.id)
        disk.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", dump)
        disk.commit()
    assert len(dump) == 2
    assert [found.id for found in await components.connections.connections_of(alice)] == [mailbox.id]
    async with Components.built(settings, vault, audit) as other:
        for server in (components, other):
            with pytest.raises(SignInRequired):
                await server.tokens.access_token(alice)
        await components.signed_in(ALICE)
        assert person_of(await other.tokens.access_token(alice)) == alice


async def test_a_mailbox_is_called_by_its_address_or_where_there_is_none_by_its_id(
    connections: OAuthIntegrationService,
) -> None:
    assert (await _connected(connections, "alice")).name == "alice@contoso.example"
    nameless = Identity(UserKey("tenant", "somebody"), "", "Somebody")
    connection = await connections.connect(nameless, ANSWER, scopes=("Mail.Read",), owner=OWNER)
    assert connection.name == connection.id
