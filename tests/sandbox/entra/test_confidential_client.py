from __future__ import annotations

import base64

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from tests.sandbox.entra.app import OBO_GRANT, RegisteredApp, refusal
from tests.sandbox.entra.test_tokens import verified

ALICE = "alice@contoso.example"
GRAPH_DEFAULT = "https://graph.microsoft.com/.default"


async def assertion(desktop: RegisteredApp, web: RegisteredApp) -> str:
    """An access token for the web app, as its own client gets one."""
    scope = f"openid api://{web.client_id}/access_as_user"
    return str((await desktop.sign_in(ALICE, scope=scope))["access_token"])


async def exchanged(web: RegisteredApp, token: str, **changes: str) -> httpx.Response:
    fields = {
        "grant_type": OBO_GRANT,
        "assertion": token,
        "requested_token_use": "on_behalf_of",
        "scope": "Mail.Read offline_access",
    }
    return await web.token(**(fields | changes))


async def test_the_secret_is_needed(web: RegisteredApp) -> None:
    code = await web.code(ALICE)
    assert refusal(await web.redeem(code, client_secret="wrong")) == (401, "invalid_client", 7000215)
    assert refusal(await web.redeem(code, client_secret="")) == (401, "invalid_client", 7000218)
    assert (await web.redeem(code)).status_code == 200


async def test_the_secret_may_come_as_basic_authentication(web: RegisteredApp, http: httpx.AsyncClient) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": await web.code(ALICE),
        "redirect_uri": web.redirect_uri,
        "code_verifier": web.verifier,
    }
    basic = base64.b64encode(f"{web.client_id}:{web.secret}".encode()).decode()
    address = "/common/oauth2/v2.0/token"
    answer = await http.post(address, data=form, headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200
    for wrong in ("Basic ###", "Basic é"):
        broken = await http.post(address, data=form, headers={b"Authorization": wrong.encode()})
        assert refusal(broken)[2] == 9002313


async def test_an_app_gets_a_token_for_itself(web: RegisteredApp) -> None:
    web.tenant = CONTOSO.tid
    answer = await web.token(grant_type="client_credentials", scope=GRAPH_DEFAULT)
    assert set(answer.json()) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await web.http.get("/v1.0/me/messages", headers=headers)).status_code == 400


@pytest.mark.parametrize(
    ("tenant", "scope", "expected"),
    [
        ("common", GRAPH_DEFAULT, (400, "invalid_request", 9001023)),
        (CONTOSO.tid, "Mail.Read", (400, "invalid_scope", 1002012)),
        (CONTOSO.tid, "api://not-a-registered-resource/.default", (400, "invalid_resource", 500011)),
        (CONTOSO.tid, "", (400, "invalid_request", 900144)),
        ("nowhere.example", GRAPH_DEFAULT, (400, "invalid_tenant", 90002)),
    ],
)
async def test_a_wrong_request_for_itself_is_refused(
    web: RegisteredApp, tenant: str, scope: str, expected: tuple[int, str, int]
) -> None:
    web.tenant = tenant
    assert refusal(await web.token(grant_type="client_credentials", scope=scope)) == expected


async def test_a_public_client_has_no_token_for_itself(desktop: RegisteredApp) -> None:
    desktop.tenant = CONTOSO.tid
    answer = await desktop.token(grant_type="client_credentials", scope=GRAPH_DEFAULT)
    assert refusal(answer) == (401, "invalid_client", 7000218)


async def test_an_api_token_is_for_the_api(desktop: RegisteredApp, web: RegisteredApp) -> None:
    claims = await verified(desktop.http, await assertion(desktop, web), web.client_id)
    assert claims["scp"] == "access_as_user"
    assert claims["azp"] == desktop.client_id
    assert claims["preferred_username"] == ALICE


async def test_an_api_token_is_not_for_graph(desktop: RegisteredApp, web: RegisteredApp) -> None:
    headers = {"Authorization": f"Bearer {await assertion(desktop, web)}"}
    answer = await desktop.http.get("/v1.0/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "Access token validation failure. Invalid audience."


async def test_an_api_gets_graph_tokens_on_behalf_of_its_caller(desktop: RegisteredApp, web: RegisteredApp) -> None:
    answer = (await exchanged(web, await assertion(desktop, web))).json()
    assert answer["scope"] == "Mail.Read"
    assert (await web.refresh(answer["refresh_token"])).status_code == 200


async def test_on_behalf_of_refuses_what_is_not_for_the_api(
    desktop: RegisteredApp, web: RegisteredApp, sandbox: Sandbox
) -> None:
    token = await assertion(desktop, web)
    id_token = (await web.sign_in(ALICE))["id_token"]
    assert refusal(await exchanged(web, "garbage")) == (400, "invalid_grant", 50013)
    assert refusal(await exchanged(web, id_token)) == (400, "invalid_grant", 500131)
    assert refusal(await exchanged(web, token, requested_token_use="other"))[2] == 9002313
    assert refusal(await exchanged(desktop, token)) == (401, "invalid_client", 7000218)
    sandbox.clock.advance(90 * 60 + 1)
    assert refusal(await exchanged(web, token)) == (400, "invalid_grant", 500133)


async def test_on_behalf_of_meets_policies_and_consent(
    desktop: RegisteredApp, web: RegisteredApp, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    token = await assertion(desktop, web)
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    sandbox.directory.require(alice, 50076)
    answer = await exchanged(web, token)
    assert refusal(answer) == (400, "interaction_required", 50076)
    assert answer.json()["claims"]
    sandbox.directory.satisfy(alice)
    order = {"name": "Other", "redirect_uris": ["http://localhost:9/"], "secret": True}
    made = (await http.post("/_sandbox/apps", json=order)).json()
    other = RegisteredApp(http, made["client_id"], secret=made["client_secret"])
    unconsented = await exchanged(other, await assertion(desktop, other))
    assert refusal(unconsented) == (400, "invalid_grant", 65001)
