"""An app with an API of its own: its scopes, its tokens, and Graph on behalf of its callers."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from tests.sandbox.entra.app import OBO_GRANT, RegisteredApp, redirected, refusal
from tests.sandbox.entra.test_tokens import verified

ALICE = "alice@contoso.example"
SCOPES = ["mail.read", "mail.write"]


@pytest.fixture
async def api(http: httpx.AsyncClient) -> RegisteredApp:
    order = {"name": "Mail API", "redirect_uris": ["https://api.example/"], "secret": True, "exposes": SCOPES}
    made = (await http.post("/_sandbox/apps", json=order)).json()
    return RegisteredApp(
        http, made["client_id"], secret=made["client_secret"], redirect_uri="https://api.example/", tenant=CONTOSO.tid
    )


async def on_behalf(api: RegisteredApp, token: str, scope: str = "Mail.Read offline_access") -> httpx.Response:
    return await api.token(grant_type=OBO_GRANT, assertion=token, requested_token_use="on_behalf_of", scope=scope)


async def test_a_token_of_an_exposed_scope_is_a_verifiable_jwt(
    api: RegisteredApp, desktop: RegisteredApp, sandbox: Sandbox
) -> None:
    answer = await desktop.sign_in(ALICE, scope=f"openid api://{api.client_id}/mail.read")
    assert answer["scope"] == f"api://{api.client_id}/mail.read openid"
    claims = await verified(desktop.http, answer["access_token"], api.client_id)
    assert claims["iss"] == f"{sandbox.http_url}/{CONTOSO.tid}/v2.0"
    assert (claims["scp"], claims["azp"], claims["azpacr"], claims["ver"]) == (
        "mail.read", desktop.client_id, "0", "2.0",
    )  # fmt: skip
    assert {"tid", "oid", "sub", "nbf", "exp"} <= set(claims)


async def test_default_means_every_exposed_scope(api: RegisteredApp, desktop: RegisteredApp) -> None:
    answer = await desktop.sign_in(ALICE, scope=f"api://{api.client_id}/.default")
    assert (await verified(desktop.http, answer["access_token"], api.client_id))["scp"] == " ".join(SCOPES)


async def test_a_scope_that_is_not_exposed_does_not_exist(api: RegisteredApp, desktop: RegisteredApp) -> None:
    answer = redirected(await desktop.authorize(login_hint=ALICE, scope=f"api://{api.client_id}/access_as_user"))
    assert answer["error"] == "invalid_client"
    assert answer["error_description"].startswith("AADSTS650053")


async def test_graph_on_behalf_of_a_caller_needs_the_callers_consent_to_the_api(
    api: RegisteredApp, desktop: RegisteredApp, sandbox: Sandbox
) -> None:
    token = (await desktop.sign_in(ALICE, scope=f"api://{api.client_id}/mail.read"))["access_token"]
    assert refusal(await on_behalf(api, token)) == (400, "invalid_grant", 65001)
    app, alice = sandbox.directory.app(api.client_id), sandbox.directory.user(ALICE)
    assert app is not None
    assert alice is not None
    sandbox.directory.consent(app, alice, ["https://graph.microsoft.com/Mail.Read", "offline_access"])
    answer = (await on_behalf(api, token)).json()
    assert answer["refresh_token"]
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert (await api.http.get("/v1.0/me/mailFolders", headers=headers)).status_code == 200
