"""One user, several mailboxes: their own, one of another tenant, a personal one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import AccessTokenRejected, AdministratorRequired, InvalidInput, SignInRefused, SignInRequired
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.token_record import TokenRecord, token_key
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONSUMERS
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.workspace.discovery import ACCOUNT
from tests.oauth.components import ALICE, BOB, Components

DAVE, FRIDA = "dave@fabrikam.example", "frida.falk@freemail.example"


class Me(msgspec.Struct):
    address: str = msgspec.field(name="userPrincipalName")


@pytest.fixture
async def graph(components: Components, sandbox: Sandbox) -> AsyncIterator[EmailClientFactory]:
    factory = EmailClientFactory(GraphSettings(base_url=sandbox.graph_url), components.tokens, lambda: [ACCOUNT])
    await factory.warm()
    yield factory
    await factory.aclose()


async def _whose(graph: EmailClientFactory, user: UserKey, connection: ConnectionId | None = None) -> str:
    """The address that Graph itself gives for the mailbox."""
    client = graph.for_user(user, connection, ACCOUNT)
    return (await client.answer_to(client.request(client.me), Me)).address


async def _linked(components: Components) -> dict[str, Connection]:
    """Alice's mailboxes."""
    own = await components.signed_in(ALICE)
    request = SignInRequest(owner=own.owner, select_account=True)
    return {ALICE: own, **{upn: await components.signed_in(upn, request) for upn in (DAVE, FRIDA)}}


async def test_each_mailbox_is_opened_with_its_own_token(components: Components, graph: EmailClientFactory) -> None:
    mailboxes = await _linked(components)
    alice = mailboxes[ALICE].owner
    for upn, connection in mailboxes.items():
        assert connection.owner == alice
        assert await _whose(graph, alice, connection.id) == upn
    assert await _whose(graph, alice) == ALICE
    assert mailboxes[FRIDA].tid == CONSUMERS.tid


async def test_each_mailbox_is_refreshed_on_its_own(components: Components, graph: EmailClientFactory) -> None:
    mailboxes = await _linked(components)
    alice = mailboxes[ALICE].owner
    for upn, connection in mailboxes.items():
        first = await components.tokens.access_token(alice, connection.id)
        assert await components.tokens.access_token(alice, connection.id, rejected=first) != first
        assert await _whose(graph, alice, connection.id) == upn


async def test_a_call_without_an_account_uses_the_default_mailbox(
    components: Components, graph: EmailClientFactory
) -> None:
    mailboxes = await _linked(components)
    alice = mailboxes[ALICE].owner
    for upn in (FRIDA, DAVE, ALICE):
        await components.connections.set_default(alice, upn)
        assert await _whose(graph, alice) == upn


async def test_linking_a_mailbox_does_not_make_its_person_a_user(
    components: Components, graph: EmailClientFactory
) -> None:
    mailboxes = await _linked(components)
    bob = (await components.signed_in(BOB)).owner
    dave = mailboxes[DAVE].mailbox
    for other_user in (bob, dave, mailboxes[FRIDA].mailbox):
        for connection in (mailboxes[ALICE], mailboxes[DAVE]):
            with pytest.raises((SignInRequired, AccessTokenRejected)):
                await _whose(graph, other_user, connection.id)
            with pytest.raises(InvalidInput):
                await components.connections.connection_named(other_user, connection.name)
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(dave)


async def test_disconnecting_one_mailbox_leaves_the_others(components: Components, graph: EmailClientFactory) -> None:
    mailboxes = await _linked(components)
    alice = mailboxes[ALICE].owner
    await components.connections.disconnect(alice, FRIDA)
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(alice, mailboxes[FRIDA].id)
    assert await _whose(graph, alice, mailboxes[DAVE].id) == DAVE
    assert await _whose(graph, alice) == ALICE


async def test_the_same_mailbox_of_two_owners_is_two_sign_ins(
    components: Components, graph: EmailClientFactory
) -> None:
    mailboxes = await _linked(components)
    dave = await components.signed_in(DAVE)
    assert dave.id == mailboxes[DAVE].id
    await components.connections.disconnect_all(mailboxes[ALICE].owner)
    assert await _whose(graph, dave.owner) == DAVE


async def test_a_swapped_record_of_another_mailbox_is_never_used(
    components: Components, vault: CredentialVault
) -> None:
    """Whatever writes Dave's tokens over Alice's connection, Entra's answer names somebody else."""
    mailboxes = await _linked(components)
    alice = mailboxes[ALICE].owner
    record = await vault.get_record(token_key(alice, mailboxes[DAVE].id))
    assert record is not None
    theirs = TokenRecord.from_bytes(record.value)
    await vault.replace_record(token_key(alice, mailboxes[ALICE].id), replace(theirs, mailbox=alice).to_bytes())
    with pytest.raises(SignInRefused, match="another person"):
        await components.tokens.access_token(alice, mailboxes[ALICE].id, rejected=theirs.access_token)


@pytest.mark.parametrize("tenant", ["common", "consumers", CONSUMERS.tid])
async def test_a_personal_account_signs_in(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, tenant: str
) -> None:
    async with Components.built(replace(settings, tenant=tenant), vault, audit) as components:
        connection = await components.signed_in(FRIDA)
        assert (connection.address, connection.tid) == (FRIDA, CONSUMERS.tid)
        first = await components.tokens.access_token(connection.owner)
        assert await components.tokens.access_token(connection.owner, rejected=first) != first


async def test_a_personal_account_is_refused_by_a_server_for_organisations(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, tenant="organizations"), vault, audit) as components:
        with pytest.raises(AdministratorRequired):
            await components.signed_in(FRIDA)
