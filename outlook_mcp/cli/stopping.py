"""Waits until the user stops a command."""

from __future__ import annotations

import signal

import anyio


async def wait_for_stop(announcement: str) -> None:
    """Prints `announcement` once signals are handled; returns at SIGINT (Ctrl-C) or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        print(announcement, flush=True)
        async for _ in signals:
            return
