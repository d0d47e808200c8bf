from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from tests.sandbox.entra.app import RegisteredApp, form_of, redirected

ALICE, DAVE = "alice@contoso.example", "dave@fabrikam.example"


async def test_a_login_hint_signs_in_unattended(desktop: RegisteredApp) -> None:
    back = redirected(await desktop.authorize(login_hint=ALICE))
    assert back["state"] == "the-state"
    assert back["code"]
    assert back["session_state"]


async def test_without_a_hint_the_page_offers_every_user(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    page = await desktop.authorize()
    assert page.status_code == 200
    assert all(user.upn in page.text for user in sandbox.users)


async def test_the_page_of_a_tenant_offers_only_its_users(desktop: RegisteredApp) -> None:
    desktop.tenant = "fabrikam.example"
    page = await desktop.authorize()
    assert DAVE in page.text
    assert ALICE not in page.text


async def test_picking_a_user_on_the_page_goes_back_to_the_app(desktop: RegisteredApp, http: httpx.AsyncClient) -> None:
    page = await desktop.authorize()
    back = redirected(await http.post("/common/oauth2/v2.0/authorize", data=form_of(page) | {"user": ALICE}))
    answer = await desktop.redeem(back["code"])
    assert answer.status_code == 200


async def test_the_page_escapes_what_it_is_given(desktop: RegisteredApp) -> None:
    page = await desktop.authorize(state='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text


async def test_a_fragment_is_used_when_asked_for(desktop: RegisteredApp) -> None:
    answer = await desktop.authorize(login_hint=ALICE, response_mode="fragment")
    assert answer.headers["location"].startswith("http://localhost:53682/#code=")


async def test_form_post_brings_the_code_in_a_form(desktop: RegisteredApp) -> None:
    page = await desktop.authorize(login_hint=ALICE, response_mode="form_post")
    assert 'action="http://localhost:53682/"' in page.text
    assert form_of(page)["state"] == "the-state"
    assert (await desktop.redeem(form_of(page)["code"])).status_code == 200


async def test_client_info_comes_back_when_asked_for(desktop: RegisteredApp) -> None:
    assert "client_info" in redirected(await desktop.authorize(login_hint=ALICE, client_info="1"))
    assert "client_info" not in redirected(await desktop.authorize(login_hint=ALICE))


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/",
        "http://localhost.evil.example/",
        "https://localhost:5000/",
        "http://localhost:99999/",
        "http://[::1",
        "",
    ],
)
async def test_a_foreign_redirect_never_gets_an_answer(desktop: RegisteredApp, redirect: str) -> None:
    page = await desktop.authorize(login_hint=ALICE, redirect_uri=redirect)
    assert page.status_code == 400
    assert "AADSTS50011" in page.text


@pytest.mark.parametrize("redirect", ["http://localhost:1/", "http://127.0.0.1:2/callback", "http://[::1]:3/"])
async def test_a_public_client_may_use_any_loopback_port(desktop: RegisteredApp, redirect: str) -> None:
    answer = await desktop.authorize(login_hint=ALICE, redirect_uri=redirect)
    assert answer.headers["location"].startswith(redirect)


async def test_a_confidential_client_must_use_its_exact_redirect(web: RegisteredApp) -> None:
    assert (await web.authorize(login_hint=ALICE)).status_code == 302
    assert (
        await web.authorize(login_hint=ALICE, redirect_uri="http://localhost:8001/oauth/callback")
    ).status_code == 400


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_id": "b4a2d7c8-0000-4c36-8d0f-9e6a2c4b8f02"}, 700016),
        ({"client_id": "nonsense"}, 700038),
        ({"client_id": None}, 900144),
        ({"response_mode": "smoke"}, 70007),
    ],
)
async def test_what_is_wrong_with_the_app_is_told_on_a_page(
    desktop: RegisteredApp, changes: dict[str, str | None], number: int
) -> None:
    page = await desktop.authorize(**changes)
    assert page.status_code == 400
    assert f"AADSTS{number}" in page.text


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"response_type": "token"}, "unsupported_response_type", 700051),
        ({"response_type": "code id_token"}, "unsupported_response_type", 700054),
        ({"response_type": "magic"}, "unsupported_response_type", 70005),
        ({"response_type": None}, "invalid_request", 900144),
        ({"scope": None}, "invalid_request", 900144),
        ({"scope": "Mail.Fly"}, "invalid_client", 650053),
        ({"scope": "api://nobody/read"}, "invalid_resource", 500011),
        ({"code_challenge_method": "S512"}, "invalid_request", 9002313),
        ({"code_challenge": "x" * 44}, "invalid_request", 501491),
        ({"code_challenge": "x" * 42, "code_challenge_method": None}, "invalid_request", 501491),
        ({"prompt": "login consent"}, "invalid_request", 90023),
        ({"prompt": "none", "login_hint": None}, "login_required", 50058),
        ({"login_hint": "nobody@contoso.example"}, "invalid_grant", 50034),
        ({"login_hint": "nobody@contoso.example", "prompt": "none"}, "login_required", 50058),
    ],
)
async def test_what_is_wrong_with_the_request_goes_back_to_the_app(
    desktop: RegisteredApp, changes: dict[str, str | None], error: str, number: int
) -> None:
    back = redirected(await desktop.authorize(**({"login_hint": ALICE} | changes)))
    assert back["error"] == error
    assert back["error_description"].startswith(f"AADSTS{number}: ")
    assert back["state"] == "the-state"
    assert "code" not in back


async def test_a_user_of_another_tenant_is_turned_away(desktop: RegisteredApp) -> None:
    desktop.tenant = "contoso.example"
    back = redirected(await desktop.authorize(login_hint=DAVE))
    assert back["error_description"].startswith("AADSTS50020: ")


async def test_a_silent_request_cannot_do_what_a_policy_asks_for(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    sandbox.directory.require(alice, 50076)
    back = redirected(await desktop.authorize(login_hint=ALICE, prompt="none"))
    assert (back["error"], back["error_description"][:12]) == ("interaction_required", "AADSTS50076:")
    assert "code" in redirected(await desktop.authorize(login_hint=ALICE))
    assert "code" in redirected(await desktop.authorize(login_hint=ALICE, prompt="none"))


async def test_a_silent_request_with_a_hint_succeeds(desktop: RegisteredApp) -> None:
    assert "code" in redirected(await desktop.authorize(login_hint=ALICE, prompt="none"))
