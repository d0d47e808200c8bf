from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import jwt
import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO
from tests.sandbox.entra.app import RegisteredApp, refusal

ALICE, BOB, DAVE = "alice@contoso.example", "bob@contoso.example", "dave@fabrikam.example"


async def verified(http: httpx.AsyncClient, token: str, audience: str) -> dict[str, Any]:
    """The claims of a token, checked as a relying party does."""
    keys = jwt.PyJWKSet.from_dict((await http.get("/common/discovery/v2.0/keys")).json())
    kid = jwt.get_unverified_header(token)["kid"]
    return dict(jwt.decode(token, keys[kid].key, ["RS256"], audience=audience))


async def test_a_code_buys_tokens_for_the_user(desktop: RegisteredApp) -> None:
    answer = await desktop.sign_in(ALICE)
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == answer["ext_expires_in"]
    assert answer["scope"] == "Mail.ReadWrite Mail.Send openid profile"
    assert set(answer) == {
        "token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token",
    }  # fmt: skip


async def test_tokens_are_asked_for_by_post_alone(http: httpx.AsyncClient) -> None:
    answer = await http.get("/common/oauth2/v2.0/token?grant_type=authorization_code")
    assert refusal(answer) == (400, "invalid_request", 900561)


async def test_the_id_token_verifies_with_the_published_keys(
    desktop: RegisteredApp, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    claims = await verified(http, (await desktop.sign_in(ALICE))["id_token"], desktop.client_id)
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    assert claims["iss"] == f"{sandbox.http_url}/{CONTOSO.tid}/v2.0"
    assert (claims["tid"], claims["oid"]) == (CONTOSO.tid, alice.oid)
    assert claims["preferred_username"] == ALICE
    assert claims["name"] == "Alice Archer"
    assert claims["nonce"] == "the-nonce"
    assert claims["ver"] == "2.0"


async def test_oid_needs_the_profile_scope(desktop: RegisteredApp, http: httpx.AsyncClient) -> None:
    answer = await desktop.sign_in(ALICE, scope="openid email Mail.Read")
    claims = await verified(http, answer["id_token"], desktop.client_id)
    assert "oid" not in claims
    assert claims["email"] == ALICE


async def test_without_openid_there_is_no_id_token(desktop: RegisteredApp) -> None:
    assert "id_token" not in await desktop.sign_in(ALICE, scope="Mail.Read")


async def test_without_offline_access_there_is_no_refresh_token(desktop: RegisteredApp) -> None:
    assert "refresh_token" not in await desktop.sign_in(ALICE, scope="openid Mail.Read")


async def test_the_subject_differs_from_app_to_app(
    desktop: RegisteredApp, web: RegisteredApp, http: httpx.AsyncClient
) -> None:
    first = await verified(http, (await desktop.sign_in(ALICE))["id_token"], desktop.client_id)
    again = await verified(http, (await desktop.sign_in(ALICE))["id_token"], desktop.client_id)
    other = await verified(http, (await web.sign_in(ALICE))["id_token"], web.client_id)
    assert first["sub"] == again["sub"] != other["sub"]


async def test_keys_roll_without_notice(desktop: RegisteredApp, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    before = (await desktop.sign_in(ALICE))["id_token"]
    sandbox.entra.keys.roll()
    after = (await desktop.sign_in(ALICE))["id_token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    for token in (before, after):
        await verified(http, token, desktop.client_id)


async def test_a_graph_token_cannot_be_verified_by_clients(desktop: RegisteredApp, http: httpx.AsyncClient) -> None:
    token = (await desktop.sign_in(ALICE))["access_token"]
    with pytest.raises(jwt.InvalidSignatureError):
        await verified(http, token, "https://graph.microsoft.com")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("mail.read", "Mail.Read"),
        ("https://graph.microsoft.com/Mail.Read", "https://graph.microsoft.com/Mail.Read"),
        (
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/Mail.ReadWrite"
            " https://graph.microsoft.com/Mail.Send https://graph.microsoft.com/MailboxSettings.ReadWrite"
            " https://graph.microsoft.com/User.Read https://graph.microsoft.com/.default",
        ),
    ],
)
async def test_scopes_are_answered_in_the_form_they_were_asked(
    desktop: RegisteredApp, asked: str, answered: str
) -> None:
    assert (await desktop.sign_in(ALICE, scope=asked))["scope"] == answered


async def test_client_info_names_the_account(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    packed = (await desktop.sign_in(ALICE, client_info="1"))["client_info"]
    alice = sandbox.directory.user(ALICE)
    assert alice is not None
    assert json.loads(base64.urlsafe_b64decode(packed + "==")) == {"uid": alice.oid, "utid": alice.tid}


async def test_a_code_works_once(desktop: RegisteredApp) -> None:
    code = await desktop.code(ALICE)
    assert (await desktop.redeem(code)).status_code == 200
    assert refusal(await desktop.redeem(code)) == (400, "invalid_grant", 54005)


async def test_a_code_dies_after_ten_minutes(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    code = await desktop.code(ALICE)
    sandbox.clock.advance(601)
    assert refusal(await desktop.redeem(code)) == (400, "invalid_grant", 70008)


async def test_a_wrong_verifier_is_refused_and_the_code_lives_on(desktop: RegisteredApp) -> None:
    code = await desktop.code(ALICE)
    assert refusal(await desktop.redeem(code, code_verifier="x" * 43)) == (400, "invalid_grant", 501481)
    assert refusal(await desktop.redeem(code, code_verifier="")) == (400, "invalid_grant", 501481)
    assert (await desktop.redeem(code)).status_code == 200


async def test_a_verifier_without_a_challenge_is_refused(desktop: RegisteredApp) -> None:
    code = await desktop.code(ALICE, code_challenge=None, code_challenge_method=None)
    assert refusal(await desktop.redeem(code))[2] == 501481
    assert (await desktop.redeem(code, code_verifier="")).status_code == 200


async def test_a_plain_challenge_is_its_verifier(desktop: RegisteredApp) -> None:
    code = await desktop.code(ALICE, code_challenge=desktop.verifier, code_challenge_method="plain")
    assert (await desktop.redeem(code)).status_code == 200


async def test_another_redirect_than_the_one_used_is_refused(desktop: RegisteredApp) -> None:
    code = await desktop.code(ALICE)
    answer = await desktop.redeem(code, redirect_uri="http://localhost:1/")
    assert refusal(answer) == (400, "invalid_grant", 500112)


async def test_a_code_of_another_app_is_refused(desktop: RegisteredApp, web: RegisteredApp) -> None:
    assert refusal(await web.redeem(await desktop.code(ALICE)))[2] == 70000


async def test_a_code_may_be_redeemed_only_where_the_user_lives(desktop: RegisteredApp) -> None:
    code = await desktop.code(DAVE)
    desktop.tenant = "contoso.example"
    assert refusal(await desktop.redeem(code)) == (400, "invalid_grant", 50020)


async def test_one_resource_per_token(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    api = f"api://{sandbox.confidential_client_id}/access_as_user"
    code = await desktop.code(ALICE, scope=f"Mail.Read {api}")
    assert (await desktop.redeem(code)).json()["scope"] == "Mail.Read"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (400, "invalid_request", 900144)),
        ({"grant_type": "no_such_grant"}, (400, "unsupported_grant_type", 70003)),
        ({"grant_type": "authorization_code"}, (400, "invalid_request", 900144)),
        ({"grant_type": "authorization_code", "code": "made-up"}, (400, "invalid_grant", 70000)),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, (400, "invalid_grant", 70000)),
        ({"grant_type": "refresh_token", "client_id": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "refresh_token", "client_id": "0" * 32}, (400, "unauthorized_client", 700038)),
        (
            {"grant_type": "refresh_token", "client_id": "b4a2d7c8-0000-4c36-8d0f-9e6a2c4b8f02"},
            (400, "unauthorized_client", 700016),
        ),
        ({"grant_type": "refresh_token", "client_secret": "x"}, (401, "invalid_client", 700025)),
    ],
)
async def test_a_wrong_token_request_is_refused(
    desktop: RegisteredApp, fields: dict[str, str], expected: tuple[int, str, int]
) -> None:
    assert refusal(await desktop.token(**fields)) == expected


