"""Waits until the user stops a command."""

from __future__ import annotations

# Only asyncio's loop can be woken by a signal handler. Its own handlers, which anyio's receiver uses, do not exist on
# Windows.
import asyncio
import signal

import anyio


async def wait_for_stop(announcement: str) -> None:
    """Prints `announcement` once signals are handled; returns at SIGINT (Ctrl-C) or SIGTERM."""
    stopped, loop = anyio.Event(), asyncio.get_running_loop()
    before = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        print(announcement, flush=True)
        await stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
