"""The sign-in with the sandbox's Entra ID, over the wire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.errors import (
    AdministratorRequired,
    ConfigurationError,
    SignInRefused,
    SignInRequired,
    SignInUnavailable,
)
from outlook_mcp.oauth.entra.client_credential import SecretCredential
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.security_service import SignInSecrets
from outlook_mcp.oauth.sign_in.oauth_manager import MOST_IN_PROGRESS, SignInRequest
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import ALICE, BOB, CALLBACK, Components, opened, person_of, returned, token_calls
from tests.people import key_of

REQUEST = SignInRequest(login_hint=ALICE)


async def test_a_person_signs_in_through_the_loopback_listener(components: Components, sandbox: Sandbox) -> None:
    sign_in = await components.manager.begin_loopback(REQUEST)
    page = await opened(sign_in.url)
    connection = await sign_in.wait()
    assert "You are signed in" in page.text
    assert ALICE in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    alice = key_of(sandbox, ALICE)
    assert connection.owner == connection.mailbox == alice
    assert (connection.address, connection.display_name) == (ALICE, "Alice Archer")
    assert connection.is_default
    assert {"Mail.Read", "User.Read"} <= set(connection.scopes)
    assert person_of(await components.tokens.access_token(alice)) == alice


async def test_a_person_signs_in_over_https_with_a_private_certificate_authority(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    secure = replace(settings, authority=sandbox.https_url, ca_file=sandbox.ca_file)
    async with Components.built(secure, vault, audit) as components:
        begun = await components.manager.begin_sign_in(CALLBACK, REQUEST)
        assert begun.url.startswith(sandbox.https_url)
        connection = await components.manager.complete_sign_in(await returned(begun.url, sandbox.ca_file))
    assert connection.address == ALICE


async def test_the_error_for_an_untrusted_certificate_names_the_setting(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, authority=sandbox.https_url), vault, audit) as components:
        with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_CA_FILE"):
            await components.manager.begin_sign_in(CALLBACK)


async def test_a_file_that_is_no_certificate_is_named(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, tmp_path: Path
) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("nothing")
    async with Components.built(replace(settings, ca_file=broken), vault, audit) as components:
        with pytest.raises(ConfigurationError, match="ca.pem"):
            await components.manager.begin_sign_in(CALLBACK)


async def test_a_server_for_one_tenant_refuses_users_of_others(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, tenant="contoso.example"), vault, audit) as components:
        assert (await components.signed_in(ALICE)).address == ALICE
        with pytest.raises(AdministratorRequired):
            await components.signed_in("dave@fabrikam.example")


async def test_an_unknown_tenant_needs_an_administrator(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, tenant="nobody.example"), vault, audit) as components:
        with pytest.raises(AdministratorRequired, match="tenant"):
            await components.manager.begin_sign_in(CALLBACK)


async def test_many_calls_share_one_sign_in(components: Components) -> None:
    sign_ins = await asyncio.gather(*(components.manager.begin_loopback(REQUEST) for _ in range(50)))
    assert len({sign_in.url for sign_in in sign_ins}) == 1
    waiting = [asyncio.create_task(sign_in.wait()) for sign_in in sign_ins]
    await opened(sign_ins[0].url)
    assert len({(await task).id for task in waiting}) == 1
    assert (await components.manager.begin_loopback(REQUEST)).url != sign_ins[0].url


async def test_a_caller_who_gives_up_does_not_end_the_sign_in(components: Components) -> None:
    sign_in = await components.manager.begin_loopback(REQUEST)
    with pytest.raises(TimeoutError):
        await sign_in.wait(0.01)
    waiting = asyncio.create_task(sign_in.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait((waiting,))
    await opened(sign_in.url)
    assert (await sign_in.wait()).address == ALICE


async def test_the_listener_is_closed_after_the_sign_in_and_after_a_cancel(components: Components) -> None:
    for end in ("finish", "cancel"):
        sign_in = await components.manager.begin_loopback(REQUEST)
        callback = httpx.URL(sign_in.url).params["redirect_uri"].replace("localhost", "127.0.0.1")
        if end == "finish":
            await opened(sign_in.url)
            await sign_in.wait()
        else:
            await sign_in.cancel()
        with pytest.raises(httpx.ConnectError):
            await opened(callback)


async def test_a_callback_with_an_unknown_state_changes_nothing(components: Components) -> None:
    sign_in = await components.manager.begin_loopback(REQUEST)
    callback = httpx.URL(sign_in.url).params["redirect_uri"].replace("localhost", "127.0.0.1")
    for query in ("", "?code=x", "?code=x&state=forged", "?error=access_denied&state=forged"):
        assert (await opened(callback + query)).status_code == 400
    assert not sign_in.done
    await opened(sign_in.url)
    assert (await sign_in.wait()).address == ALICE


async def test_a_code_is_redeemed_once(components: Components) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, REQUEST)
    callback = await returned(begun.url)
    await components.manager.complete_sign_in(callback)
    with pytest.raises(SignInRefused, match="used already"):
        await components.manager.complete_sign_in(callback)


async def test_a_code_of_another_sign_in_is_refused(components: Components) -> None:
    """The code of an attacker's own sign-in, put into the callback of somebody else's."""
    mine = await components.manager.begin_sign_in(CALLBACK, REQUEST)
    theirs = await components.manager.begin_sign_in(CALLBACK, REQUEST)
    stolen = await returned(theirs.url)
    with pytest.raises(SignInRequired, match="501481"):
        await components.manager.complete_sign_in({"state": mine.state, "code": stolen["code"]})


async def test_an_id_token_of_another_sign_in_is_refused(components: Components) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, REQUEST)
    altered = httpx.URL(begun.url).copy_set_param("nonce", "another")
    with pytest.raises(SignInRefused, match="does not belong"):
        await components.manager.complete_sign_in(await returned(str(altered)))
    assert await components.connections.connections_of((await components.signed_in(BOB)).owner) != ()


async def test_too_many_different_sign_ins_end_the_oldest(components: Components) -> None:
    sign_ins = [
        await components.manager.begin_loopback(SignInRequest(login_hint=str(number)))
        for number in range(MOST_IN_PROGRESS + 1)
    ]
    assert [sign_in.done for sign_in in sign_ins] == [True] + [False] * MOST_IN_PROGRESS


async def test_a_confidential_app_proves_itself_with_its_secret(sandbox: Sandbox, settings: OAuthSettings) -> None:
    secret, redirect = sandbox.confidential_client_secret, "http://localhost:8000/oauth/callback"
    made = SignInSecrets("state", SecretStr("nonce"), SecretStr("v" * 43))
    confidential = replace(settings, client_id=sandbox.confidential_client_id)
    provider = MicrosoftOAuthProvider(confidential, SecretCredential(secret))
    url = await provider.authorize_url(made, redirect_uri=redirect, login_hint=ALICE)
    code = SecretStr((await returned(url))["code"])
    answer = await provider.exchange_code(code, redirect_uri=redirect, code_verifier=made.code_verifier)
    assert (await provider.identify(answer, nonce=made.nonce)).address == ALICE
    await provider.aclose()


async def test_a_cancelled_sign_in_cannot_be_completed(components: Components) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, REQUEST)
    callback = await returned(begun.url)
    await components.manager.cancel_sign_in(begun.state)
    with pytest.raises(SignInRefused):
        await components.manager.complete_sign_in(callback)


async def test_declining_on_the_consent_page_refuses_the_sign_in(sandbox: Sandbox, components: Components) -> None:
    begun = await components.manager.begin_sign_in(CALLBACK, REQUEST)
    with pytest.raises(SignInRefused, match="65004"):
        await components.manager.complete_sign_in(
            {"state": begun.state, "error": "access_denied", "error_description": "AADSTS65004: User declined."}
        )
    assert token_calls(sandbox) == 0


async def test_the_page_says_that_the_sign_in_failed(components: Components, sandbox: Sandbox) -> None:
    sandbox.faults.replace_rules(
        [Fault(route="*/token", status=400, body={"error": "invalid_client", "error_codes": [7000215]})]
    )
    sign_in = await components.manager.begin_loopback(REQUEST)
    page = await opened(sign_in.url)
    assert "You are not signed in" in page.text
    with pytest.raises(AdministratorRequired, match="secret"):
        await sign_in.wait()


async def test_only_the_expected_person_may_sign_in(components: Components, sandbox: Sandbox) -> None:
    request = SignInRequest(expected=key_of(sandbox, ALICE))
    with pytest.raises(SignInRefused, match="Another account"):
        await components.signed_in(BOB, request)
    assert (await components.signed_in(ALICE, request)).address == ALICE


async def test_a_linked_mailbox_belongs_to_its_owner(components: Components, sandbox: Sandbox) -> None:
    alice, bob = key_of(sandbox, ALICE), key_of(sandbox, BOB)
    await components.signed_in(ALICE)
    linked = await components.signed_in(BOB, SignInRequest(owner=alice))
    assert (linked.owner, linked.mailbox, linked.is_default) == (alice, bob, False)
    assert person_of(await components.tokens.access_token(alice)) == alice
    assert person_of(await components.tokens.access_token(alice, linked.id)) == bob
    with pytest.raises(SignInRequired):
        await components.tokens.access_token(bob, linked.id)


async def test_signing_keys_may_roll_over_between_sign_ins(components: Components, sandbox: Sandbox) -> None:
    sandbox.entra.keys.roll()
    assert (await components.signed_in(ALICE)).address == ALICE


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route="*", status=500),
        Fault(route="*", status=503, body="busy"),
        Fault(route="*", status=429, body={"error": "throttled"}),
        Fault(route="*", status=200, body="<html>a proxy</html>"),
        Fault(route="*", status=302, headers={"location": "http://127.0.0.1:1/"}),
        Fault(route="*", status=200, body={}),
        Fault(route="*", status=200, body=["x" * 2_000_000]),
        Fault(route="*", cut="before"),
        Fault(route="*", cut="after"),
        Fault(route="*", cut="body"),
        Fault(route="*", delay_s=3600),
    ],
    ids=lambda fault: f"{fault.status} {fault.cut} {fault.delay_s}",
)
async def test_a_failure_of_entra_asks_to_try_again(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, fault: Fault
) -> None:
    sandbox.faults.replace_rules([fault])
    async with Components.built(replace(settings, deadline_s=0.3), vault, audit) as components:
        with pytest.raises(SignInUnavailable):
            await components.manager.begin_sign_in(CALLBACK)


async def test_an_entra_that_cannot_be_reached_asks_to_try_again(
    settings: OAuthSettings, vault: CredentialVault, audit: AuditLog
) -> None:
    async with Components.built(replace(settings, authority="http://127.0.0.1:1"), vault, audit) as components:
        with pytest.raises(SignInUnavailable):
            await components.manager.begin_sign_in(CALLBACK)


@pytest.mark.parametrize("field", ["token_endpoint", "authorization_endpoint", "jwks_uri", "issuer"])
async def test_a_discovery_document_cannot_lead_elsewhere(
    sandbox: Sandbox, settings: OAuthSettings, vault: CredentialVault, audit: AuditLog, field: str
) -> None:
    route = "/common/v2.0/.well-known/openid-configuration"
    async with httpx.AsyncClient(trust_env=False) as client:
        document = (await client.get(sandbox.http_url + route)).json()
    sandbox.faults.replace_rules([Fault(route=route, status=200, body=document | {field: "http://evil.example/x"})])
    async with Components.built(settings, vault, audit) as components:
        with pytest.raises(SignInUnavailable, match=field):
            await components.manager.begin_sign_in(CALLBACK)
