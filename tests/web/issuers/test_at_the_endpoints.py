"""Identity assertions at /token, and access tokens of another issuer at the MCP endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.shared.auth import JWT_BEARER_GRANT_TYPE
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.caller import HttpCaller
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.issuers.external_tokens import ExternalTokenVerifier
from outlook_mcp.web.issuers.id_jag import IdentityAssertions
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.mcp_endpoint.bearer_endpoint import BearerEndpoint
from outlook_mcp.web.mcp_endpoint.user_limits import UserLimits
from outlook_mcp.web.settings import WebSettings
from tests.web.authorization.replica import AGENT, URL, Replica, replica
from tests.web.issuers.issuer import SUBJECT, TestIssuer

SETTINGS = WebSettings(public_url=URL)


NEEDED = {("tools/call", "mail_send"): "mail.send", ("resources/read", "outlook://me/drafts"): "mail.write"}


def needed_scope(method: str, name: str) -> str | None:
    return NEEDED.get((method, name))


def admit_all(user: UserKey, address: str) -> None:
    """Every user may use the server."""


@pytest.fixture
async def server(tmp_path: Path, issuer: Issuer, tickets: Tickets) -> AsyncIterator[Replica]:
    async with replica(tmp_path, identity_assertions=IdentityAssertions(SETTINGS, [issuer], tickets)) as server:
        yield server


@pytest.fixture
async def endpoint(server: Replica, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    """Answers each accepted request with its user and scopes."""
    sessions = SessionService(VaultSessions(server.vault))
    caller = HttpCaller(sessions)

    async def accepted(scope: Scope, receive: Receive, send: Send) -> None:
        context = await caller.context()
        await PlainTextResponse(f"{context.user.oid} {context.session.scopes}")(scope, receive, send)

    verifier = ExternalTokenVerifier(
        issuer, resource=SETTINGS.resource, audiences=(SETTINGS.resource,), admit=admit_all
    )
    limits = UserLimits(per_minute=600, at_once=16)
    app = BearerEndpoint(accepted, verifier, sessions, SETTINGS, needed_scope, Drain(), Denials(server.denials), limits)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as http:
        yield http


def assertion(stand_in: TestIssuer, **changes: Any) -> str:
    claims = {"aud": URL, "client_id": AGENT.client_id, "jti": "one", "scope": "mail.read mail.write"} | changes
    return stand_in.signed(stand_in.claims(**claims), typ="oauth-id-jag+jwt")


async def asserted(server: Replica, token: str) -> httpx.Response:
    secret = AGENT.secret.get_secret_value() if AGENT.secret else None
    fields = {"grant_type": JWT_BEARER_GRANT_TYPE, "client_id": AGENT.client_id, "client_secret": secret}
    return await server.post("/token", {**fields, "assertion": token})


def access_token(stand_in: TestIssuer, **changes: Any) -> dict[str, str]:
    claims = {"aud": SETTINGS.resource, "client_id": "app", "scope": "mail.read"} | changes
    return {"Authorization": f"Bearer {stand_in.signed(stand_in.claims(**claims))}"}


async def test_an_assertion_becomes_a_token_of_ours_once(server: Replica, stand_in: TestIssuer) -> None:
    token = assertion(stand_in)
    answer = (await asserted(server, token)).json()
    assert answer["scope"] == "mail.read mail.write"
    assert "refresh_token" not in answer
    caller = await server.tokens.verify(answer["access_token"])
    assert caller is not None
    assert caller.session.user is not None
    assert caller.session.user.oid == SUBJECT
    assert (await asserted(server, token)).json()["error"] == "invalid_grant"


async def test_an_assertion_for_another_client_is_refused(server: Replica, stand_in: TestIssuer) -> None:
    answer = await asserted(server, assertion(stand_in, client_id="another"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_an_assertion_is_no_access_token(endpoint: httpx.AsyncClient, stand_in: TestIssuer) -> None:
    headers = {"Authorization": f"Bearer {assertion(stand_in, aud=SETTINGS.resource)}"}
    assert (await endpoint.post("/mcp", headers=headers)).status_code == 401


async def test_a_token_of_another_issuer_is_accepted_as_its_user(
    endpoint: httpx.AsyncClient, stand_in: TestIssuer
) -> None:
    answer = await endpoint.post("/mcp", headers=access_token(stand_in))
    assert (answer.status_code, answer.text) == (200, f"{SUBJECT} ('mail.read',)")


@pytest.mark.parametrize(
    ("method", "name", "missing"),
    [
        ("tools/call", "mail_send", "mail.send"),
        ("tools/call", "=?base64?bWFpbF9zZW5k?=", "mail.send"),
        ("resources/read", "outlook://me/drafts", "mail.write"),
    ],
)
async def test_the_endpoint_asks_for_the_scope_that_a_call_lacks(
    endpoint: httpx.AsyncClient, stand_in: TestIssuer, method: str, name: str, missing: str
) -> None:
    called = {"Mcp-Method": method, "Mcp-Name": name}
    answer = await endpoint.post("/mcp", headers=access_token(stand_in) | called)
    assert answer.status_code == 403
    assert f'scope="mail.read {missing}"' in answer.headers["www-authenticate"]


async def test_the_endpoint_passes_on_what_needs_no_further_scope(
    endpoint: httpx.AsyncClient, stand_in: TestIssuer
) -> None:
    for called in ({"Mcp-Method": "resources/read", "Mcp-Name": "mail_send"}, {"Mcp-Method": "tools/list"}, {}):
        assert (await endpoint.post("/mcp", headers=access_token(stand_in) | called)).status_code == 200


async def test_a_missing_scope_is_on_record_with_the_user_and_the_client(
    endpoint: httpx.AsyncClient, server: Replica, stand_in: TestIssuer
) -> None:
    called = {"Mcp-Method": "tools/call", "Mcp-Name": "mail_send"}
    await endpoint.post("/mcp", headers=access_token(stand_in) | called)
    assert server.denials.tags == [AuditTag.SCOPE_REFUSED]
    for told in (SUBJECT, "'scope': 'mail.send'", "'client': 'app'", "'address': '127.0.0.1'"):
        assert told in server.denials.texts[0]


@pytest.mark.parametrize("changes", [{"aud": "https://other.example"}, {"exp": 1}, {"iss": "x"}])
async def test_a_refused_token_is_on_record_without_the_token(
    endpoint: httpx.AsyncClient, server: Replica, stand_in: TestIssuer, changes: dict[str, Any]
) -> None:
    headers = access_token(stand_in, **changes)
    await endpoint.post("/mcp", headers=headers)
    assert server.denials.tags == [AuditTag.TOKEN_REFUSED]
    assert headers["Authorization"].rpartition(".")[2] not in server.denials.texts[0]


async def test_a_request_without_a_token_is_no_denial(endpoint: httpx.AsyncClient, server: Replica) -> None:
    assert (await endpoint.post("/mcp")).status_code == 401
    assert server.denials.tags == []


async def test_a_refused_assertion_is_on_record(server: Replica, stand_in: TestIssuer) -> None:
    await asserted(server, assertion(stand_in, client_id="another"))
    assert server.denials.tags == [AuditTag.CLIENT_REFUSED]
    assert "'endpoint': '/token', 'status': 400, 'error': 'invalid_grant'" in server.denials.texts[0]


@pytest.mark.parametrize("changes", [{"aud": "https://other.example"}, {"sub": None}, {"exp": 1}, {"iss": "x"}])
async def test_the_endpoint_challenges_a_wrong_token(
    endpoint: httpx.AsyncClient, stand_in: TestIssuer, changes: dict[str, Any]
) -> None:
    answer = await endpoint.post("/mcp", headers=access_token(stand_in, **changes))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_an_issuer_that_cannot_be_reached_is_a_temporary_failure(
    server: Replica, endpoint: httpx.AsyncClient, stand_in: TestIssuer
) -> None:
    stand_in.is_down = True
    answer = await endpoint.post("/mcp", headers=access_token(stand_in))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (await asserted(server, assertion(stand_in))).status_code == 503
