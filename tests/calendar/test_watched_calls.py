"""Nobody hears of any call but event_send, nobody twice, and everybody whom it concerns; see tests/calendar/watched."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from tests.calendar.watched.calls import READING, WRITING, RandomCalls
from tests.calendar.watched.mailboxes import Watched
from tests.effort import usually
from tests.faults.office import SETTINGS, outlook_of

STEPS = usually(150, thoroughly=20_000)


async def test_nobody_is_mailed_but_by_event_send_and_then_all_who_are_concerned_once(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        options = SandboxOptions(seed=False, control=True, concurrency=0)
        sandbox = await stack.enter_async_context(run_sandbox(options))
        sandbox.store.outbox.delay_s = 0.0
        settings = replace(SETTINGS, sends_per_hour=STEPS, recipients_per_hour=4 * STEPS)
        clients = {
            user.upn: (
                await stack.enter_async_context(
                    outlook_of(sandbox, user, tmp_path / f"{user.oid}.log", mail_settings=settings)
                )
            ).client
            for user in sandbox.users[:3]
        }
        calls = RandomCalls(clients, Watched(sandbox), random.Random(3))
        for _ in range(STEPS):
            await calls.step()
    print(calls.tools, calls.mail, calls.outcomes)
    assert set(calls.tools) == {*READING, *WRITING, "event_send"}
    assert calls.mail > STEPS // 50
