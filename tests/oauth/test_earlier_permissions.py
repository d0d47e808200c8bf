"""A sign-in that asks for less takes nothing away from what was granted before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.connections.token_record import token_key
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, CALLBACK, Components, person_of, returned, token_calls

READ = SignInRequest(scopes=("User.Read", "Mail.Read"))
SEND = SignInRequest(scopes=("User.Read", "Mail.Read", "Mail.Send"))
GRAPH = "https://graph.microsoft.com"
OPENID = ("openid", "profile", "offline_access")


async def _asked(connections: OAuthIntegrationService, user: UserKey) -> set[str]:
    return set(await connections.requested_permissions(user, user))


async def test_a_narrower_sign_in_keeps_the_wider_permissions(components: Components, sandbox: Sandbox) -> None:
    await components.signed_in(ALICE, SEND)
    calls = token_calls(sandbox)
    connection = await components.signed_in(ALICE, READ)
    assert token_calls(sandbox) - calls == 2
    assert {"Mail.Read", "Mail.Send"} <= set(connection.scopes)
    assert await _asked(components.connections, connection.owner) == set(SEND.scopes or ())
    token = await components.tokens.access_token(connection.owner)
    assert person_of(token) == connection.owner
    assert "Mail.Send" in (await components.connections.default_connection(connection.owner)).scopes


async def test_a_wider_or_equal_sign_in_asks_once(components: Components, sandbox: Sandbox) -> None:
    for request in (READ, READ, SEND, SEND):
        before = token_calls(sandbox)
        await components.signed_in(ALICE, request)
        assert token_calls(sandbox) - before == 1


async def test_permissions_of_which_neither_contains_the_other_are_united(components: Components) -> None:
    await components.signed_in(ALICE, SignInRequest(scopes=("Mail.Read", "Mail.Send")))
    connection = await components.signed_in(ALICE, SignInRequest(scopes=("MailboxSettings.ReadWrite", "Mail.Read")))
    assert {"Mail.Read", "Mail.Send", "MailboxSettings.ReadWrite"} <= set(connection.scopes)


async def test_writing_contains_reading_and_is_not_asked_for_twice(components: Components, sandbox: Sandbox) -> None:
    await components.signed_in(ALICE, READ)
    before = token_calls(sandbox)
    connection = await components.signed_in(ALICE, SignInRequest(scopes=("User.Read", "Mail.ReadWrite")))
    assert token_calls(sandbox) - before == 1
    await components.signed_in(ALICE, READ)
    assert await _asked(components.connections, connection.owner) == {"User.Read", "Mail.ReadWrite"}


async def test_earlier_permissions_are_kept_where_refresh_tokens_work_once(
    strict_sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    strict = replace(settings, authority=strict_sandbox.http_url)
    async with Components.built(strict, vault, audit) as components:
        await components.signed_in(ALICE, SEND)
        connection = await components.signed_in(ALICE, READ)
        first = await components.tokens.access_token(connection.owner)
        assert await components.tokens.access_token(connection.owner, rejected=first) != first


async def test_a_permission_that_microsoft_no_longer_grants_is_dropped(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    app = sandbox.directory.register("Mine", ["http://localhost/*"])
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    read = {*OPENID, f"{GRAPH}/User.Read", f"{GRAPH}/Mail.Read"}
    async with Components.built(replace(settings, client_id=app.client_id), vault, audit) as components:
        sandbox.directory.consent(app, alice, read | {f"{GRAPH}/Mail.Send"})
        await components.signed_in(ALICE, SEND)
        sandbox.directory.withdraw_consent(app, alice)
        sandbox.directory.consent(app, alice, read)
        connection = await components.signed_in(ALICE, READ)
        assert "Mail.Send" not in connection.scopes
        assert await _asked(components.connections, connection.owner) == set(READ.scopes or ())
        assert person_of(await components.tokens.access_token(connection.owner)) == connection.owner


async def test_nothing_changes_while_microsoft_cannot_be_asked(components: Components, sandbox: Sandbox) -> None:
    """The second request fails, the one for the union."""
    owner = (await components.signed_in(ALICE, SEND)).owner
    callback = await returned((await components.manager.begin_sign_in(CALLBACK, replace(READ, login_hint=ALICE))).url)
    sandbox.faults.replace_rules([Fault(route="*/token", skip=1, status=503)])
    with pytest.raises(SignInUnavailable):
        await components.manager.complete_sign_in(callback)
    assert await _asked(components.connections, owner) == set(SEND.scopes or ())


async def test_a_record_that_cannot_be_read_is_replaced(components: Components, vault: CredentialVault) -> None:
    connection = await components.signed_in(ALICE, SEND)
    await vault.replace_record(token_key(connection.owner, connection.id), b"{}")
    assert (await components.signed_in(ALICE, READ)).id == connection.id
    assert await _asked(components.connections, connection.owner) == set(READ.scopes or ())
    assert await vault.get_record(RecordKey(connection.owner, "token", connection.id)) is not None


async def test_a_sign_in_for_people_asks_for_the_directory_too_where_that_is_set(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, directory=True), vault, audit) as components:
        connection = await components.signed_in(ALICE, READ)
        assert "User.ReadBasic.All" not in connection.scopes
        people = SignInRequest(scopes=("User.Read", "Contacts.Read", "People.Read"))
        connection = await components.signed_in(ALICE, people)
    assert "User.ReadBasic.All" in connection.scopes
