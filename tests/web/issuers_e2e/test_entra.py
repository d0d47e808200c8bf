"""Entra ID issues the access tokens for this server, which give access to the mailbox of the user they name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull
from pydantic import AnyUrl, SecretStr

from outlook_mcp.cli.http_client import REDIRECT_URI, unattended_sign_in
from outlook_mcp.cli.unattended_browser import UnattendedBrowser
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO, App
from tests.one_task import in_one_task
from tests.people import key_of
from tests.web.issuers_e2e.entra import consented, grants_asked, letter, registered, token_for, told
from tests.web.issuers_e2e.opened_site import ListeningPort, bearer_client, opened
from tests.web.issuers_e2e.person_at_browser import Person
from tests.web.site.served import ALICE, BOB, LEGACY, MODERN, Served

SECRET = SecretStr("server-secret")


@pytest.fixture
def app(sandbox: Sandbox, port: ListeningPort) -> App:
    app = registered(sandbox, port, secret=SECRET)
    consented(sandbox, app, ALICE, BOB)
    return app


@pytest.fixture
async def site(sandbox: Sandbox, port: ListeningPort, app: App, tmp_path: Path) -> AsyncIterator[Served]:
    settings = {"auth": "entra", "client_id": app.client_id, "client_secret": SECRET, "tenant": CONTOSO.tid}
    async with in_one_task(opened(port, sandbox, tmp_path, **settings)) as site:
        yield site


async def test_a_token_gives_access_to_the_mailbox_of_its_user_and_no_other(site: Served, app: App) -> None:
    letter(site.sandbox, ALICE, "Only for Alice")
    letter(site.sandbox, BOB, "Only for Bob")
    for address, name, other in ((ALICE, "Alice", "Bob"), (BOB, "Bob", "Alice")):
        for version in (LEGACY, MODERN):
            token = await token_for(site.sandbox, app, address)
            found = told(await site.call(token, "mail_search", version))
            assert f"Only for {name}" in found
            assert f"Only for {other}" not in found


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_official_client_calls_with_it_in_both_eras(site: Served, app: App, mode: str) -> None:
    letter(site.sandbox, ALICE, "Only for Alice")
    async with bearer_client(site, await token_for(site.sandbox, app, ALICE), mode) as client:
        answer = await client.call_tool("mail_search", {})
    assert "Only for Alice" in str(answer.content)


async def test_the_official_client_signs_in_at_entra_from_our_metadata(site: Served, app: App) -> None:
    """The client is registered at Entra ID, which has no dynamic registration."""
    letter(site.sandbox, ALICE, "Only for Alice")
    known = OAuthClientInformationFull(
        client_id=site.sandbox.public_client_id,
        redirect_uris=[AnyUrl(REDIRECT_URI)],
        token_endpoint_auth_method="none",
    )
    async with UnattendedBrowser() as browser:
        sign_in = unattended_sign_in(site.mcp_url, ALICE, browser)
        await sign_in.context.storage.set_client_info(known)
        async with (
            httpx2.AsyncClient(auth=sign_in, timeout=30, trust_env=False) as http,
            Client(streamable_http_client(site.mcp_url, http_client=http)) as client,
        ):
            assert "Only for Alice" in str((await client.call_tool("mail_search", {})).content)


async def test_later_calls_with_the_token_send_no_request_to_entra(site: Served, app: App) -> None:
    token = await token_for(site.sandbox, app, ALICE)
    await site.call(token, "mail_folders")
    asked = grants_asked(site.sandbox)
    for version in (MODERN, LEGACY, MODERN):
        assert (await site.call(token, "mail_folders", version)).status_code == 200
    assert grants_asked(site.sandbox) == asked


async def test_metadata_send_clients_to_entra_for_the_scopes_of_our_api(site: Served, app: App) -> None:
    for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"):
        metadata = (await site.http.get(path)).json()
        assert metadata["authorization_servers"] == [f"{site.sandbox.http_url}/{CONTOSO.tid}/v2.0"]
        assert metadata["resource"] == site.mcp_url
        names = ("mail.read", "mail.write", "mail.send")
        assert metadata["scopes_supported"] == [f"api://{app.client_id}/{name}" for name in names]


async def test_without_a_token_a_client_is_told_what_to_ask_entra_for(site: Served, app: App) -> None:
    answer = await site.http.post("/mcp", content=b"{")
    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert f'scope="api://{app.client_id}/mail.read"' in challenge
    assert f'resource_metadata="{site.public_url}/.well-known/oauth-protected-resource/mcp"' in challenge


async def test_a_modern_client_steps_up_with_another_token(site: Served, app: App) -> None:
    narrow = await token_for(site.sandbox, app, ALICE)
    refused = await site.call(narrow, "draft_save", subject="Lunch")
    assert refused.status_code == 403
    prefix = f"api://{app.client_id}/"
    challenge = refused.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert f'scope="{prefix}mail.read {prefix}mail.write"' in challenge
    wide = await token_for(site.sandbox, app, ALICE, "mail.read", "mail.write")
    assert "Lunch" in told(await site.call(wide, "draft_save", subject="Lunch"))


async def test_the_answer_to_a_legacy_client_names_the_missing_scope(site: Served, app: App) -> None:
    narrow = await token_for(site.sandbox, app, ALICE)
    refused = told(await site.call(narrow, "draft_save", LEGACY, subject="Lunch"))
    assert f"a token that has the scope api://{app.client_id}/mail.write." in refused
    assert "/connect" not in refused


async def test_a_token_with_more_scopes_widens_what_graph_allows(site: Served, app: App) -> None:
    await site.call(await token_for(site.sandbox, app, ALICE), "mail_folders")
    alice, connections = key_of(site.sandbox, ALICE), site.site.components.connections
    assert "Mail.ReadWrite" not in await connections.requested_permissions(alice, alice)
    wide = await token_for(site.sandbox, app, ALICE, "mail.read", "mail.write")
    assert "Lunch" in told(await site.call(wide, "draft_save", subject="Lunch"))
    assert "Mail.ReadWrite" in await connections.requested_permissions(alice, alice)


async def test_a_dead_refresh_token_is_replaced_by_the_callers_token(site: Served, app: App) -> None:
    token = await token_for(site.sandbox, app, ALICE)
    await site.call(token, "mail_folders")
    site.sandbox.entra.access_tokens.clear()
    site.sandbox.entra.refresh_tokens.revoke_user(key_of(site.sandbox, ALICE).oid)
    asked = grants_asked(site.sandbox)
    assert "Inbox" in told(await site.call(token, "mail_folders"))
    # The refresh that was refused, and the exchange of the caller's token.
    assert grants_asked(site.sandbox) == asked + 2


async def test_nothing_of_our_own_authorization_server_is_served(site: Served) -> None:
    ours = ("/authorize", "/consent", "/register", "/token", "/revoke")
    for path in (*ours, "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        assert (await site.http.get(path)).status_code == 404
        assert (await site.http.post(path, data={"grant_type": "authorization_code"})).status_code == 404


async def test_the_account_page_shows_the_mailbox_and_connects_another(site: Served, app: App) -> None:
    letter(site.sandbox, BOB, "Only for Bob")
    await site.call(await token_for(site.sandbox, app, ALICE), "mail_folders")
    async with Person(ALICE) as person:
        page = await person.press(await person.open(f"{site.public_url}/account"), "Sign in")
        assert ALICE in page.words
        person.hint = BOB
        page = await person.press(page, "Connect another mailbox")
    assert BOB in page.words
    found = told(await site.call(await token_for(site.sandbox, app, ALICE), "mail_search", account=BOB))
    assert "Only for Bob" in found
    assert "connected no mailbox" in told(
        await site.call(await token_for(site.sandbox, app, BOB), "mail_search", account=ALICE)
    )


async def test_another_mailbox_is_connected_with_the_permissions_of_the_users_own(site: Served, app: App) -> None:
    token = await token_for(site.sandbox, app, ALICE, "mail.read", "mail.write")
    await site.call(token, "mail_folders")
    async with Person(ALICE) as person:
        page = await person.press(await person.open(f"{site.public_url}/account"), "Sign in")
        person.hint = BOB
        await person.press(page, "Connect another mailbox")
    assert "Lunch" in told(await site.call(token, "draft_save", subject="Lunch", account=BOB))
    alice, bob = key_of(site.sandbox, ALICE), key_of(site.sandbox, BOB)
    assert "Mail.ReadWrite" in await site.site.components.connections.requested_permissions(alice, bob)
