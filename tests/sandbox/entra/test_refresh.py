from __future__ import annotations

import json

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, User
from tests.sandbox.entra.app import RegisteredApp, redirected, refusal

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
DAY_S = 24 * 3600


@pytest.fixture
def alice(sandbox: Sandbox) -> User:
    user = sandbox.directory.user(ALICE)
    assert user is not None
    return user


async def refresh_token_of(app: RegisteredApp, user: str = ALICE) -> str:
    return str((await app.sign_in(user))["refresh_token"])


async def test_every_use_gives_a_new_token_and_the_old_one_lives(desktop: RegisteredApp) -> None:
    old = await refresh_token_of(desktop)
    first, second = [(await desktop.refresh(old)).json() for _ in range(2)]
    assert len({old, first["refresh_token"], second["refresh_token"]}) == 3
    assert first["access_token"] != second["access_token"]
    for token in (old, first["refresh_token"], second["refresh_token"]):
        assert (await desktop.refresh(token)).status_code == 200


async def test_a_refresh_may_ask_for_other_scopes(desktop: RegisteredApp) -> None:
    answer = (await desktop.refresh(await refresh_token_of(desktop), scope="User.Read openid")).json()
    assert answer["scope"] == "User.Read openid"
    assert "refresh_token" in answer


async def test_a_refresh_for_two_resources_is_refused(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    token = await refresh_token_of(desktop)
    unknown = await desktop.refresh(token, scope="Mail.Fly")
    assert refusal(unknown) == (400, "invalid_scope", 70011)
    both = f"Mail.Read api://{sandbox.confidential_client_id}/access_as_user"
    assert refusal(await desktop.refresh(token, scope=both)) == (400, "invalid_scope", 28000)


async def test_a_token_belongs_to_its_app(desktop: RegisteredApp, web: RegisteredApp) -> None:
    assert refusal(await web.refresh(await refresh_token_of(desktop))) == (400, "invalid_grant", 70000)


async def test_ninety_days_without_use_end_it(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    old = await refresh_token_of(desktop)
    sandbox.clock.advance(89 * DAY_S)
    newer = (await desktop.refresh(old)).json()["refresh_token"]
    sandbox.clock.advance(2 * DAY_S)
    assert refusal(await desktop.refresh(old)) == (400, "invalid_grant", 700082)
    assert (await desktop.refresh(newer)).status_code == 200


async def test_a_single_page_app_signs_in_every_day(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    redirect = "http://localhost:3000/"
    registered = sandbox.directory.register("Page", [redirect], kind="spa")
    page = RegisteredApp(http, registered.client_id, redirect_uri=redirect)
    form = page.authorization(login_hint=ALICE, decision="accept")
    back = redirected(await http.post("/common/oauth2/v2.0/authorize", data=form))
    first = (await page.redeem(back["code"])).json()["refresh_token"]
    sandbox.clock.advance(DAY_S / 2)
    second = (await page.refresh(first)).json()["refresh_token"]
    sandbox.clock.advance(DAY_S / 2 + 1)
    assert refusal(await page.refresh(second)) == (400, "invalid_grant", 700084)


async def test_revocation_kills_the_tokens_of_one_user(desktop: RegisteredApp, http: httpx.AsyncClient) -> None:
    alices, bobs = await refresh_token_of(desktop), await refresh_token_of(desktop, BOB)
    await http.post("/_sandbox/revoke", json={"user": ALICE})
    answer = await desktop.refresh(alices)
    assert refusal(answer) == (400, "invalid_grant", 50173)
    assert answer.json()["suberror"] == "bad_token"
    assert (await desktop.refresh(bobs)).status_code == 200
    assert (await desktop.refresh(await refresh_token_of(desktop))).status_code == 200


@pytest.mark.parametrize("number", [50076, 50078, 50079])
async def test_a_policy_asks_for_interaction_until_the_user_signs_in(
    desktop: RegisteredApp, sandbox: Sandbox, alice: User, number: int
) -> None:
    token = await refresh_token_of(desktop)
    sandbox.directory.require(alice, number)
    answer = await desktop.refresh(token)
    assert refusal(answer) == (400, "interaction_required", number)
    assert "capolids" in json.loads(answer.json()["claims"])["access_token"]
    await desktop.sign_in(ALICE)
    assert (await desktop.refresh(token)).status_code == 200


async def test_conditional_access_blocks_signing_in_as_well(
    desktop: RegisteredApp, sandbox: Sandbox, alice: User
) -> None:
    token = await refresh_token_of(desktop)
    sandbox.directory.require(alice, 53003)
    assert refusal(await desktop.refresh(token)) == (400, "interaction_required", 53003)
    back = redirected(await desktop.authorize(login_hint=ALICE))
    assert back["error_description"].startswith("AADSTS53003: ")


async def test_sign_in_frequency_ends_a_token(desktop: RegisteredApp, sandbox: Sandbox, alice: User) -> None:
    token = await refresh_token_of(desktop)
    sandbox.directory.require(alice, 70043)
    assert refusal(await desktop.refresh(token)) == (400, "invalid_grant", 70043)


def test_only_policies_can_be_required(sandbox: Sandbox, alice: User) -> None:
    with pytest.raises(ValueError, match="50173 is none of"):
        sandbox.directory.require(alice, 50173)
