"""From the code to tokens: one minute, one use, one client, one browser."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from outlook_mcp.audit.tags import AuditTag
from tests.web.authorization.replica import (
    ALICE,
    BOB,
    BY_HEADER,
    BY_POST,
    OTHER,
    REDIRECT,
    URL,
    VERIFIER,
    Replica,
    redemption,
    replica,
)


async def test_a_code_is_redeemed_for_tokens_that_no_cache_stores(server: Replica) -> None:
    answer = await server.redeem(await server.approved())
    tokens = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 1800, "mail.read mail.write")
    (session,) = await server.sessions.sessions_of(ALICE)
    assert (session.client_name, session.account) == ("A Public Client", "alice@contoso.example")
    assert (session.scopes, session.address) == (("mail.read", "mail.write"), "198.51.100.1")
    assert server.events.tags == [AuditTag.GRANT_APPROVED, AuditTag.SESSION_STARTED]


async def test_a_code_can_be_redeemed_on_another_server(server: Replica, second: Replica) -> None:
    assert (await second.redeem(await server.approved())).status_code == 200


async def test_a_code_used_twice_ends_the_session_it_made(server: Replica, second: Replica) -> None:
    code = await server.approved()
    tokens = (await server.redeem(code)).json()
    again = await second.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await server.sessions.sessions_of(ALICE) == ()
    assert await second.tokens.verify(tokens["access_token"]) is None
    assert (await server.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert second.events.tags == [AuditTag.GRANT_CODE_REUSED]


@pytest.mark.parametrize("changes", [{"code_verifier": VERIFIER[:-1] + "2"}, {"client_id": OTHER.client_id}])
async def test_a_code_that_another_client_uses_again_ends_the_session(server: Replica, changes: dict[str, str]) -> None:
    code = await server.approved()
    await server.redeem(code)
    assert (await server.redeem(code, **changes)).json()["error"] == "invalid_grant"
    assert await server.sessions.sessions_of(ALICE) == ()


async def test_of_twenty_simultaneous_redemptions_one_gets_tokens_and_the_reuse_ends_them(
    server: Replica, second: Replica
) -> None:
    code = await server.approved()
    servers = (server, second)
    answers = await asyncio.gather(*(servers[n % 2].redeem(code) for n in range(20)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert await server.sessions.sessions_of(ALICE) == ()
    assert await server.tokens.verify(won[0]["access_token"]) is None


async def test_a_code_expires_after_a_minute(server: Replica) -> None:
    code = await server.approved()
    server.clock.ahead_s = 61
    assert (await server.redeem(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": OTHER.client_id}, "invalid_grant"),
        ({"redirect_uri": "https://client.example/other"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code_verifier": VERIFIER[:-1] + "2"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "v" * 42}, "invalid_request"),
        ({"code_verifier": "v" * 129}, "invalid_request"),
        ({"code_verifier": "v" * 42 + "+"}, "invalid_request"),
        ({"code": "guess"}, "invalid_grant"),
        ({"code": "g" * 43}, "invalid_grant"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
)
async def test_a_token_request_that_does_not_match_the_code_is_refused_and_uses_nothing_up(
    server: Replica, changes: dict[str, str | None], error: str
) -> None:
    code = await server.approved()
    answer = await server.post("/token", {**redemption(code), **changes})
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    assert await server.sessions.sessions_of(ALICE) == ()
    assert (await server.redeem(code)).status_code == 200


async def test_a_code_for_another_resource_is_refused(server: Replica, tmp_path: Path) -> None:
    async with replica(tmp_path, url="https://elsewhere.example") as elsewhere:
        code = await elsewhere.approved()
    assert (await server.redeem(code)).json()["error"] == "invalid_target"


async def test_the_resource_may_be_named_with_and_without_a_slash_and_with_capitals(server: Replica) -> None:
    for resource in (f"{URL}/mcp", f"{URL}/mcp/", f"{URL.upper()}/mcp"):
        code = await server.approved(resource=resource)
        assert (await server.redeem(code, resource=resource)).status_code == 200


async def test_a_user_who_may_no_longer_use_the_server_gets_no_tokens(server: Replica) -> None:
    code = await server.approved()
    server.admittance.refused.add(ALICE)
    assert (await server.redeem(code)).json()["error"] == "invalid_grant"
    assert await server.sessions.sessions_of(ALICE) == ()


async def test_a_user_who_was_signed_out_everywhere_gets_no_tokens_for_an_earlier_code(
    server: Replica, second: Replica
) -> None:
    early, others = await server.approved(), await server.approved(BOB)
    await second.ended_browsers.end_all(ALICE)
    assert (await server.redeem(early)).json()["error"] == "invalid_grant"
    assert await server.sessions.sessions_of(ALICE) == ()
    assert (await server.redeem(others)).status_code == 200
    assert (await server.redeem(await server.approved())).status_code == 200


async def test_a_client_registered_without_the_refresh_grant_gets_no_refresh_token(server: Replica) -> None:
    redirect = {"redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
    answer = await server.http.post("/register", json={**redirect, "grant_types": ["authorization_code"]})
    client_id = answer.json()["client_id"]
    tokens = (await server.redeem(await server.approved(client_id=client_id), client_id=client_id)).json()
    assert "refresh_token" not in tokens
    assert await server.tokens.verify(tokens["access_token"]) is not None


async def test_what_cannot_be_recorded_is_not_granted(server: Replica) -> None:
    code = await server.approved()
    server.events.full = True
    answer = await server.redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert await server.sessions.sessions_of(ALICE) == ()


async def test_a_client_with_a_secret_must_authenticate(server: Replica) -> None:
    code = await server.approved(client_id=BY_POST.client_id)
    for secret in (None, "wrong"):
        answer = await server.redeem(code, client_id=BY_POST.client_id, client_secret=secret)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await server.redeem(code, client_id=BY_POST.client_id, client_secret="a+secret")).status_code == 200


async def test_a_client_with_basic_authentication_need_not_repeat_its_id_in_the_form(server: Replica) -> None:
    code = await server.approved(client_id=BY_HEADER.client_id)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BY_HEADER.redirect_uris[0],
        "code_verifier": VERIFIER,
    }
    for secret, status in (("wrong", 401), ("a%3Ab%25c", 200)):
        shown = base64.b64encode(f"basic%3Aclient:{secret}".encode()).decode()
        answer = await server.post("/token", fields, Authorization=f"Basic {shown}")
        assert answer.status_code == status, answer.text
        assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_client_confusion_a_header_and_a_form_that_name_two_clients_are_refused(server: Replica) -> None:
    code = await server.approved(client_id="public-client")
    for shown in (b"basic%3Aclient:a%3Ab%25c", b"basic%3Aclient:"):
        header = f"Basic {base64.b64encode(shown).decode()}"
        answer = await server.post("/token", redemption(code) | {"client_id": "public-client"}, Authorization=header)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    same = f"Basic {base64.b64encode(b'public-client:').decode()}"
    answer = await server.post("/token", redemption(code) | {"client_id": "public-client"}, Authorization=same)
    assert answer.status_code == 200


@pytest.mark.parametrize("shown", ["Basic", "Basic !", "Basic gA==", "Basic Og==", "Basic é"])
async def test_an_unreadable_basic_header_authenticates_nobody(server: Replica, shown: str) -> None:
    answer = await server.post("/token", {"grant_type": "authorization_code"}, Authorization=shown)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_parameter_given_twice_is_refused(server: Replica) -> None:
    answer = await server.http.post(
        "/token",
        content="client_id=public-client&client_id=other-client",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_body_that_is_no_form_is_refused(server: Replica) -> None:
    assert (await server.http.post("/token", json={"grant_type": "refresh_token"})).json()["error"] == "invalid_request"


async def test_pages_of_any_origin_may_ask_for_tokens_and_read_errors(server: Replica) -> None:
    preflight = {"Origin": "https://inspector.example", "Access-Control-Request-Method": "POST"}
    assert (await server.http.options("/token", headers=preflight)).headers["access-control-allow-origin"] == "*"
    answer = await server.post("/token", {"resource": "https://other.example"}, Origin="https://inspector.example")
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
