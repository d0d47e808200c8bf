from __future__ import annotations

from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from tests.sandbox.entra.app import MAIL_SCOPE, RegisteredApp, form_of, redirected, refusal

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"


@pytest.fixture
async def new_app(http: httpx.AsyncClient) -> RegisteredApp:
    """An app that nobody has consented to."""
    order = {"name": "Unconsented app", "redirect_uris": ["http://localhost/done"]}
    client_id = (await http.post("/_sandbox/apps", json=order)).json()["client_id"]
    return RegisteredApp(http, client_id, redirect_uri="http://localhost:4000/done")


async def decide(app: RegisteredApp, decision: str, **changes: str | None) -> dict[str, str]:
    page = await app.authorize(login_hint=ALICE, **changes)
    assert "Permissions requested" in page.text
    form = form_of(page) | {"decision": decision}
    return redirected(await app.http.post("/common/oauth2/v2.0/authorize", data=form))


async def test_an_app_without_consent_asks_for_consent_once(new_app: RegisteredApp) -> None:
    back = await decide(new_app, "accept")
    assert (await new_app.redeem(back["code"])).status_code == 200
    assert "code" in redirected(await new_app.authorize(login_hint=ALICE))


async def test_the_consent_page_lists_what_is_asked_for(new_app: RegisteredApp) -> None:
    page = await new_app.authorize(login_hint=ALICE)
    assert "<li>https://graph.microsoft.com/Mail.Send</li>" in page.text
    assert "Unconsented app" in page.text


async def test_cancelling_returns_access_denied(new_app: RegisteredApp) -> None:
    back = await decide(new_app, "cancel")
    assert back["error"] == "access_denied"
    assert back["error_description"].startswith("AADSTS65004: ")
    assert back["state"] == "the-state"


async def test_the_consent_of_one_user_is_not_that_of_another(new_app: RegisteredApp) -> None:
    await decide(new_app, "accept")
    assert "Permissions requested" in (await new_app.authorize(login_hint=BOB)).text


async def test_more_scopes_need_more_consent(new_app: RegisteredApp) -> None:
    await decide(new_app, "accept", scope="openid Mail.Read")
    page = await new_app.authorize(login_hint=ALICE, scope="openid Mail.Read Mail.Send")
    assert "Mail.Send</li>" in page.text
    assert "Mail.Read</li>" not in page.text


async def test_a_token_carries_all_that_was_ever_consented(new_app: RegisteredApp) -> None:
    await decide(new_app, "accept", scope="openid Mail.Read")
    back = await decide(new_app, "accept", scope="openid User.Read")
    answer: dict[str, Any] = (await new_app.redeem(back["code"])).json()
    assert answer["scope"] == "Mail.Read User.Read openid"


async def test_refreshing_for_a_scope_without_consent_is_refused(new_app: RegisteredApp) -> None:
    back = await decide(new_app, "accept", scope="offline_access Mail.Read")
    refresh_token = (await new_app.redeem(back["code"])).json()["refresh_token"]
    answer = await new_app.refresh(refresh_token, scope="Mail.Send")
    assert refusal(answer) == (400, "invalid_grant", 65001)
    assert answer.json()["suberror"] == "consent_required"
    assert (await new_app.refresh(refresh_token, scope="Mail.Read")).status_code == 200


async def test_withdrawn_consent_ends_refreshing(new_app: RegisteredApp, sandbox: Sandbox) -> None:
    back = await decide(new_app, "accept")
    refresh_token = (await new_app.redeem(back["code"])).json()["refresh_token"]
    app, user = sandbox.directory.app(new_app.client_id), sandbox.directory.user(ALICE)
    assert app is not None
    assert user is not None
    sandbox.directory.withdraw_consent(app, user)
    assert refusal(await new_app.refresh(refresh_token))[2] == 65001


async def test_a_silent_request_without_consent_needs_interaction(new_app: RegisteredApp) -> None:
    """OpenID Connect Core 1.0, 3.1.2.6; learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, prompt=none."""
    back = redirected(await new_app.authorize(login_hint=ALICE, prompt="none"))
    assert back["error"] == "interaction_required"
    assert back["error_description"].startswith("AADSTS65001: ")


async def test_prompt_consent_asks_again_even_a_trusted_app(desktop: RegisteredApp) -> None:
    back = await decide(desktop, "accept", prompt="consent")
    assert back["code"]


async def test_default_needs_the_registered_permissions(new_app: RegisteredApp) -> None:
    scope = "openid https://graph.microsoft.com/.default"
    back = await decide(new_app, "accept", scope=scope)
    answer = (await new_app.redeem(back["code"])).json()
    assert "https://graph.microsoft.com/Mail.ReadWrite" in answer["scope"].split()
    assert "https://graph.microsoft.com/.default" in answer["scope"].split()


async def test_a_registered_path_holds_on_every_port(new_app: RegisteredApp) -> None:
    assert (await new_app.authorize(redirect_uri="http://localhost:1/done", scope=MAIL_SCOPE)).status_code == 200
    assert (await new_app.authorize(redirect_uri="http://localhost:1/other")).status_code == 400
