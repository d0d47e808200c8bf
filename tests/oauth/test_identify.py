"""Identifying the person at the browser without storing anything, and who may use the server."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import AdministratorRequired, SignInRefused
from outlook_mcp.identity.admission import Admission
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.oauth.sign_in.vault_pending import VaultPendingSignIns
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, BOB, CALLBACK, Components, returned, token_calls
from tests.people import key_of

DAVE = "dave@fabrikam.example"
WHO = SignInRequest(login_hint=ALICE, connects=False)


async def test_a_person_is_identified_and_nothing_is_kept(
    components: Components, sandbox: Sandbox, vault: CredentialVault
) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, WHO)
    assert httpx.URL(begun.url).params["scope"] == "openid profile"
    identity = await components.manager.identify(await returned(begun.url))
    assert (identity.user, identity.address) == (key_of(sandbox, ALICE), ALICE)
    assert await components.connections.connections_of(identity.user) == ()
    assert await vault.users() == ()


async def test_a_callback_works_once_and_only_for_the_purpose_that_it_was_started_for(components: Components) -> None:
    """An identification never becomes a connection, and a connection never passes for an identification."""
    for request in (WHO, replace(WHO, connects=True)):
        callback = await returned((await components.manager.begin_sign_in(CALLBACK, request)).url)
        right, wrong = components.manager.identify, components.manager.complete_sign_in
        if request.connects:
            right, wrong = wrong, right  # type: ignore[assignment]
        for attempt in (wrong, right):
            with pytest.raises(SignInRefused, match="not known"):
                await attempt(callback)


async def test_a_sign_in_that_ends_in_this_process_always_connects_a_mailbox(components: Components) -> None:
    for begin in (components.manager.begin_loopback, components.manager.begin_device):
        with pytest.raises(ValueError, match="connects a mailbox"):
            await begin(WHO)


async def test_only_the_expected_person_is_identified(components: Components, sandbox: Sandbox) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, replace(WHO, expected=key_of(sandbox, BOB)))
    with pytest.raises(SignInRefused, match="Another account"):
        await components.manager.identify(await returned(begun.url))


async def test_an_id_token_of_another_identification_is_refused(components: Components) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, WHO)
    altered = httpx.URL(begun.url).copy_set_param("nonce", "another")
    with pytest.raises(SignInRefused, match="does not belong"):
        await components.manager.identify(await returned(str(altered)))


async def test_an_error_of_microsoft_ends_an_identification(components: Components, sandbox: Sandbox) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, WHO)
    callback = await returned(begun.url)
    sandbox.faults.replace_rules([Fault(route="*/token", status=400, body={"error": "invalid_client"})])
    with pytest.raises(AdministratorRequired):
        await components.manager.identify(callback)


async def test_a_sign_in_begun_on_one_server_ends_on_another_once(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, sandbox: Sandbox
) -> None:
    shared = VaultPendingSignIns(Tickets(vault, Digests(await vault.derive_key("digests"))))
    async with (
        Components.built(settings, vault, audit, pending=shared) as here,
        Components.built(settings, vault, audit, pending=shared) as there,
    ):
        callback = await returned((await here.manager.begin_sign_in(CALLBACK, replace(WHO, connects=True))).url)
        assert (await there.manager.complete_sign_in(callback)).address == ALICE
        calls = token_calls(sandbox)
        with pytest.raises(SignInRefused, match="used already"):
            await here.manager.complete_sign_in(callback)
        assert token_calls(sandbox) == calls


async def test_nothing_is_stored_of_a_user_who_is_not_admitted(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, sandbox: Sandbox
) -> None:
    admission = Admission(denied_users=[str(key_of(sandbox, ALICE))])
    async with Components.built(settings, vault, audit, admission=admission) as components:
        with pytest.raises(SignInRefused, match=f"{ALICE} may not be used with this server"):
            await components.signed_in(ALICE)
        begun = await components.manager.begin_sign_in(CALLBACK, WHO)
        with pytest.raises(SignInRefused, match=f"{ALICE} may not be used with this server"):
            await components.manager.identify(await returned(begun.url))
        device = await components.manager.begin_device()
        async with httpx.AsyncClient(trust_env=False) as browser:
            await browser.post(device.url, data={"user_code": device.user_code, "user": ALICE})
        with pytest.raises(SignInRefused, match=f"{ALICE} may not be used with this server"):
            await device.wait(10)
        assert await vault.users() == ()
        assert (await components.signed_in(BOB)).address == BOB


async def test_a_user_who_was_let_in_may_link_a_mailbox_of_another_tenant_unless_it_is_denied(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, sandbox: Sandbox
) -> None:
    alice, dave = key_of(sandbox, ALICE), key_of(sandbox, DAVE)
    linking = SignInRequest(owner=alice)
    async with Components.built(settings, vault, audit, admission=Admission(allowed_tenants=[alice.tid])) as components:
        await components.signed_in(ALICE)
        assert (await components.signed_in(DAVE, linking)).mailbox == dave
        with pytest.raises(SignInRefused):
            await components.signed_in(DAVE)
        assert await components.connections.connections_of(dave) == ()
    async with Components.built(settings, vault, audit, admission=Admission(denied_tenants=[dave.tid])) as components:
        with pytest.raises(SignInRefused):
            await components.signed_in(DAVE, linking)


async def test_one_more_mailbox_is_chosen_among_all_accounts(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, login_hint=ALICE), vault, audit) as components:
        usual = httpx.URL((await components.manager.begin_sign_in(CALLBACK)).url).params
        choosing = SignInRequest(select_account=True)
        more = httpx.URL((await components.manager.begin_sign_in(CALLBACK, choosing)).url).params
        named = SignInRequest(select_account=True, login_hint=DAVE)
        hinted = httpx.URL((await components.manager.begin_sign_in(CALLBACK, named)).url).params
    assert (usual.get("login_hint"), usual.get("prompt")) == (ALICE, None)
    assert (more.get("login_hint"), more.get("prompt")) == (None, "select_account")
    assert (hinted.get("login_hint"), hinted.get("prompt")) == (DAVE, "select_account")


@pytest.mark.parametrize("callback", ["https://mail.contoso.example/callback", "http://127.0.0.1:8123/callback"])
async def test_the_callback_of_a_server_is_its_public_address(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, callback: str
) -> None:
    registered = OAuthSecurityService(redirect_uris=("https://mail.contoso.example/callback",))
    assert registered.check_redirect(callback) == callback