@pytest.mark.parametrize("number", [70003, 700038])
async def test_two_refusals_have_no_error_uri(desktop: RegisteredApp, number: int) -> None:
    fields = {70003: {"grant_type": "x"}, 700038: {"grant_type": "refresh_token", "client_id": "x"}}[number]
    assert "error_uri" not in (await desktop.token(**fields)).json()
    assert "error_uri" in (await desktop.token(grant_type="refresh_token")).json()


async def test_the_correlation_id_of_the_client_comes_back(http: httpx.AsyncClient) -> None:
    mine = "0a1b2c3d-0000-4000-8000-00000000abcd"
    answer = await http.post("/common/oauth2/v2.0/token", headers={"client-request-id": mine})
    assert answer.json()["correlation_id"] == answer.headers["client-request-id"] == mine
    assert answer.headers["cache-control"] == "no-store, no-cache"


async def test_two_users_never_get_each_others_tokens(desktop: RegisteredApp, http: httpx.AsyncClient) -> None:
    codes = {user: await desktop.code(user) for user in (ALICE, BOB, DAVE)}
    for user, code in reversed(codes.items()):
        answer = (await desktop.redeem(code)).json()
        again = (await desktop.refresh(answer["refresh_token"])).json()
        for tokens in (answer, again):
            claims = await verified(http, tokens["id_token"], desktop.client_id)
            assert claims["preferred_username"] == user
            assert jwt.decode(tokens["access_token"], options={"verify_signature": False})["upn"] == user
