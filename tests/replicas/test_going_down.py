"""A server that gets SIGTERM finishes its calls, and then ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from tests.replicas.bearer import LEGACY, MODERN, Bearer, bearer
from tests.replicas.deployment import deployed
from tests.replicas.people import fill
from tests.valkey import Valkey
from tests.waiting import until

# A mailbox is asked four things at once at most.
CALLS_OF_EACH_ERA = 2
# Longer than it goes on to take requests.
SLOW_S = 4.0


async def test_calls_in_progress_are_finished_and_event_streams_end_before_the_process_does(
    sandbox: Sandbox, a_valkey: Valkey, tmp_path: Path
) -> None:
    user = sandbox.users[-1]
    fill(sandbox, user)
    # A server that lets in anybody says so in its log.
    settings = {"stateless": "false", "allowed_users": f"{user.tid}:{user.oid}"}
    async with (
        deployed(tmp_path, sandbox, a_valkey, replicas=1, settings=settings) as deployment,
        bearer(deployment, user.upn) as client,
    ):
        (replica,) = deployment.replicas
        assert (await client.call("mail_search", folder="all")).status_code == 200
        opened = asyncio.Event()
        session = await begin_session(client)
        stream = asyncio.create_task(listen_until_the_end(client, session, opened))
        await opened.wait()
        listening = asyncio.create_task(listen_for_changes(client))
        sandbox.log.clear()
        sandbox.faults.replace_rules([Fault(route="/v1.0/me/messages*", delay_s=SLOW_S)])
        calls = [
            asyncio.create_task(client.call("mail_search", era, of_session, folder="all"))
            for era, of_session in ((MODERN, None), (LEGACY, session))
            for _ in range(CALLS_OF_EACH_ERA)
        ]
        await until(lambda: len(sandbox.log.records) >= len(calls))
        replica.terminate()
        await replica.until_ready(503)
        await stream
        assert '"resultType":"complete"' in (await listening).replace(" ", "")
        assert not any(call.done() for call in calls)
        answers = await asyncio.gather(*calls)
        status = await replica.ended()
    assert status == 0, replica.log
    for answer in answers:
        assert answer.status_code == 200
        assert "zq0002canarysubject" in answer.text
    # Nothing but the line that tells of the start.
    assert [line for line in replica.log.splitlines() if "outlook_mcp.start: Serving MCP" not in line] == []


async def begin_session(client: Bearer) -> str:
    """Of a 2025-11-25 client; its id."""
    begun = await client.send(
        "initialize",
        LEGACY,
        protocolVersion=LEGACY,
        capabilities={},
        clientInfo={"name": "listener", "version": "1"},
    )
    return str(begun.headers["mcp-session-id"])


async def listen_until_the_end(client: Bearer, session: str, opened: asyncio.Event) -> None:
    """The event stream of a session."""
    async with client.http.stream("GET", "/mcp", headers=client.headers(LEGACY, session)) as response:
        assert response.status_code == 200
        opened.set()
        async for _ in response.aiter_bytes():
            pass


async def listen_for_changes(client: Bearer) -> str:
    """All events of a 2026-07-28 subscription."""
    answer = await client.send(
        "subscriptions/listen", MODERN, notifications={"resourceSubscriptions": ["outlook://me/folders"]}
    )
    assert answer.status_code == 200
    return answer.text
