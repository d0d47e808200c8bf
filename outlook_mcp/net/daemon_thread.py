"""Calls into the system that may block for ever."""

from __future__ import annotations

# The loop itself is needed: threads of anyio's pool hold up the end of the process.
import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

_Answer = TypeVar("_Answer")


async def run_in_daemon_thread(call: Callable[[], _Answer], name: str) -> _Answer:
    """What `call` returns or raises. When the caller is cancelled, or the process ends, nobody waits for it."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[_Answer] = loop.create_future()

    def finish(conclude: Callable[[Any], None], outcome: object) -> None:
        if not answered.done():
            conclude(outcome)

    def run() -> None:
        try:
            outcome: tuple[Callable[[Any], None], object] = (answered.set_result, call())
        except BaseException as error:
            outcome = (answered.set_exception, error)
        # The loop is closed when the process has given up on it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, *outcome)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await answered
