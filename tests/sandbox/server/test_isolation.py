from __future__ import annotations

import asyncio

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from tests.sandbox.entra.app import RegisteredApp


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False)


async def test_a_token_opens_only_the_mailbox_of_its_user(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    async def rounds(upn: str, oid: str) -> None:
        canary = f"canary of {oid}"
        app = RegisteredApp(http, sandbox.public_client_id)
        tokens = await app.sign_in(upn, scope="offline_access Mail.ReadWrite User.Read")
        for _ in range(5):
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            await http.post("/v1.0/me/messages", headers=headers, json={"subject": canary})
            listed = (await http.get("/v1.0/me/messages", headers=headers)).json()["value"]
            assert {message["subject"] for message in listed} == {canary}
            assert (await http.get("/v1.0/me", headers=headers)).json()["id"] == oid
            tokens = (await app.refresh(tokens["refresh_token"])).json()

    await asyncio.gather(*(rounds(user.upn, user.oid) for user in sandbox.users))


async def test_a_message_id_of_one_user_is_nothing_to_another(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    app = RegisteredApp(http, sandbox.public_client_id)
    alice, bob = [
        {"Authorization": f"Bearer {(await app.sign_in(user.upn))['access_token']}"} for user in sandbox.users[:2]
    ]
    made = (await http.post("/v1.0/me/messages", headers=alice, json={"subject": "Private"})).json()
    for path in (f"/v1.0/me/messages/{made['id']}", f"/v1.0/users/{sandbox.users[0].oid}/messages/{made['id']}"):
        answer = await http.get(path, headers=bob)
        assert answer.status_code in (403, 404)
        assert "Private" not in answer.text
