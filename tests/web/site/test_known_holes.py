"""Known vulnerabilities of other servers, tried against the whole site: tokens, sessions, and whose mail is read.

Those of getting a token are in test_known_holes_of_sign_in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from outlook_mcp.sandbox import Sandbox
from tests.one_task import in_one_task
from tests.web.issuers.issuer import running_issuer
from tests.web.site.conversation import LEGACY, META, MODERN, Conversation, final, result_of, text_of
from tests.web.site.grant import Grant
from tests.web.site.served import Served, served
from tests.web.site.site_user import SiteUser

pytestmark = pytest.mark.asyncio(loop_scope="module")
ERAS = pytest.mark.parametrize("version", [MODERN, LEGACY])
AT_ONCE = 8
SAME_ID = 7


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alices(alice: SiteUser) -> Grant:
    return await alice.grant()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bobs(bob: SiteUser) -> Grant:
    return await bob.grant()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stateful_site(
    post_office: Sandbox, shared_site: Served, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Keeps sessions of the legacy era."""
    async with in_one_task(served(post_office, tmp_path_factory.mktemp("stateful"), stateless=False)) as site:
        yield site


async def opened(site: Served, grant: Grant) -> Conversation:
    """A legacy session."""
    conversation = Conversation(site.http, grant.access_token, LEGACY)
    await conversation.begin()
    assert conversation.session
    return conversation


async def of_stateful(site: Served, address: str) -> Conversation:
    async with SiteUser(site, address) as person:
        return await opened(site, await person.grant())


@ERAS
async def test_cve_2026_25536_equal_request_ids_of_two_users_each_get_their_own_answer(
    shared_site: Served, alices: Grant, bobs: Grant, version: str
) -> None:
    """TypeScript SDK: one transport for all, so the later request of the same id got the earlier one's answer."""
    mine, theirs = (Conversation(shared_site.http, grant.access_token, version) for grant in (alices, bobs))
    await _equal_ids(mine, theirs)


async def test_cve_2026_25536_equal_request_ids_in_two_legacy_sessions(
    stateful_site: Served, alice: SiteUser, bob: SiteUser
) -> None:
    await _equal_ids(await of_stateful(stateful_site, alice.address), await of_stateful(stateful_site, bob.address))


async def _equal_ids(mine: Conversation, theirs: Conversation) -> None:
    """One at a time of each user, since an id may be open once in a session."""

    async def told(conversation: Conversation) -> list[str]:
        call = {"name": "mail_search", "arguments": {}}
        return [text_of(await conversation.ask("tools/call", call, request_id=SAME_ID)) for _ in range(AT_ONCE)]

    for name, other, answers in zip(
        ("Alice", "Bob"), ("Bob", "Alice"), await asyncio.gather(told(mine), told(theirs)), strict=True
    ):
        assert all(f"For {name}" in answer and f"For {other}" not in answer for answer in answers)


async def test_cve_2026_52869_a_session_id_of_another_user_is_refused(
    stateful_site: Served, alice: SiteUser, bob: SiteUser
) -> None:
    """Python SDK: whoever knew the session id spoke as its owner."""
    mine = await of_stateful(stateful_site, alice.address)
    theirs = await of_stateful(stateful_site, bob.address)
    stolen = replace(theirs, session=mine.session)
    another_client = replace(await of_stateful(stateful_site, alice.address), session=mine.session)
    for attacker in (stolen, another_client):
        answer = await attacker.call("mail_search")
        assert answer.status_code == 404
        assert final(answer)["error"]["message"] == "Session not found"
        headers = {"Authorization": f"Bearer {attacker.token}", "Mcp-Session-Id": str(mine.session)}
        for method in ("GET", "DELETE"):
            answer = await stateful_site.http.request(method, "/mcp", headers=headers | {"Accept": "text/event-stream"})
            assert answer.status_code == 404
    assert "For Alice" in await mine.text("mail_search")


async def test_session_id_as_identity_a_session_id_is_no_token(
    stateful_site: Served, shared_site: Served, alice: SiteUser, bobs: Grant
) -> None:
    """Other servers looked the user up by the session id."""
    mine = await of_stateful(stateful_site, alice.address)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "mail_search", "arguments": {}}}
    headers = {"Mcp-Session-Id": str(mine.session), "MCP-Protocol-Version": LEGACY}
    assert (await stateful_site.http.post("/mcp", json=body, headers=headers)).status_code == 401
    without_sessions = Conversation(shared_site.http, bobs.access_token, LEGACY, session=mine.session)
    assert "For Bob" in await without_sessions.text("mail_search")


async def test_browser_cookie_as_identity_a_signed_in_browser_is_no_token(alice: SiteUser, alices: Grant) -> None:
    assert alice.http.cookies
    answer = await alice.http.post(f"{alice.public_url}/mcp", json={})
    assert answer.status_code == 401


async def test_an_invalid_bearer_token_is_never_answered(shared_site: Served, alice: SiteUser, alices: Grant) -> None:
    """Another server passed any bearer token on to Graph, and answered what needs no Graph."""
    graph = await shared_site.site.components.tokens.access_token(alice.key)
    almost = alices.access_token[:-1] + ("A" if alices.access_token[-1] != "A" else "B")
    for token in ("garbage", "null", almost, alices.refresh_token, alices.client_id, str(alice.key), graph):
        presented = token if isinstance(token, str) else token.get_secret_value()
        for version in (MODERN, LEGACY):
            for method in ("initialize", "tools/call"):
                answer = await Conversation(shared_site.http, presented, version).send(method)
                assert answer.status_code == 401
                assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_token_passthrough_our_token_is_not_accepted_by_graph(shared_site: Served, alices: Grant) -> None:
    """Graph refuses our tokens, so passing one on could not have answered; nor are Graph's tokens sent to clients."""
    asked = await shared_site.http.get(
        f"{shared_site.sandbox.graph_url}/me", headers={"Authorization": f"Bearer {alices.access_token}"}
    )
    assert asked.status_code == 401
    assert alices.access_token.count(".") == 0


