"""What may be hostile and costly is read in processes of their own, so many at once and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel

from outlook_mcp.errors import ServerBusy

WALL_SECONDS = 10.0
MOST_PROCESSES = 2 * (os.cpu_count() or 1)
WAIT_SECONDS = 15.0
_places = anyio.lowlevel.RunVar[anyio.CapacityLimiter]("limited_processes")


async def run_limited(module: str, *arguments: str, source: bytes) -> bytes:
    """What `python -m module` writes when given `source`; empty when it was stopped.

    Raises ServerBusy when no other process ended in time to make room for this one.
    """
    command = [sys.executable, "-m", module, *arguments]
    try:
        async with _place():
            with anyio.fail_after(WALL_SECONDS):
                done = await anyio.run_process(command, input=source, stderr=subprocess.DEVNULL, check=False)
    except (TimeoutError, OSError):
        return b""
    return done.stdout if done.returncode == 0 else b""


@asynccontextmanager
async def _place() -> AsyncIterator[None]:
    """One of the processes that may run at once, whoever asks: each may take a core for seconds."""
    limiter = _places.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(MOST_PROCESSES)
        _places.set(limiter)
    # Borrowers are told apart by the place they ask for, as one task may read several bodies.
    borrower = object()
    with anyio.move_on_after(WAIT_SECONDS) as waiting:
        await limiter.acquire_on_behalf_of(borrower)
    if waiting.cancelled_caught:
        raise ServerBusy("Too many large messages are being read at this moment.")
    try:
        yield
    finally:
        limiter.release_on_behalf_of(borrower)
