"""Waiting for the person to have had enough."""

from __future__ import annotations

import signal

import anyio


async def until_stopped() -> None:
    """Returns at SIGINT or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            return
