"""Three replicas behind a proxy, many users at once, while one replica dies and the vault's key is rotated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import CONNECTION_CLOSED, INTERNAL_ERROR

from outlook_mcp.sandbox import Sandbox, User
from tests.canaries import FIELDS
from tests.effort import usually
from tests.replicas.deployment import Deployment, Replica, deployed, new_master_key
from tests.replicas.people import Person, fill, person, registered
from tests.valkey import Valkey

USERS = usually(5, thoroughly=60)
SIGN_INS_AT_ONCE = 8
CALLS_A_SECOND = usually(5, thoroughly=30)


@pytest.fixture
def colleagues() -> int:
    return USERS


async def test_no_user_sees_mail_of_another_while_a_replica_dies_and_the_key_rotates(
    sandbox: Sandbox, a_valkey: Valkey, tmp_path: Path
) -> None:
    users = sandbox.users[-USERS:]
    for user in users:
        fill(sandbox, user)
    async with deployed(tmp_path, sandbox, a_valkey) as deployment, signed_in(deployment, users) as people:
        enough = asyncio.Event()
        calling = [asyncio.create_task(caller.call_until(enough, USERS / CALLS_A_SECOND)) for caller in people]
        under_way, killed_at = await rotate_the_key_and_kill_one(deployment)
        enough.set()
        await asyncio.gather(*calling)
        keys = await deployment.run("keys", "list", **deployment.replicas[0].settings)
    report(people, deployment)
    for caller in people:
        assert caller.others_seen == set(), f"user {caller.number} saw these users: {caller.others_seen}"
        # Without its own canaries in every field the test would prove nothing.
        assert set(FIELDS) - caller.seen == set()
        assert caller.refusals == []
        assert caller.sign_ins == 1
    failures = [failure for caller in people for failure in caller.failures]
    assert len(failures) <= under_way
    for failure in failures:
        assert failure.began <= killed_at <= failure.ended
        assert isinstance(failure.error, MCPError)
        assert failure.error.code in (CONNECTION_CLOSED, INTERNAL_ERROR)
    assert all(deployment.proxy.forwarded.values())
    assert keys.count("; wraps ") == 1
    assert f"wraps {USERS + 1} rows of data keys" in keys


@asynccontextmanager
async def signed_in(deployment: Deployment, users: Sequence[User]) -> AsyncIterator[list[Person]]:
    """Clients of both eras, many signing in at a time; each lives in a task of its own, as the SDK wants it."""
    app = await registered(deployment)
    turns = asyncio.Semaphore(SIGN_INS_AT_ONCE)
    leave = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:

        async def live(user: User, mode: str, ready: asyncio.Future[Person]) -> None:
            async with AsyncExitStack() as stack:
                async with turns:
                    signed_in = await stack.enter_async_context(person(deployment, user, app, mode))
                    await signed_in.look()
                ready.set_result(signed_in)
                await leave.wait()

        futures: list[asyncio.Future[Person]] = [asyncio.get_running_loop().create_future() for _ in users]
        for number, (user, future) in enumerate(zip(users, futures, strict=True)):
            tasks.create_task(live(user, ("auto", "legacy")[number % 2], future))
        try:
            yield list(await asyncio.gather(*futures))
        finally:
            leave.set()


async def rotate_the_key_and_kill_one(deployment: Deployment) -> tuple[int, float]:
    """The calls that one replica had under way when it was killed, and when that was.

    As the key source says: `old,new` on every server, then `new,old`, `keys rotate`, then `new`.
    """
    first, *others = deployment.replicas
    old, new = first.settings["master_key"], new_master_key()
    under_way, killed_at = await killed_with_calls_under_way(deployment, first)
    first.start(master_key=f"{old},{new}")
    await first.until_ready()
    for replica in others:
        await replica.restart(master_key=f"{old},{new}")
    for replica in deployment.replicas:
        await replica.restart(master_key=f"{new},{old}")
    await deployment.run("keys", "rotate", master_key=f"{new},{old}")
    # The old key is not needed any more.
    await first.restart(master_key=new)
    return under_way, killed_at


async def killed_with_calls_under_way(deployment: Deployment, replica: Replica) -> tuple[int, float]:
    while not deployment.proxy.under_way[replica.port]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    # Nothing else happens here until it is dead, so nobody is sent there in between.
    under_way = deployment.proxy.under_way[replica.port]
    killed_at = time.monotonic()
    replica.kill()
    return under_way, killed_at


def report(people: Sequence[Person], deployment: Deployment) -> None:
    calls = sum(caller.calls for caller in people)
    failures = sum(len(caller.failures) for caller in people)
    forwarded = ", ".join(map(str, deployment.proxy.forwarded.values()))
    print(f"\n{len(people)} users, {calls} calls, {failures} failed; requests by replica: {forwarded}")
