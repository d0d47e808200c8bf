from __future__ import annotations

import asyncio
import ssl
from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from tests.sandbox.entra.app import RegisteredApp, refusal
from tests.sandbox.server.test_control import token_of
from tests.waiting import until

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
KEYS = "/common/discovery/v2.0/keys"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def set_faults(http: httpx.AsyncClient, *faults: dict[str, Any]) -> None:
    answer = await http.put("/_sandbox/faults", json=list(faults))
    assert answer.status_code == 200, answer.text


async def statuses(http: httpx.AsyncClient, path: str, count: int) -> list[int]:
    return [(await http.get(path)).status_code for _ in range(count)]


async def test_a_status_comes_with_the_error_body_of_graph(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "/v1.0/me/messages*", "status": 429, "headers": {"Retry-After": "7"}})
    answer = await http.get("/v1.0/me/messages/x", headers=await token_of(http, ALICE))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["error"]["code"] == "TooManyRequests"


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [({"error": "x"}, "application/json", '{"error": "x"}'), ("<html>", "text/plain; charset=utf-8", "<html>")],
)
async def test_a_body_is_sent_as_given(http: httpx.AsyncClient, body: Any, kind: str, text: str) -> None:
    await set_faults(http, {"route": "*", "status": 502, "body": body})
    answer = await http.get(KEYS)
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (502, kind, text)


async def test_a_header_may_say_what_a_body_is(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "*", "body": "<p>", "headers": {"Content-Type": "text/html"}})
    answer = await http.get(KEYS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")


async def test_headers_alone_change_the_real_answer(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "*", "headers": {"X-Extra": "1"}})
    answer = await http.get(KEYS)
    assert answer.headers["x-extra"] == "1"
    assert answer.json()["keys"]


async def test_an_answer_without_content_has_none(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "*", "status": 204, "body": "ignored"})
    answer = await http.get(KEYS)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_skip_and_times_count_requests(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "*", "status": 503, "skip": 1, "times": 2})
    assert await statuses(http, KEYS, 4) == [200, 503, 503, 200]


async def test_a_rule_used_up_makes_room_for_the_next(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "*", "status": 503, "times": 1}, {"route": "*", "status": 504, "times": 1})
    assert await statuses(http, KEYS, 3) == [503, 504, 200]


async def test_a_method_narrows_a_rule(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "/common/oauth2/*", "method": "post", "status": 503})
    assert (await http.get("/common/oauth2/v2.0/authorize")).status_code == 400
    assert (await http.post("/common/oauth2/v2.0/token")).status_code == 503


async def test_a_part_of_the_query_narrows_a_rule(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "/v1.0/me/messages", "query": '$search="in', "status": 503})
    headers = await token_of(http, ALICE)
    asked = ({"$search": '"invoice"'}, {"$search": '"other"'}, {"$top": "1"})
    answers = [await http.get("/v1.0/me/messages", params=query, headers=headers) for query in asked]
    assert [answer.status_code for answer in answers] == [503, 200, 200]


async def test_a_user_narrows_a_rule_on_graph(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "/v1.0/*", "user": ALICE, "status": 503})
    assert (await http.get("/v1.0/me", headers=await token_of(http, ALICE))).status_code == 503
    assert (await http.get("/v1.0/me", headers=await token_of(http, BOB))).status_code != 503


