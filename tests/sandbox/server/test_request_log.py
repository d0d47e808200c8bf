from __future__ import annotations

from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from tests.sandbox.entra.app import RegisteredApp
from tests.sandbox.server.test_control import token_of

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def requests(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    return list((await http.get("/_sandbox/requests")).json())


async def test_a_graph_request_is_listed_with_user_and_app(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    await http.get("/v1.0/me", headers=await token_of(http, ALICE, "User.Read"))
    (entry,) = await requests(http)
    assert set(entry) == {"time", "method", "path", "user", "app", "status"}
    assert entry["time"].endswith("Z")
    assert (entry["method"], entry["path"]) == ("GET", "/v1.0/me")
    assert (entry["user"], entry["app"]) == (ALICE, sandbox.public_client_id)


async def test_a_refused_request_is_listed_without_user(http: httpx.AsyncClient) -> None:
    await http.get("/v1.0/me")
    (entry,) = await requests(http)
    assert (entry["user"], entry["app"], entry["status"]) == (None, None, 401)


async def test_a_dropped_request_has_no_status(http: httpx.AsyncClient) -> None:
    await http.put("/_sandbox/faults", json=[{"route": "/v1.0/*", "cut": "before"}])
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await http.get("/v1.0/me")
    assert [entry["status"] for entry in await requests(http)] == [None]


async def test_a_sign_in_is_listed_without_its_secrets(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    secret = sandbox.confidential_client_secret.get_secret_value()
    app = RegisteredApp(
        http,
        sandbox.confidential_client_id,
        secret=secret,
        redirect_uri="http://localhost:8000/oauth/callback",
    )
    answer = await app.sign_in(ALICE)
    answer |= (await app.refresh(answer["refresh_token"])).json()
    listed = await requests(http)
    assert [entry["path"] for entry in listed] == [
        "/common/oauth2/v2.0/authorize",
        "/common/oauth2/v2.0/token",
        "/common/oauth2/v2.0/token",
    ]
    assert [entry["status"] for entry in listed] == [302, 200, 200]
    assert {(entry["user"], entry["app"]) for entry in listed} == {(ALICE, sandbox.confidential_client_id)}
    text = str(listed)
    for hidden in (secret, app.verifier, answer["access_token"], answer["refresh_token"], answer["id_token"]):
        assert hidden not in text


async def test_a_client_id_that_is_not_registered_is_not_listed(http: httpx.AsyncClient) -> None:
    await http.post("/common/oauth2/v2.0/token", data={"client_id": "my-secret-by-mistake"})
    (entry,) = await requests(http)
    assert "my-secret" not in str(entry)


async def test_every_part_of_a_batch_is_listed(http: httpx.AsyncClient) -> None:
    parts = [{"id": str(number), "method": "GET", "url": url} for number, url in enumerate(("/me", "/me/nothing"))]
    headers = await token_of(http, BOB, "User.Read")
    await http.post("/v1.0/$batch", headers=headers, json={"requests": parts})
    listed = {entry["path"]: entry for entry in await requests(http)}
    assert set(listed) == {"/v1.0/$batch", "/v1.0/me", "/v1.0/me/nothing"}
    assert listed["/v1.0/me"]["status"] == 200
    assert listed["/v1.0/me/nothing"]["status"] == 400
    assert {entry["user"] for entry in listed.values()} == {BOB}


async def test_the_secret_in_an_upload_address_is_not_listed(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    headers = await token_of(http, ALICE, "Mail.ReadWrite")
    draft = (await http.post("/v1.0/me/messages", headers=headers, json={"subject": "Big"})).json()
    item = {"AttachmentItem": {"attachmentType": "file", "name": "a.bin", "size": 4_000_000}}
    session = await http.post(
        f"/v1.0/me/messages/{draft['id']}/attachments/createUploadSession", headers=headers, json=item
    )
    address = session.json()["uploadUrl"]
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(address)).status_code == 200
    entry = (await requests(http))[-1]
    assert entry["path"].endswith("/AttachmentSessions('...')")
    assert address.partition("authtoken=")[2] not in str(entry)
