from __future__ import annotations

import asyncio
import base64
import json
import re

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from tests.sandbox.entra.app import MAIL_SCOPE, RegisteredApp

ALICE = "alice@contoso.example"
LONGEST_S = 90 * 60
CP1 = json.dumps({"access_token": {"xms_cc": {"values": ["cp1"]}}})


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def me(http: httpx.AsyncClient, authorization: str | None) -> httpx.Response:
    return await http.get("/v1.0/me", headers={"Authorization": authorization} if authorization else {})


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Access token is empty."),
        ("Basic YWxpY2U6eA==", "Access token is empty."),
        ("Bearer garbage", "CompactToken parsing failed with error code: 80049217"),
        ("Bearer a.b.c", "Access token validation failure. Invalid signature."),
    ],
)
async def test_what_is_no_token_is_refused(http: httpx.AsyncClient, authorization: str | None, message: str) -> None:
    answer = await me(http, authorization)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("InvalidAuthenticationToken", message)
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert answer.headers["request-id"] == error["innerError"]["request-id"]
    assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_an_expired_token_is_refused(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    token = (await RegisteredApp(http, sandbox.public_client_id).sign_in(ALICE))["access_token"]
    assert (await me(http, f"Bearer {token}")).status_code != 401
    sandbox.clock.advance(LONGEST_S + 1)
    answer = await me(http, f"Bearer {token}")
    assert answer.json()["error"]["message"] == "Lifetime validation failed, the token is expired."


async def test_an_id_token_opens_nothing(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    token = (await RegisteredApp(http, sandbox.public_client_id).sign_in(ALICE))["id_token"]
    answer = await me(http, f"Bearer {token}")
    assert answer.json()["error"]["message"] == "Access token validation failure. Invalid audience."


async def test_the_client_request_id_comes_back(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1.0/me", headers={"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.json()["error"]["innerError"]["client-request-id"] == "mine"


async def test_revocation_challenges_a_client_that_understands_it(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    able = (await app.sign_in(ALICE, scope=MAIL_SCOPE, claims=CP1))["access_token"]
    plain = (await app.sign_in(ALICE))["access_token"]
    await http.post("/_sandbox/revoke", json={"user": ALICE})
    answer = await me(http, f"Bearer {able}")
    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_claims"' in challenge
    found = re.search(r'claims="([^"]+)"', challenge)
    assert found is not None
    assert "nbf" in json.loads(base64.b64decode(found[1]))["access_token"]
    assert (await me(http, f"Bearer {plain}")).status_code != 401
    renewed = (await app.sign_in(ALICE, scope=MAIL_SCOPE, claims=CP1))["access_token"]
    assert (await me(http, f"Bearer {renewed}")).status_code != 401


async def test_a_part_of_a_batch_is_challenged_like_a_request(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    token = (await app.sign_in(ALICE, scope=MAIL_SCOPE, claims=CP1))["access_token"]
    await http.put("/_sandbox/faults", json=[{"route": "/v1.0/me", "delay_s": 0.1}])
    batch = {"requests": [{"id": "1", "method": "GET", "url": "/me"}]}
    headers = {"Authorization": f"Bearer {token}"}
    running = asyncio.create_task(http.post("/v1.0/$batch", json=batch, headers=headers))
    while sandbox.faults.waiting == 0:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await http.post("/_sandbox/revoke", json={"user": ALICE})
    (part,) = (await running).json()["responses"]
    assert part["status"] == 401
    assert 'error="insufficient_claims"' in part["headers"]["WWW-Authenticate"]
