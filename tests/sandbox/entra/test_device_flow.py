from __future__ import annotations

from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from tests.sandbox.entra.app import DEVICE_GRANT, MAIL_SCOPE, RegisteredApp, form_of, refusal

ALICE = "alice@contoso.example"


async def started(app: RegisteredApp) -> dict[str, Any]:
    form = {"client_id": app.client_id, "scope": MAIL_SCOPE}
    return dict((await app.http.post("/common/oauth2/v2.0/devicecode", data=form)).json())


async def polled(app: RegisteredApp, flow: dict[str, Any]) -> httpx.Response:
    return await app.token(grant_type=DEVICE_GRANT, device_code=flow["device_code"])


async def typed(app: RegisteredApp, flow: dict[str, Any], **fields: str) -> httpx.Response:
    return await app.http.post("/devicelogin", data={"user_code": flow["user_code"]} | fields)


async def test_the_start_tells_where_to_go(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    flow = await started(desktop)
    assert flow["verification_uri"] == f"{sandbox.http_url}/devicelogin"
    assert (flow["expires_in"], flow["interval"]) == (900, 5)
    assert flow["user_code"] in flow["message"]
    assert "verification_uri_complete" not in flow


async def test_the_app_waits_until_somebody_signs_in(desktop: RegisteredApp) -> None:
    flow = await started(desktop)
    assert refusal(await polled(desktop, flow)) == (400, "authorization_pending", 70016)
    assert "signed in" in (await typed(desktop, flow, user=ALICE)).text
    answer = await polled(desktop, flow)
    assert answer.json()["refresh_token"]
    assert refusal(await polled(desktop, flow)) == (400, "bad_verification_code", 70018)


async def test_the_pages_lead_from_the_code_to_the_user(desktop: RegisteredApp) -> None:
    flow = await started(desktop)
    entry = await desktop.http.get("/devicelogin", params={"otc": flow["user_code"]})
    assert flow["user_code"] in entry.text
    picker = await typed(desktop, flow)
    assert ALICE in picker.text
    done = await desktop.http.post("/devicelogin", data=form_of(picker) | {"user": ALICE})
    assert "signed in" in done.text


async def test_a_code_dies_after_fifteen_minutes(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    flow = await started(desktop)
    sandbox.clock.advance(901)
    assert refusal(await polled(desktop, flow)) == (400, "expired_token", 70019)
    assert (await typed(desktop, flow, user=ALICE)).status_code == 400


async def test_declining_ends_the_waiting(desktop: RegisteredApp) -> None:
    flow = await started(desktop)
    await typed(desktop, flow, decision="cancel")
    assert refusal(await polled(desktop, flow)) == (400, "authorization_declined", 70020)


async def test_the_page_of_accounts_can_be_declined(desktop: RegisteredApp) -> None:
    """Also an app that has consent already is no reason to sign in, when somebody else sent the code."""
    flow = await started(desktop)
    picker = await typed(desktop, flow)
    assert 'value="cancel">Cancel</button>' in picker.text
    declined = await desktop.http.post("/devicelogin", data=form_of(picker) | {"decision": "cancel"})
    assert "You cancelled" in declined.text
    assert refusal(await polled(desktop, flow)) == (400, "authorization_declined", 70020)


async def test_a_made_up_device_code_is_refused(desktop: RegisteredApp) -> None:
    assert refusal(await polled(desktop, {"device_code": "x"})) == (400, "bad_verification_code", 70018)


async def test_a_mistyped_user_code_is_told(desktop: RegisteredApp) -> None:
    page = await desktop.http.post("/devicelogin", data={"user_code": "NOSUCHONE", "user": ALICE})
    assert page.status_code == 400
    assert "That code didn&#x27;t work" in page.text


async def test_a_strange_app_needs_consent(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    registered = sandbox.directory.register("Unconsented app", ["http://localhost/"])
    app = RegisteredApp(http, registered.client_id)
    flow = await started(app)
    page = await typed(app, flow, user=ALICE)
    assert "Permissions requested" in page.text
    assert refusal(await polled(app, flow))[1] == "authorization_pending"
    await http.post("/devicelogin", data=form_of(page) | {"decision": "accept"})
    assert (await polled(app, flow)).status_code == 200


@pytest.mark.parametrize("scope", ["", "Mail.Fly"])
async def test_a_wrong_scope_is_refused_at_the_start(desktop: RegisteredApp, scope: str) -> None:
    form = {"client_id": desktop.client_id, "scope": scope}
    answer = await desktop.http.post("/common/oauth2/v2.0/devicecode", data=form)
    assert answer.status_code == 400
