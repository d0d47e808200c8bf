"""The shared store is unavailable: readiness falls, nothing is kept in memory instead, and nobody is signed out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from outlook_mcp.sandbox import Sandbox
from tests.replicas.bearer import ERAS, Bearer, bearer
from tests.replicas.deployment import Deployment, Replica, deployed, new_master_key, replica_settings
from tests.replicas.people import METADATA, fill
from tests.valkey import HOST, free_port, valkey
from tests.waiting import pause

START_DEADLINE_S = 10
# Longer than anything that was read from the vault is believed.
TRUSTED_S = 6.0


async def test_a_server_goes_on_reading_for_seconds_then_says_so_and_recovers(sandbox: Sandbox, tmp_path: Path) -> None:
    user = sandbox.users[-1]
    fill(sandbox, user)
    with valkey("--appendonly", "yes", "--appendfsync", "always") as server:
        async with (
            deployed(tmp_path, sandbox, server, replicas=1) as deployment,
            bearer(deployment, user.upn) as client,
        ):
            (replica,) = deployment.replicas
            assert "zq0002canary" in (await client.call("mail_search", folder="all")).text
            server.kill()
            first = await client.call("mail_search", folder="all")
            assert first.status_code == 200
            assert "zq0002canarysubject" in first.text
            await replica.until_ready(503)
            await until_refused(client)
            await nothing_new_is_kept(deployment)
            server.start()
            await replica.until_ready()
            for era in ERAS:
                answer = await client.call("mail_search", era, folder="all")
                assert answer.status_code == 200
                assert "zq0002canarysubject" in answer.text


async def until_refused(client: Bearer) -> None:
    """Every answer is the right one or a plain refusal for now, never another user's and never a sign-out."""
    async with asyncio.timeout(TRUSTED_S):
        while (answer := await client.call("mail_search", folder="all")).status_code != 503:
            assert answer.status_code == 200, answer.text
            assert "zq0002canarysubject" in answer.text
            await pause(0.1)
    assert answer.json()["error"] == "temporarily_unavailable"
    assert answer.headers["retry-after"]


async def nothing_new_is_kept(deployment: Deployment) -> None:
    async with httpx.AsyncClient(base_url=deployment.proxy.url, trust_env=False, timeout=30) as http:
        metadata = METADATA.model_dump(mode="json", exclude_none=True)
        for answer in (
            await http.post("/register", json=metadata),
            await http.get("/authorize", params={"client_id": "somebody", "response_type": "code"}),
            await http.post("/token", data={"grant_type": "refresh_token", "client_id": "somebody"}),
        ):
            assert answer.status_code in (500, 503), (answer.request.url.path, answer.status_code, answer.text)
            assert "Traceback" not in answer.text


async def test_a_server_without_its_store_ends_at_once_with_one_line(sandbox: Sandbox, tmp_path: Path) -> None:
    port = free_port()
    settings = replica_settings(sandbox, f"redis://{HOST}:{free_port()}", new_master_key(), f"http://{HOST}:{port}")
    replica = Replica(tmp_path, port, {**settings, "data_dir": str(tmp_path / "data")})
    replica.start()
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            status = await replica.ended()
    finally:
        replica.stop()
    assert status != 0
    assert len(replica.log.splitlines()) == 1
    assert "cannot be reached" in replica.log
