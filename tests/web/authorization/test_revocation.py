"""`/revoke`: a client revokes its tokens (RFC 7009)."""

from __future__ import annotations

import pytest

from outlook_mcp.audit.tags import AuditTag
from tests.web.authorization.replica import ALICE, BY_POST, OTHER, Replica


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "unheard_of"])
async def test_either_token_ends_the_session_whatever_the_hint(server: Replica, kind: str, hint: str | None) -> None:
    tokens = await server.granted()
    assert await server.tokens.verify(tokens["access_token"]) is not None
    answer = await server.revoke(tokens[kind], token_type_hint=hint)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert await server.sessions.sessions_of(ALICE) == ()
    assert await server.tokens.verify(tokens["access_token"]) is None
    assert (await server.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert server.events.tags[-1] == AuditTag.TOKEN_REVOKED


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_a_token_of_another_client_stays(server: Replica, kind: str) -> None:
    tokens = await server.granted()
    assert (await server.revoke(tokens[kind], client_id=OTHER.client_id)).status_code == 200
    assert await server.tokens.verify(tokens["access_token"]) is not None


async def test_a_client_with_a_secret_must_authenticate(server: Replica) -> None:
    code = await server.approved(client_id=BY_POST.client_id)
    secret = {"client_id": BY_POST.client_id, "client_secret": "a+secret"}
    token = (await server.redeem(code, **secret)).json()["access_token"]
    for shown in (None, "wrong"):
        answer = await server.revoke(token, client_id=BY_POST.client_id, client_secret=shown)
        assert (answer.status_code, answer.headers["cache-control"]) == (401, "no-store")
    assert await server.tokens.verify(token) is not None
    assert (await server.revoke(token, **secret)).status_code == 200
    assert await server.tokens.verify(token) is None


async def test_revoking_an_unknown_token_succeeds(server: Replica) -> None:
    await server.granted()
    for token in ("garbage", "g" * 43):
        assert (await server.revoke(token)).status_code == 200
    assert len(await server.sessions.sessions_of(ALICE)) == 1


async def test_a_request_without_a_token_is_refused(server: Replica) -> None:
    assert (await server.revoke("")).json()["error"] == "invalid_request"
