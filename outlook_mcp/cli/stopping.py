"""Waiting for the person to have had enough."""

from __future__ import annotations

import signal

import anyio


async def until_stopped(announcement: str) -> None:
    """Says so once a signal would be noticed; returns at SIGINT or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        print(announcement, flush=True)
        async for _ in signals:
            return
