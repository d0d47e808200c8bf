"""Microsoft's own sign-in library, unchanged, over HTTPS with the sandbox's certificate authority."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msal
import pytest
import requests

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from tests.sandbox.entra.app import hidden_fields

ALICE = "alice@contoso.example"
SCOPES = ["Mail.Read", "Mail.Send"]


@pytest.fixture
def browser(sandbox: Sandbox) -> Iterator[requests.Session]:
    """A blocking HTTP session that trusts the sandbox; MSAL uses one too."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(sandbox.ca_file)
        yield session


@pytest.fixture
def public(sandbox: Sandbox, browser: requests.Session) -> Callable[[], Any]:
    def build() -> Any:
        return msal.PublicClientApplication(
            sandbox.public_client_id,
            authority=f"{sandbox.https_url}/common",
            instance_discovery=False,
            http_client=browser,
        )

    return build


async def test_code_flow_then_silent_then_forced_refresh(public: Callable[[], Any], browser: requests.Session) -> None:
    def run() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        app = public()
        flow = app.initiate_auth_code_flow(
            SCOPES, redirect_uri="http://localhost:5555", login_hint=ALICE, response_mode="form_post"
        )
        answer = hidden_fields(browser.get(flow["auth_uri"]).text)
        signed_in = app.acquire_token_by_auth_code_flow(flow, answer)
        (account,) = app.get_accounts()
        cached = app.acquire_token_silent(SCOPES, account)
        fresh = app.acquire_token_silent(SCOPES, account, force_refresh=True)
        return signed_in, cached, fresh

    signed_in, cached, fresh = await asyncio.to_thread(run)
    assert signed_in["id_token_claims"]["preferred_username"] == ALICE
    assert cached["access_token"] == signed_in["access_token"]
    assert fresh["access_token"] != signed_in["access_token"]
    assert fresh["token_source"] == "identity_provider"


async def test_the_loopback_listener_takes_the_posted_form(
    public: Callable[[], Any], browser: requests.Session
) -> None:
    def open_page(address: str) -> None:
        page = browser.get(address, params={"login_hint": ALICE}, allow_redirects=False)
        if page.status_code == 302:
            browser.get(page.headers["Location"])
            return
        form = hidden_fields(page.text)
        target = page.text.partition('action="')[2].partition('"')[0]
        browser.post(target, data=form)

    def run() -> dict[str, Any]:
        started: list[threading.Thread] = []

        def callback(address: str) -> None:
            started.append(threading.Thread(target=open_page, args=(address,)))
            started[-1].start()

        answer = public().acquire_token_interactive(SCOPES, auth_uri_callback=callback, timeout=20)
        for thread in started:
            thread.join()
        return dict(answer)

    answer = await asyncio.to_thread(run)
    assert answer["id_token_claims"]["preferred_username"] == ALICE


async def test_device_flow(public: Callable[[], Any], browser: requests.Session) -> None:
    def run() -> dict[str, Any]:
        app = public()
        flow = app.initiate_device_flow(SCOPES)
        browser.post(flow["verification_uri"], data={"user_code": flow["user_code"], "user": ALICE})
        return dict(app.acquire_token_by_device_flow(flow))

    answer = await asyncio.to_thread(run)
    assert answer["id_token_claims"]["preferred_username"] == ALICE
    assert answer["refresh_token"]


async def test_a_confidential_client_for_itself_and_on_behalf_of(
    sandbox: Sandbox, browser: requests.Session, public: Callable[[], Any]
) -> None:
    def run() -> tuple[dict[str, Any], dict[str, Any]]:
        web = msal.ConfidentialClientApplication(
            sandbox.confidential_client_id,
            client_credential=sandbox.confidential_client_secret.get_secret_value(),
            authority=f"{sandbox.https_url}/{CONTOSO.tid}",
            instance_discovery=False,
            http_client=browser,
        )
        own = web.acquire_token_for_client(["https://graph.microsoft.com/.default"])
        desktop = public()
        flow = desktop.initiate_device_flow([f"api://{sandbox.confidential_client_id}/access_as_user"])
        browser.post(flow["verification_uri"], data={"user_code": flow["user_code"], "user": ALICE})
        assertion = desktop.acquire_token_by_device_flow(flow)["access_token"]
        return own, web.acquire_token_on_behalf_of(assertion, SCOPES)

    own, delegated = await asyncio.to_thread(run)
    assert own["access_token"]
    assert delegated["scope"].split()[:2] == SCOPES
    assert delegated["id_token_claims"]["preferred_username"] == ALICE


async def test_instance_discovery_is_answered(sandbox: Sandbox, browser: requests.Session) -> None:
    def run() -> Any:
        return msal.PublicClientApplication(
            sandbox.public_client_id,
            authority=f"{sandbox.https_url}/common",
            instance_discovery=f"{sandbox.https_url}/common/discovery/instance",
            http_client=browser,
        )

    assert (await asyncio.to_thread(run)).authority.token_endpoint.endswith("/common/oauth2/v2.0/token")


async def test_an_oidc_authority_is_accepted(sandbox: Sandbox, browser: requests.Session) -> None:
    def run() -> Any:
        return msal.PublicClientApplication(
            sandbox.public_client_id,
            oidc_authority=f"{sandbox.https_url}/{CONTOSO.tid}/v2.0",
            http_client=browser,
        )

    app = await asyncio.to_thread(run)
    assert app.authority.token_endpoint == f"{sandbox.https_url}/{CONTOSO.tid}/oauth2/v2.0/token"
