"""Large bodies are converted in processes of their own, so many at once and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import anyio.to_thread
import msgspec

from outlook_mcp.errors import ServerBusy
from outlook_mcp.mail.html.guard import flat_text
from outlook_mcp.mail.html.result import ConvertedText

WALL_SECONDS = 10.0
MOST_PROCESSES = 2 * (os.cpu_count() or 1)
WAIT_SECONDS = 15.0
_SHOWN_AFTER_STOP = 100_000
_places = anyio.lowlevel.RunVar[anyio.CapacityLimiter]("html_processes")


async def convert_in_process(html: str, *, drop_quotes: bool = False) -> ConvertedText:
    """The conversion, or the beginning of the body as flat text when the process was stopped.

    Raises ServerBusy when no other process ended in time to make room for this one.
    """
    command = [sys.executable, "-m", "outlook_mcp.mail.html.process", "new" if drop_quotes else "all"]
    source = html.encode("utf-8", "replace")
    try:
        async with _place():
            with anyio.fail_after(WALL_SECONDS):
                done = await anyio.run_process(command, input=source, stderr=subprocess.DEVNULL, check=False)
        return msgspec.json.decode(done.stdout, type=ConvertedText)
    except (TimeoutError, OSError, msgspec.DecodeError):
        return await anyio.to_thread.run_sync(flat_text, html[:_SHOWN_AFTER_STOP])


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
