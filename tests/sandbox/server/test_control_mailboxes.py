"""The calls of the control API that set up mailboxes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from tests.sandbox.graph.receiver import receiving
from tests.sandbox.server.test_control import MIME, token_of

ALICE, BOB, TEAM = "alice@contoso.example", "bob@contoso.example", "team@contoso.example"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def call(http: httpx.AsyncClient, method: str, path: str, status: int = 200, **body: Any) -> Any:
    answer = await http.request(method, f"/_sandbox/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_control_api_sets_up_mailboxes(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    oid = (await call(http, "POST", "mailboxes", address=TEAM, display_name="Team"))["oid"]
    await call(http, "PUT", "grants", mailbox=TEAM, user=ALICE, rights=["read", "send_as"])
    await call(
        http, "PUT", "recipient", user=BOB, aliases=["rob@contoso.example"], custom_mail_tip="Slow", mailbox_full=True
    )
    await call(http, "PUT", "groups", address="all@contoso.example", members=[ALICE, BOB])
    headers = await token_of(http, ALICE, "Mail.Read", "Mail.Read.Shared", "Mail.Send.Shared")
    assert (await http.get(f"/v1.0/users/{oid}/messages", headers=headers)).json()["value"] == []
    body = {"EmailAddresses": [BOB, "all@contoso.example"], "MailTipsOptions": "customMailTip,totalMemberCount"}
    tips = (await http.post("/v1.0/me/getMailTips", json=body, headers=headers)).json()["value"]
    assert [(tip["customMailTip"], tip["totalMemberCount"]) for tip in tips] == [("Slow", 0), ("", 2)]
    everybody = await token_of(http, ALICE, "User.Read.All")
    profile = (await http.get("/v1.0/users/rob@contoso.example", headers=everybody)).json()
    assert profile["userPrincipalName"] == BOB
    now = sandbox.clock.now()
    await call(http, "POST", "clock", advance_s=3600)
    assert sandbox.clock.now() >= now + 3600
    wrong = (
        ("POST", "mailboxes", {"address": TEAM, "display_name": "Again"}),
        ("POST", "mailboxes", {"address": "a@elsewhere.example", "display_name": "Away"}),
        ("PUT", "grants", {"mailbox": TEAM, "user": "nobody@x.example", "rights": []}),
        ("PUT", "grants", {"mailbox": TEAM, "user": ALICE, "rights": ["own"]}),
        ("PUT", "recipient", {"user": BOB, "aliases": [ALICE]}),
        ("PUT", "groups", {"address": ALICE, "members": []}),
        ("POST", "clock", {"advance_s": -1}),
    )
    for method, path, order in wrong:
        assert (await call(http, method, path, 400, **order))["error"]
    assert await call(http, "POST", "lifecycle", 400, subscription="x", event="missed")
    await call(http, "POST", "reset")
    assert (await call(http, "POST", "mailboxes", address=TEAM, display_name="Team"))["oid"] == oid


async def test_a_running_sandbox_tells_receivers_what_is_delivered(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    headers = await token_of(http, ALICE, "Mail.Read")
    async with receiving() as receiver:
        order = {"changeType": "created", "notificationUrl": receiver.url, "resource": "me/mailFolders/inbox/messages"}
        expires = (sandbox.clock.utc() + timedelta(hours=2)).isoformat()
        body = {**order, "expirationDateTime": expires, "lifecycleNotificationUrl": receiver.url}
        made = (await http.post("/v1.0/subscriptions", json=body, headers=headers)).json()
        delivered = await http.post(
            "/_sandbox/deliver", params={"to": ALICE}, content=MIME, headers={"Content-Type": "message/rfc822"}
        )
        (told,) = await receiver.wait_for(1)
        assert told["resourceData"]["id"] == delivered.json()["id"]
        await call(http, "POST", "lifecycle", subscription=made["id"], event="subscriptionRemoved")
        assert (await receiver.wait_for(2))[1]["lifecycleEvent"] == "subscriptionRemoved"
