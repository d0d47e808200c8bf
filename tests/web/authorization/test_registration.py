"""A client registers itself at our endpoint."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.web.authorization.registration import STORED, RegistrationLimits, Registrations
from outlook_mcp.web.http.rate_limits import RateLimits
from tests.web.authorization.replica import REDIRECT, VERIFIER, Replica, replica

REQUEST: dict[str, object] = {
    "client_name": "Inspector",
    "redirect_uris": ["http://127.0.0.1:6276/oauth/callback"],
    "token_endpoint_auth_method": "none",
    "scope": "mail.read openid",
    "client_uri": "https://inspector.example/",
}


async def registered(server: Replica, **changes: object) -> httpx.Response:
    return await server.http.post("/register", json={**REQUEST, **changes})


async def test_the_answer_holds_what_was_registered_and_no_cache_stores_it(server: Replica) -> None:
    answer = await registered(server, grant_types=["authorization_code", "refresh_token", "unheard_of"])
    client = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert client["grant_types"] == ["authorization_code", "refresh_token"]
    assert "client_uri" not in client
    assert "client_secret" not in client
    known = await server.provider.get_client(client["client_id"])
    assert known is not None
    assert known.kind == "registered"
    assert server.events.tags == [AuditTag.CLIENT_REGISTERED]
    assert "192.0.2.7" in server.events.texts[0]


async def test_a_registered_client_goes_through_the_whole_flow_on_any_server(server: Replica, second: Replica) -> None:
    client = (
        await registered(server, redirect_uris=[REDIRECT], token_endpoint_auth_method="client_secret_post")
    ).json()
    identified = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    code = await second.approved(client_id=client["client_id"])
    tokens = (await server.redeem(code, **identified)).json()
    assert (await second.refresh(tokens["refresh_token"], **identified)).status_code == 200


async def test_a_client_that_finds_no_room_goes_through_the_whole_flow_on_any_server(
    server: Replica, second: Replica
) -> None:
    await server.vault.increment_counter(STORED, window_s=86_400, by=RegistrationLimits().ungranted)
    client = (
        await registered(server, redirect_uris=[REDIRECT], token_endpoint_auth_method="client_secret_basic")
    ).json()
    assert server.events.tags == []
    basic = (client["client_id"], client["client_secret"])
    code = await second.approved(client_id=client["client_id"])
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    tokens = (await server.http.post("/token", data=form, auth=basic)).json()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await second.http.post("/token", data=form, auth=basic)).status_code == 200
    assert (await second.http.post("/token", data=form, auth=(client["client_id"], "guess"))).status_code == 401


async def test_a_client_is_kept_longer_once_a_user_allowed_it(server: Replica) -> None:
    ids = [(await registered(server, redirect_uris=[REDIRECT])).json()["client_id"] for _ in range(2)]
    let_in, never_used = ids
    await server.redeem(await server.approved(client_id=let_in), client_id=let_in)
    next_week = Registrations(server.vault, RegistrationLimits(), clock=lambda: time.time() + 7 * 86_400)
    assert await next_week.find_client(let_in) is not None
    assert await next_week.find_client(never_used) is None


@pytest.mark.parametrize("uri", ["http://evil.example/callback", "javascript:alert(1)", "data:text/html,x"])
async def test_a_foreign_redirect_is_refused(server: Replica, uri: str) -> None:
    answer = await registered(server, redirect_uris=[uri])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")
    assert server.events.tags == []


async def test_too_many_registrations_are_refused_with_retry_after(server: Replica) -> None:
    for _ in range(RegistrationLimits().per_address):
        await server.vault.increment_counter("register from 192.0.2.7", window_s=3600)
    answer = await registered(server)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")


async def test_too_many_requests_from_one_address_are_refused_for_a_while(tmp_path: Path) -> None:
    async with replica(tmp_path, limits=RateLimits(token=2)) as server:
        answers = [await server.refresh("guess"), await server.revoke("guess"), await registered(server)]
    assert [answer.status_code for answer in answers] == [400, 200, 429]
    assert answers[2].headers["retry-after"] == "60"
    assert answers[2].headers["cache-control"] == "no-store"


async def test_a_body_that_is_too_long_is_refused(server: Replica) -> None:
    assert (await registered(server, client_name="x" * 70_000)).status_code == 413


async def test_the_client_of_one_request_is_not_in_the_answer_to_the_next(server: Replica) -> None:
    first, second = (await registered(server)).json(), (await registered(server)).json()
    assert first["client_id"] != second["client_id"]


async def test_a_refused_registration_is_on_record(server: Replica) -> None:
    await server.http.post("/register", json={"redirect_uris": ["http://evil.example/cb"]})
    assert server.denials.tags == [AuditTag.REGISTRATION_REFUSED]
    for told in ("'endpoint': '/register'", "'error': 'invalid_redirect_uri'", "'address': '192.0.2.7'"):
        assert told in server.denials.texts[0]


async def test_a_wrong_secret_is_on_record_and_the_secret_is_not(server: Replica) -> None:
    fields = {"grant_type": "authorization_code", "client_id": "post", "client_secret": "a wrong secret", "code": "x"}
    assert (await server.http.post("/token", data=fields)).status_code == 401
    assert server.denials.tags == [AuditTag.CLIENT_REFUSED]
    assert "wrong" not in server.denials.texts[0]