async def test_wrong_audience_a_token_of_another_deployment_is_refused(
    shared_site: Served, stateful_site: Served, alices: Grant, tmp_path: Path
) -> None:
    """Of an unrelated server, and of one that shares the store under another name."""
    assert (await Conversation(stateful_site.http, alices.access_token).call("mail_search")).status_code == 401
    folder = shared_site.site.components.configuration.data_dir
    async with in_one_task(served(shared_site.sandbox, folder)) as sibling:
        for token in (alices.access_token, alices.refresh_token):
            assert (await Conversation(sibling.http, token).call("mail_search")).status_code == 401
        form = {"grant_type": "refresh_token", "refresh_token": alices.refresh_token, "client_id": alices.client_id}
        assert (await sibling.http.post("/token", data=form)).json()["error"] == "invalid_grant"
    assert "For Alice" in await Conversation(shared_site.http, alices.access_token).text("mail_search")


async def test_tokens_without_subject_or_with_wrong_issuer_or_audience_are_refused(
    post_office: Sandbox, tmp_path: Path
) -> None:
    """Without a subject the SDK would take the client for the user, and all users of a client share it."""
    async with running_issuer() as issuer:
        settings: dict[str, Any] = {"auth": "oidc", "oidc_issuer": issuer.url, "oidc_client_id": "us"}
        async with in_one_task(served(post_office, tmp_path, **settings)) as site:
            good = {"aud": site.mcp_url, "client_id": "app", "scope": "mail.read"}
            accepted = Conversation(site.http, issuer.signed(issuer.claims(**good)))
            assert "tools" in await accepted.ask("tools/list")
            for changes in ({"sub": None}, {"sub": ""}, {"iss": "https://evil.example"}, {"aud": site.public_url}):
                token = issuer.signed(issuer.claims(**{**good, **changes}))
                assert (await Conversation(site.http, token).send("tools/list")).status_code == 401


@pytest.mark.parametrize("name", ["access_token", "token", "bearer"])
async def test_token_in_a_query_string_is_no_token(shared_site: Served, alices: Grant, name: str) -> None:
    """It would stand in the log of every proxy on the way (OAuth 2.1, 5.2)."""
    answer = await shared_site.http.post(f"/mcp?{name}={alices.access_token}", json={})
    assert answer.status_code == 401
    form = await shared_site.http.post("/mcp", data={name: alices.access_token})
    assert form.status_code == 401


@ERAS
async def test_tool_argument_that_names_another_user_reads_nothing_of_theirs(
    shared_site: Served, alices: Grant, bobs: Grant, bob: SiteUser, version: str
) -> None:
    """In another server, the argument `user_id` chose whose token was used."""
    (theirs,) = await shared_site.site.components.connections.connections_of(bob.key)
    mine = Conversation(shared_site.http, alices.access_token, version)
    for account in (bob.address, bob.address.upper(), str(bob.key), bob.key.oid, theirs.id, theirs.name, "me/../bob"):
        answer = await mine.text("mail_search", account=account)
        assert "You have connected no mailbox of that name" in answer
        assert "For Bob" not in answer
    for name in ("user_id", "user", "access_token", "tid", "session_id"):
        assert f"mail_search has no argument `{name}`" in await mine.text("mail_search", **{name: bob.address})


@ERAS
async def test_header_or_client_info_that_claims_another_user_changes_nothing(
    shared_site: Served, alices: Grant, bobs: Grant, bob: SiteUser, version: str
) -> None:
    claims = {
        "X-Forwarded-User": bob.address,
        "X-Forwarded-Email": bob.address,
        "X-MS-CLIENT-PRINCIPAL-NAME": bob.address,
        "X-MS-CLIENT-PRINCIPAL-ID": bob.key.oid,
        "X-User-Id": str(bob.key),
        "From": bob.address,
        "Mcp-Session-Id": bobs.client_id,
        "Cookie": f"outlook-mcp-session={bobs.access_token}; user={bob.address}",
    }
    mine = Conversation(
        shared_site.http,
        alices.access_token,
        version,
        info={"name": bob.address, "version": str(bob.key), "title": bobs.client_id},
    )
    meta = {"user": bob.address, f"{META}/user": bob.address, "subject": str(bob.key)}
    answer = await mine.send("tools/call", {"name": "mail_search", "arguments": {}, "_meta": meta}, headers=claims)
    told = text_of(result_of(answer))
    assert "For Alice" in told
    assert "For Bob" not in told


async def test_shared_client_object_interleaved_calls_never_use_the_other_users_token(
    shared_site: Served, alices: Grant, bobs: Grant
) -> None:
    """Other servers set the token on one shared client, so the last caller's was used for all calls in progress."""
    before = len(shared_site.sandbox.log.records)
    conversations = [
        (name, Conversation(shared_site.http, grant.access_token, version))
        for _ in range(AT_ONCE)
        for version in (MODERN, LEGACY)
        for name, grant in (("Alice", alices), ("Bob", bobs))
    ]
    answers = await asyncio.gather(
        *(conversation.text("mail_search", text="Hello") for _, conversation in conversations)
    )
    for (name, _), answer in zip(conversations, answers, strict=True):
        assert f"For {name}" in answer
        assert f"For {'Bob' if name == 'Alice' else 'Alice'}" not in answer
    asked = {record.user for record in shared_site.sandbox.log.records[before:]}
    assert asked == {shared_site.sandbox.users[0].upn, shared_site.sandbox.users[1].upn}
