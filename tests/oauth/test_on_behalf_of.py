"""On-Behalf-Of: the caller's access token, issued by Entra for this server, connects the caller's mailbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import AdministratorRequired, ClaimsRequired, SignInRefused, SignInRequired, SignInUnavailable
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.entra.client_credential import SecretCredential
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.tokens.on_behalf_of import OnBehalfOf
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import App
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, BOB, CALLBACK, Components, person_of
from tests.oauth.on_behalf import READ, SEND, caller_of, consent, exchanges, tokens_of
from tests.people import key_of


@pytest.fixture
def api(sandbox: Sandbox) -> App:
    """This server as an app with an API, to which Alice consented."""
    app = sandbox.directory.register(
        "Server", [CALLBACK], kind="web", secret=SecretStr("api-secret"), exposes=["mail.read"]
    )
    consent(sandbox, app, *READ)
    return app


@pytest.fixture
async def components(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, api: App
) -> AsyncIterator[Components]:
    assert api.secret is not None
    own = replace(settings, client_id=api.client_id)
    async with Components.built(own, vault, audit, credential=SecretCredential(api.secret)) as components:
        yield components


@pytest.fixture
def behalf(components: Components) -> OnBehalfOf:
    return OnBehalfOf(components.provider, components.connections, components.audit, clock=components.clock)


async def test_a_callers_token_connects_the_callers_mailbox(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    caller = await caller_of(sandbox, api)
    connection = await behalf.connect(caller.token, caller.identity, caller.scopes)
    assert connection.owner == connection.mailbox == caller.identity.user
    assert (connection.address, connection.is_default) == (ALICE, True)
    assert person_of(await components.tokens.access_token(connection.owner)) == connection.owner
    tid = connection.owner.tid
    assert sandbox.log.records[-1].path == f"/{tid}/oauth2/v2.0/token"


async def test_the_connection_serves_later_calls_and_its_refresh_needs_no_caller(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    caller = await caller_of(sandbox, api)
    tokens = tokens_of(components, behalf, caller)
    first = await tokens.access_token(caller.identity.user)
    asked = exchanges(sandbox)
    assert await tokens.access_token(caller.identity.user) == first
    assert exchanges(sandbox) == asked
    second = await components.tokens.access_token(caller.identity.user, rejected=first)
    assert second != first


async def test_a_hundred_first_calls_of_one_user_make_one_exchange(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    caller = await caller_of(sandbox, api)
    before = exchanges(sandbox)
    tokens = tokens_of(components, behalf, caller)
    given = await asyncio.gather(*(tokens.access_token(caller.identity.user) for _ in range(100)))
    assert len({token.get_secret_value() for token in given}) == 1
    assert exchanges(sandbox) - before == 1


async def test_a_dead_refresh_is_replaced_by_a_fresh_assertion(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    caller = await caller_of(sandbox, api)
    user = caller.identity.user
    tokens = tokens_of(components, behalf, caller)
    old = await tokens.access_token(user)
    sandbox.entra.refresh_tokens.revoke_user(user.oid)
    sandbox.clock.advance(1)
    new = await tokens.access_token(user, rejected=old)
    assert new != old
    assert person_of(new) == user
    sandbox.entra.refresh_tokens.revoke_user(user.oid)
    with pytest.raises(SignInRequired):
        await tokens_of(components, behalf, None).access_token(user, rejected=new)


async def test_a_callers_token_opens_nobody_elses_mailbox(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    alice = await caller_of(sandbox, api)
    bob = sandbox.directory.user(BOB)
    assert bob is not None
    before = exchanges(sandbox)
    callers = ((UserKey(bob.tid, bob.oid), None), (alice.identity.user, ConnectionId("another")))
    for user, connection in callers:
        with pytest.raises(SignInRequired):
            await tokens_of(components, behalf, alice).access_token(user, connection)
    assert exchanges(sandbox) == before


async def test_a_caller_with_more_scopes_widens_the_connection_and_one_with_fewer_changes_nothing(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    await behalf.ensure(await caller_of(sandbox, api))
    consent(sandbox, api, *SEND)
    wide = await caller_of(sandbox, api, SEND)
    await behalf.ensure(wide)
    assert "Mail.Send" in (await components.connections.default_connection(wide.identity.user)).scopes
    narrow = await caller_of(sandbox, api)
    connection = await behalf.connect(narrow.token, narrow.identity, narrow.scopes)
    assert "Mail.Send" in connection.scopes


async def test_a_permission_without_consent_is_left_out_and_the_others_are_used(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    wide = await caller_of(sandbox, api, SEND)
    with pytest.raises(SignInRequired, match="Mail.Send"):
        await behalf.ensure(wide)
    await behalf.ensure(replace(wide, scopes=READ))
    before = exchanges(sandbox)
    for _ in range(3):
        await behalf.ensure(wide)
    assert exchanges(sandbox) - before == 1
    assert "Mail.Send" not in (await components.connections.default_connection(wide.identity.user)).scopes
    assert person_of(await tokens_of(components, behalf, wide).access_token(wide.identity.user)) == wide.identity.user


async def test_a_revoked_permission_does_not_stop_a_caller_who_needs_less(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    consent(sandbox, api, *SEND)
    caller = await caller_of(sandbox, api, SEND)
    await behalf.ensure(caller)
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    sandbox.directory.withdraw_consent(api, alice)
    consent(sandbox, api, *READ)
    connection = await behalf.connect(caller.token, caller.identity, READ)
    assert "Mail.Send" not in connection.scopes


async def test_a_disconnected_mailbox_is_connected_again_at_the_next_call(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    caller = await caller_of(sandbox, api)
    await behalf.ensure(caller)
    await components.connections.disconnect_all(caller.identity.user)
    await behalf.ensure(caller)
    assert len(await components.connections.connections_of(caller.identity.user)) == 1


async def test_an_expired_assertion_is_reported_to_the_caller(sandbox: Sandbox, behalf: OnBehalfOf, api: App) -> None:
    caller = await caller_of(sandbox, api)
    sandbox.clock.advance(2 * 3600)
    with pytest.raises(SignInRequired, match="access token of the caller has expired"):
        await behalf.ensure(caller)


async def test_a_token_that_microsoft_refused_is_not_sent_again_at_once(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    wide = await caller_of(sandbox, api, SEND)
    before = exchanges(sandbox)
    for _ in range(5):
        with pytest.raises(SignInRequired):
            await behalf.ensure(wide)
    assert exchanges(sandbox) - before == 1
    consent(sandbox, api, *SEND)
    await behalf.ensure(await caller_of(sandbox, api, SEND))
    await behalf.ensure(wide)
    components.clock.now += 61
    await behalf.ensure(wide)


async def test_a_refused_token_does_not_fail_the_call_with_another_token(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    """Two clients of one user at the same moment, one of them with a token that Entra refuses."""
    good = await caller_of(sandbox, api)
    bad = replace(good, token=SecretStr("a.b.c"))
    outcomes = await asyncio.gather(*map(behalf.ensure, (bad, good, bad, good)), return_exceptions=True)
    assert [isinstance(outcome, AdministratorRequired) for outcome in outcomes] == [True, False, True, False]
    assert len(await components.connections.connections_of(good.identity.user)) == 1


async def test_writing_contains_reading(sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App) -> None:
    consent(sandbox, api, "Mail.ReadWrite")
    caller = await caller_of(sandbox, api, ("User.Read", "Mail.ReadWrite"))
    await behalf.ensure(caller)
    before = exchanges(sandbox)
    await behalf.ensure(replace(caller, scopes=READ))
    assert exchanges(sandbox) == before
    user = caller.identity.user
    assert "Mail.Read" not in await components.connections.requested_permissions(user, user)


async def test_the_error_of_a_policy_carries_its_claims(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    caller = await caller_of(sandbox, api)
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    sandbox.directory.require(alice, 50076)
    with pytest.raises(ClaimsRequired) as required:
        await behalf.ensure(caller)
    assert "capolids" in required.value.claims
    sandbox.directory.satisfy(alice)
    components.clock.now += 61
    await behalf.ensure(caller)


async def test_a_token_for_another_app_is_no_assertion(sandbox: Sandbox, behalf: OnBehalfOf, api: App) -> None:
    other = sandbox.directory.register("Other", [CALLBACK], kind="web", secret=SecretStr("x"), exposes=["mail.read"])
    caller = await caller_of(sandbox, other)
    with pytest.raises(AdministratorRequired, match="another app"):
        await behalf.ensure(caller)
    with pytest.raises(AdministratorRequired, match="not one of this Entra ID"):
        await behalf.ensure(replace(caller, token=SecretStr("a.b.c")))


async def test_an_answer_for_another_person_is_not_kept(
    sandbox: Sandbox, components: Components, behalf: OnBehalfOf, api: App
) -> None:
    """The verified identity and the assertion name different users: tokens must not reach the wrong one."""
    consent(sandbox, api, *READ, upn=BOB)
    alice, bob = await caller_of(sandbox, api), await caller_of(sandbox, api, upn=BOB)
    with pytest.raises(SignInRefused, match="another person"):
        await behalf.connect(bob.token, alice.identity, READ)
    for person in (alice, bob):
        assert await components.connections.connections_of(person.identity.user) == ()


async def test_a_failure_of_entra_asks_to_try_again(sandbox: Sandbox, behalf: OnBehalfOf, api: App) -> None:
    caller = await caller_of(sandbox, api)
    sandbox.faults.replace_rules([Fault(route="*/token", status=503)])
    with pytest.raises(SignInUnavailable):
        await behalf.ensure(caller)


async def test_whoever_is_not_admitted_is_refused_before_entra_is_asked(
    sandbox: Sandbox, components: Components, audit: AuditLog, api: App
) -> None:
    strict = OnBehalfOf(
        components.provider,
        components.connections,
        components.audit,
        admission=Admission(denied_users=[str(key_of(sandbox, ALICE))]),
    )
    caller = await caller_of(sandbox, api)
    before = exchanges(sandbox)
    with pytest.raises(SignInRefused, match=f"{ALICE} may not be used with this server"):
        await strict.ensure(caller)
    assert exchanges(sandbox) == before
    assert last_records(audit.path, 1)[0]["tag"] == "oauth:connection:sign_in_failed"
    await strict.aclose()


async def test_the_assertion_is_in_no_log_error_or_repr(sandbox: Sandbox, behalf: OnBehalfOf, api: App) -> None:
    caller = await caller_of(sandbox, api)
    sandbox.clock.advance(2 * 3600)
    with pytest.raises(SignInRequired) as refused:
        await behalf.ensure(caller)
    secret = caller.token.get_secret_value()
    assert secret not in repr(caller)
    assert secret not in str(refused.value)
