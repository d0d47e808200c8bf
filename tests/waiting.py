"""Waiting for what happens in another process or thread and tells nobody: looked at again and again.

Tests pause only here. `PATIENCE_S` ends a test that would wait for ever; it measures nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.01


def patience() -> asyncio.Timeout:
    """`async with patience():` fails what hangs."""
    return asyncio.timeout(PATIENCE_S)


async def pause(seconds: float = _LOOK_EVERY_S) -> None:
    """Before the next look, or until the moment at which something is to break."""
    await asyncio.sleep(seconds)


async def until(holds: Callable[[], bool]) -> None:
    async with patience():
        while not holds():
            await pause()


def wait_until(holds: Callable[[], bool]) -> None:
    """`until` where no event loop runs."""
    give_up = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > give_up:
            raise TimeoutError("It did not happen.")
        time.sleep(_LOOK_EVERY_S)
