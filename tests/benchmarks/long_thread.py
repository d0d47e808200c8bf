"""How long the event loop of the server is held up while a conversation of large messages is read page by page."""

from __future__ import annotations

import re
from collections.abc import Mapping

import anyio
from mcp import Client

from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import Configuration
from tests.answers import text_of
from tests.benchmarks.bombs import MOST_LAG_MS, LagProbe
from tests.benchmarks.figure import Figure
from tests.benchmarks.reading import mailbox_of

MESSAGES, SIZE, PAGES = 50, 150_000, 4
ANSWERED = "<plan@fabrikam.example>"
_FOLLOWING = re.compile(r"offset=(\d+)")


async def held_up_by_a_thread(settings: Mapping[str, str], data_dir: str) -> list[Figure]:
    """Its messages differ, and have letters beyond ASCII, which take several times as long to look through."""
    async with mailbox_of(settings, settings["login_hint"]) as mailbox:
        for number in range(MESSAGES):
            last = await mailbox.add("Plan", _message(number), answered=ANSWERED)
    configuration = Configuration.load({**settings, "data_dir": data_dir})
    probe = LagProbe()
    async with Client(build_server(configuration)) as client:
        # What the first call loads is measured elsewhere.
        await client.call_tool("mail_read", {"ids": [last]})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(probe.run)
            offset = 0
            for _ in range(PAGES):
                read = {"ids": [last], "thread": True, "offset": offset}
                answer = text_of(await client.call_tool("mail_read", read))
                assert f"{MESSAGES} messages" in answer, answer[:500]
                offset = int(_FOLLOWING.findall(answer)[-1])
            tasks.cancel_scope.cancel()
    name = f"the event loop held up by {MESSAGES} x {SIZE // 1000} KB of a thread"
    lag_ms = probe.worst * 1000
    return [Figure(name, "-", f"{lag_ms:.0f} ms", lag_ms, MOST_LAG_MS, "ms")]


def _message(number: int) -> str:
    line = "<p style='margin:{step}px'>„Plan {number}“ – step {step} costs <b>{step} €</b>.</p>"
    paragraphs = [line.format(number=number, step=step) for step in range(SIZE // len(line))]
    return f"<html><body>{''.join(paragraphs)}</body></html>"