async def test_a_user_narrows_a_rule_on_entra(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    tokens = {user: (await app.sign_in(user))["refresh_token"] for user in (ALICE, BOB)}
    await set_faults(http, {"route": "/*/oauth2/v2.0/token", "user": ALICE, "status": 503})
    assert (await app.refresh(tokens[ALICE])).status_code == 503
    assert (await app.refresh(tokens[BOB])).status_code == 200


async def test_a_token_refusal_may_be_invented(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    body = {"error": "temporarily_unavailable", "error_description": "AADSTS90033: busy", "error_codes": [90033]}
    await set_faults(http, {"route": "*/token", "status": 503, "body": body, "times": 1})
    app = RegisteredApp(http, sandbox.public_client_id)
    code = await app.code(ALICE)
    assert (await app.redeem(code)).json() == body
    assert (await app.redeem(code)).status_code == 200


async def test_cut_before_drops_the_connection_and_does_no_work(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    code = await app.code(ALICE)
    await set_faults(http, {"route": "*/token", "cut": "before", "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await app.redeem(code)
    assert (await app.redeem(code)).status_code == 200


async def test_cut_after_does_the_work_and_drops_the_connection(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    code = await app.code(ALICE)
    await set_faults(http, {"route": "*/token", "cut": "after", "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await app.redeem(code)
    assert refusal(await app.redeem(code))[2] == 54005


async def test_a_request_that_is_carried_out_may_be_answered_wrongly(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    code = await app.code(ALICE)
    await set_faults(http, {"route": "*/token", "status": 504, "carried_out": True, "times": 1})
    assert (await app.redeem(code)).status_code == 504
    assert refusal(await app.redeem(code))[2] == 54005


async def test_an_answer_may_come_late(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    code = await app.code(ALICE)
    await set_faults(http, {"route": "*/token", "answer_delay_s": 3600, "times": 1})
    async with asyncio.TaskGroup() as tasks:
        late = tasks.create_task(app.redeem(code))
        await until(lambda: sandbox.faults.waiting == 1)
        assert refusal(await app.redeem(code))[2] == 54005
        late.cancel()


async def test_cut_body_sends_half_of_it(http: httpx.AsyncClient) -> None:
    whole = await http.get(KEYS)
    await set_faults(http, {"route": KEYS, "cut": "body", "times": 1})
    async with http.stream("GET", KEYS) as answer:
        parts = answer.aiter_bytes()
        received = await anext(parts)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await anext(parts)
    assert answer.status_code == 200
    assert received == whole.content[: len(whole.content) // 2]


async def test_an_invented_answer_may_be_cut_too(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": KEYS, "status": 200, "body": "0123456789", "cut": "body"})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await http.get(KEYS)


@pytest.mark.parametrize("cut", ["before", "after", "body"])
async def test_tls_connections_are_cut_as_well(http: httpx.AsyncClient, sandbox: Sandbox, cut: str) -> None:
    await set_faults(http, {"route": KEYS, "cut": cut, "times": 1})
    trusted = ssl.create_default_context(cafile=sandbox.ca_file)
    async with httpx.AsyncClient(base_url=sandbox.https_url, verify=trusted, trust_env=False) as https:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await https.get(KEYS)
        assert (await https.get(KEYS)).status_code == 200


async def test_a_delay_runs_out_the_clients_patience(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": KEYS, "delay_s": 30, "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        await http.get(KEYS, timeout=0.05)
    assert (await http.get(KEYS)).status_code == 200


async def test_a_short_delay_only_delays(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": KEYS, "delay_s": 0.01})
    assert (await http.get(KEYS)).status_code == 200


async def test_uploads_can_be_spoiled(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    await set_faults(http, {"route": "*", "method": "PUT", "status": 503})
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.put(f"{sandbox.upload_url}/anything", content=b"x")).status_code == 503


async def test_the_control_api_is_never_spoiled(http: httpx.AsyncClient) -> None:
    await set_faults(http, {"route": "*", "cut": "before"})
    assert (await http.get("/_sandbox/users")).status_code == 200


async def batch(http: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, dict[str, Any]]:
    parts = [{"id": "me", "method": "GET", "url": "/me"}, {"id": "folders", "method": "GET", "url": "/me/mailFolders"}]
    answer = await http.post("/v1.0/$batch", headers=headers, json={"requests": parts})
    return {response["id"]: response for response in answer.json()["responses"]}


async def test_a_part_of_a_batch_can_be_spoiled(http: httpx.AsyncClient) -> None:
    headers = await token_of(http, ALICE, "User.Read", "Mail.Read")
    await set_faults(http, {"route": "/v1.0/me/mailFolders", "status": 429, "headers": {"Retry-After": "3"}})
    parts = await batch(http, headers)
    assert parts["me"]["status"] == 200
    assert (parts["folders"]["status"], parts["folders"]["headers"]["Retry-After"]) == (429, "3")


@pytest.mark.parametrize(("cut", "status"), [("before", 504), ("after", 504), ("body", 200)])
async def test_a_cut_part_leaves_the_others_whole(http: httpx.AsyncClient, cut: str, status: int) -> None:
    headers = await token_of(http, ALICE, "User.Read", "Mail.Read")
    await set_faults(http, {"route": "/v1.0/me/mailFolders", "cut": cut})
    parts = await batch(http, headers)
    assert (parts["me"]["status"], parts["folders"]["status"]) == (200, status)


async def test_a_send_that_is_cut_after_the_work_was_sent(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    message = {"subject": "Once", "toRecipients": [{"emailAddress": {"address": BOB}}]}
    await set_faults(http, {"route": "/v1.0/me/sendMail", "cut": "after"})
    headers = await token_of(http, ALICE, "Mail.Send")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await http.post("/v1.0/me/sendMail", headers=headers, json={"message": message})
    await sandbox.store.settled()
    inbox = await http.get("/v1.0/me/messages", headers=await token_of(http, BOB))
    assert [message["subject"] for message in inbox.json()["value"]] == ["Once"]
