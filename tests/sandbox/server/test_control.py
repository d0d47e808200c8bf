from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from tests.sandbox.entra.app import RegisteredApp

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
MIME = b"From: x@y.example\r\nTo: alice@contoso.example\r\nSubject: Delivered\r\n\r\nHello\r\n"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def token_of(http: httpx.AsyncClient, user: str, *scopes: str, **more: Any) -> dict[str, str]:
    answer = await http.post("/_sandbox/token", json={"user": user, "scopes": scopes or ["Mail.Read"], **more})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_users_are_listed(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    users = (await http.get("/_sandbox/users")).json()
    assert [set(user) for user in users] == [{"upn", "tid", "oid", "display_name"}] * len(sandbox.users)
    assert {user["tid"] for user in users} == {user.tid for user in sandbox.users}
    assert len({user["tid"] for user in users}) == 3


async def test_a_token_is_given_for_a_user_by_name_or_id(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    by_name = await http.post("/_sandbox/token", json={"user": ALICE.upper(), "scopes": ["mail.read"]})
    by_id = await http.post("/_sandbox/token", json={"user": sandbox.users[0].oid, "scopes": ["Mail.Send"]})
    for answer, scope in ((by_name, "Mail.Read"), (by_id, "Mail.Send")):
        token = sandbox.entra.access_tokens.find_token(answer.json()["access_token"])
        assert token is not None
        assert (token.caller.upn, token.caller.scopes) == (ALICE, frozenset({scope}))


async def test_a_token_may_have_a_short_life(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    headers = await token_of(http, ALICE, lifetime_s=5)
    assert (await http.get("/v1.0/me", headers=headers)).status_code != 401
    sandbox.clock.advance(6)
    assert (await http.get("/v1.0/me", headers=headers)).status_code == 401


async def test_a_public_app_is_registered_without_consent(http: httpx.AsyncClient) -> None:
    order = {"name": "Mine", "redirect_uris": ["http://localhost/"]}
    made = (await http.post("/_sandbox/apps", json=order)).json()
    assert set(made) == {"client_id"}
    page = await RegisteredApp(http, made["client_id"]).authorize(login_hint=ALICE)
    assert "Permissions requested" in page.text


@pytest.mark.parametrize("secret", ["my own secret", True])
async def test_a_confidential_app_gets_its_secret(http: httpx.AsyncClient, secret: str | bool) -> None:
    order = {"name": "Mine", "redirect_uris": ["https://app.example/done"], "secret": secret}
    made = (await http.post("/_sandbox/apps", json=order)).json()
    assert made["client_secret"]
    assert secret in (True, made["client_secret"])


@pytest.mark.parametrize("kind", ["message/rfc822", "Message/RFC822; charset=utf-8"])
async def test_a_delivered_message_is_in_the_inbox(http: httpx.AsyncClient, sandbox: Sandbox, kind: str) -> None:
    answer = await http.post("/_sandbox/deliver", params={"to": ALICE}, content=MIME, headers={"Content-Type": kind})
    assert answer.json()["id"]
    counts = {user.upn: sandbox.store.mailbox(user.oid).count() for user in sandbox.users}
    assert counts.pop(ALICE) == 1
    assert set(counts.values()) == {0}


@pytest.mark.parametrize(
    ("received", "expected"),
    [(None, "now"), ("2026-05-04T12:00:00Z", "2026-05-04T12:00:00Z"), ("2026-05-04T12:00:00", "2026-05-04T12:00:00Z")],
)
async def test_a_message_arrives_when_it_is_delivered_whatever_its_own_date_says(
    http: httpx.AsyncClient, sandbox: Sandbox, received: str | None, expected: str
) -> None:
    headers = await token_of(http, ALICE)
    sandbox.clock.advance(3600)
    now = sandbox.clock.utc().isoformat(timespec="seconds")
    query = {"to": ALICE, **({"received": received} if received else {})}
    raw = b"Date: Mon, 02 Mar 2020 09:00:00 +0100\r\n" + MIME
    sent = await http.post("/_sandbox/deliver", params=query, content=raw, headers={"Content-Type": "message/rfc822"})
    message = (await http.get(f"/v1.0/me/messages/{sent.json()['id']}", headers=headers)).json()
    assert message["sentDateTime"] == "2020-03-02T08:00:00Z"
    assert message["receivedDateTime"] >= now[:19] if expected == "now" else message["receivedDateTime"] == expected


async def test_faults_replace_the_last_list(http: httpx.AsyncClient) -> None:
    await http.put("/_sandbox/faults", json=[{"route": "*", "status": 503}])
    assert (await http.get("/common/discovery/v2.0/keys")).status_code == 503
    await http.put("/_sandbox/faults", json=[])
    assert (await http.get("/common/discovery/v2.0/keys")).status_code == 200


async def test_reset_goes_back_to_the_seed(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    headers = await token_of(http, ALICE)
    sandbox.deliver(sandbox.users[0], MIME)
    made = await http.post("/_sandbox/apps", json={"name": "Mine", "redirect_uris": ["http://localhost/"]})
    await http.put("/_sandbox/faults", json=[{"route": "/v1.0/*", "status": 503}])
    assert (await http.post("/_sandbox/reset")).status_code == 200
    assert sandbox.store.mailbox(sandbox.users[0].oid).count() == 0
    assert sandbox.directory.app(made.json()["client_id"]) is None
    assert sandbox.directory.app(sandbox.public_client_id) is not None
    assert (await http.get("/_sandbox/requests")).json() == []
    assert (await http.get("/v1.0/me", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", "token", {"user": ALICE}, "scopes"),
        ("POST", "token", {"user": ALICE, "scopes": []}, "scopes"),
        ("POST", "token", {"user": ALICE, "scopes": ["Mail.Fly"]}, "Mail.Fly"),
        ("POST", "token", {"user": "nobody", "scopes": ["Mail.Read"]}, "no such user"),
        ("POST", "token", {"user": ALICE, "scopes": ["Mail.Read"], "lifetime_s": -1}, "lifetime_s"),
        ("POST", "token", {"user": ALICE, "scopes": ["Mail.Read"], "lifetime_s": 1e400}, "lifetime_s"),
        ("POST", "token", {"user": ALICE, "scopes": ["Mail.Read"], "extra": 1}, "extra"),
        ("POST", "token", [], "body"),
        ("POST", "apps", {"name": "x", "redirect_uris": []}, "redirect_uris"),
        ("POST", "apps", {"name": "x", "redirect_uris": ["http://localhost/a b"]}, "redirect_uris"),
        ("POST", "apps", {"redirect_uris": ["http://localhost/"]}, "name"),
        ("PUT", "faults", {"route": "*"}, "array"),
        ("PUT", "faults", [{"status": 503}], "route"),
        ("PUT", "faults", [{"route": "*", "status": 99}], "status"),
        ("PUT", "faults", [{"route": "*", "cut": "sideways"}], "cut"),
        ("PUT", "faults", [{"route": "*", "headers": {"X": "a\nb"}}], "headers"),
        ("POST", "revoke", {}, "user"),
    ],
)
async def test_a_wrong_body_is_refused_with_its_field(
    http: httpx.AsyncClient, method: str, path: str, body: Any, named: str
) -> None:
    answer = await http.request(method, f"/_sandbox/{path}", content=json.dumps(body))
    assert answer.status_code == 400
    assert named in answer.json()["error"]


async def test_a_refused_secret_is_not_repeated(http: httpx.AsyncClient) -> None:
    order = {"name": "", "redirect_uris": ["http://localhost/"], "secret": ["hush-hush"]}
    answer = await http.post("/_sandbox/apps", json=order)
    assert answer.status_code == 400
    assert "hush-hush" not in answer.text


@pytest.mark.parametrize(
    ("parameters", "kind", "content"),
    [
        ({"to": ALICE}, "application/json", MIME),
        ({"to": "nobody@x.example"}, "message/rfc822", MIME),
        ({}, "message/rfc822", MIME),
        ({"to": ALICE}, "message/rfc822", b"  "),
        ({"to": ALICE, "received": "yesterday"}, "message/rfc822", MIME),
    ],
)
async def test_a_wrong_delivery_is_refused(
    http: httpx.AsyncClient, parameters: dict[str, str], kind: str, content: bytes
) -> None:
    answer = await http.post("/_sandbox/deliver", params=parameters, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_foreign_host_name_is_turned_away(http: httpx.AsyncClient) -> None:
    answer = await http.get("/_sandbox/users", headers={"Host": "rebound.example"})
    assert answer.status_code == 403


async def test_without_the_option_there_is_no_control(sandbox: Sandbox) -> None:
    async with (
        run_sandbox(SandboxOptions(seed=False)) as closed,
        httpx.AsyncClient(base_url=closed.http_url, trust_env=False) as client,
    ):
        assert (await client.get("/_sandbox/users")).status_code == 404
        assert (await client.post("/_sandbox/reset")).status_code == 404
