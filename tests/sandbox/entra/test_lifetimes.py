"""How long access tokens live when nobody says it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt
import pytest

from outlook_mcp.sandbox import Sandbox
from tests.sandbox.entra.app import MAIL_SCOPE, RegisteredApp

ALICE = "alice@contoso.example"
MINUTE_S, HOUR_S = 60, 3600
CP1 = json.dumps({"access_token": {"xms_cc": {"values": ["cp1"]}}})


async def answers(desktop: RegisteredApp, number: int, **fields: str) -> list[dict[str, Any]]:
    """Of one sign-in and its refreshes."""
    first = await desktop.sign_in(ALICE, **fields)
    return [first, *[(await desktop.refresh(first["refresh_token"], **fields)).json() for _ in range(number - 1)]]


@pytest.mark.parametrize(
    ("fields", "shortest", "longest"),
    [({}, 60 * MINUTE_S, 90 * MINUTE_S), ({"claims": CP1}, 20 * HOUR_S, 28 * HOUR_S)],
    ids=["plain", "understands claims challenges"],
)
async def test_lifetimes_are_chosen_at_random(
    desktop: RegisteredApp, fields: dict[str, str], shortest: int, longest: int
) -> None:
    lifetimes = []
    for answer in await answers(desktop, 5, **fields):
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == answer["expires_in"] == answer["ext_expires_in"]
        lifetimes.append(answer["expires_in"])
    assert all(shortest <= lifetime <= longest for lifetime in lifetimes)
    assert len(set(lifetimes)) > 1


async def test_only_graph_challenges_so_only_its_tokens_live_long(
    desktop: RegisteredApp, web: RegisteredApp, sandbox: Sandbox
) -> None:
    answer = await desktop.sign_in(ALICE, scope=f"api://{web.client_id}/access_as_user", claims=CP1)
    assert answer["expires_in"] <= 90 * MINUTE_S


async def test_a_lifetime_that_is_said_is_exact(desktop: RegisteredApp, sandbox: Sandbox) -> None:
    sandbox.entra.token_lifetime_s = 7
    assert {answer["expires_in"] for answer in await answers(desktop, 3, claims=CP1)} == {7}


async def test_a_token_works_for_its_whole_lifetime(
    desktop: RegisteredApp, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    answer = await desktop.sign_in(ALICE, scope=MAIL_SCOPE)
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    sandbox.clock.advance(answer["expires_in"] - 60)
    assert (await http.get("/v1.0/me/messages", headers=headers)).status_code == 200
    sandbox.clock.advance(61)
    assert (await http.get("/v1.0/me/messages", headers=headers)).status_code == 401
