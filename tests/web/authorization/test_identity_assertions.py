"""A company's identity provider grants access without a page of ours (ID-JAG)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from mcp.shared.auth import JWT_BEARER_GRANT_TYPE

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInRefused
from tests.web.authorization.replica import AGENT, ALICE, PUBLIC, Enterprise, Replica, replica


@pytest.fixture
async def trusting(tmp_path: Path) -> AsyncIterator[Replica]:
    async with replica(tmp_path, identity_assertions=Enterprise()) as server:
        yield server


async def asserted(server: Replica, assertion: str = "alice", **changes: str | None) -> httpx.Response:
    secret = AGENT.secret.get_secret_value() if AGENT.secret else None
    fields = {"grant_type": JWT_BEARER_GRANT_TYPE, "client_id": AGENT.client_id, "client_secret": secret}
    return await server.post("/token", {**fields, "assertion": assertion, **changes})


async def test_a_good_assertion_gives_an_access_token_and_no_refresh_token(trusting: Replica) -> None:
    tokens = (await asserted(trusting)).json()
    assert "refresh_token" not in tokens
    assert tokens["scope"] == "mail.read mail.write"
    caller = await trusting.tokens.verify(tokens["access_token"])
    assert caller is not None
    assert (caller.subject, caller.client_id) == ("contoso:alice", "agent")
    assert trusting.events.tags == [AuditTag.SESSION_STARTED]


async def test_assertions_of_one_grant_share_a_session(trusting: Replica) -> None:
    await asserted(trusting)
    await asserted(trusting)
    assert len(await trusting.sessions.sessions_of(ALICE)) == 1
    await asserted(trusting, scope="mail.read")
    assert len(await trusting.sessions.sessions_of(ALICE)) == 2


async def test_requested_scopes_narrow_those_of_the_assertion(trusting: Replica) -> None:
    assert (await asserted(trusting, scope="mail.read mail.send")).json()["scope"] == "mail.read"
    assert (await asserted(trusting, scope="mail.send")).json()["error"] == "invalid_scope"


async def test_its_user_cannot_add_what_the_enterprise_did_not_grant(trusting: Replica) -> None:
    tokens = (await asserted(trusting)).json()
    (session,) = await trusting.sessions.sessions_of(ALICE)
    with pytest.raises(SignInRefused, match="The organisation decides"):
        await trusting.sessions.widen_session(ALICE, session.id, ("mail.send",))
    caller = await trusting.tokens.verify(tokens["access_token"])
    assert caller is not None
    assert caller.scopes == ["mail.read", "mail.write"]


async def test_it_shares_no_session_with_what_the_user_granted_the_same_client(trusting: Replica) -> None:
    await asserted(trusting)
    (session,) = await trusting.sessions.sessions_of(ALICE)
    await trusting.sessions.end_session(ALICE, session.id)
    granted = await trusting.sessions.start_session(
        ALICE,
        client_id=session.client_id,
        client_name="",
        scopes=("mail.read", "mail.write"),
        account=session.account,
    )
    tokens = (await asserted(trusting)).json()
    await trusting.sessions.widen_session(ALICE, granted.id, ("mail.send",))
    caller = await trusting.tokens.verify(tokens["access_token"])
    assert caller is not None
    assert caller.scopes == ["mail.read", "mail.write"]


async def test_a_bad_assertion_gives_nothing(trusting: Replica) -> None:
    assert (await asserted(trusting, "mallory")).json()["error"] == "invalid_grant"
    assert await trusting.sessions.sessions_of(ALICE) == ()


async def test_a_user_who_may_not_use_the_server_gets_nothing(trusting: Replica) -> None:
    trusting.admittance.refused.add(ALICE)
    assert (await asserted(trusting)).json()["error"] == "invalid_grant"
    assert await trusting.sessions.sessions_of(ALICE) == ()


async def test_an_assertion_for_another_resource_is_refused(trusting: Replica) -> None:
    assert (await asserted(trusting, resource="https://other.example/mcp")).json()["error"] == "invalid_target"


async def test_a_client_without_a_secret_may_not_use_assertions(trusting: Replica) -> None:
    answer = await asserted(trusting, client_id=PUBLIC.client_id, client_secret=None)
    assert answer.json()["error"] == "unsupported_grant_type"


async def test_assertions_are_off_unless_they_are_configured(server: Replica) -> None:
    assert (await asserted(server)).json()["error"] == "unsupported_grant_type"
