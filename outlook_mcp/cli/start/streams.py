"""Standard input and output as the SDK's stdio transport takes them, after `Opening` has begun to read.

The SDK's own streams cost three threads a message: one to read, one to write and one to flush.
"""

from __future__ import annotations

import os
import select

# The loop itself is needed: another thread hands lines to it.
from asyncio import get_running_loop
from contextlib import suppress

import anyio
import anyio.to_thread

from outlook_mcp.cli.start.opening import Opening

# What a pipe takes at once when `poll` says that it can be written to (PIPE_BUF).
_AT_ONCE = 4096


class InputLines:
    """Iterates over the lines of standard input as text."""

    def __init__(self, opening: Opening) -> None:
        self._send, self._received = anyio.create_memory_object_stream[bytes](float("inf"))
        self._loop = get_running_loop()
        opening.hand_over(self._deliver)

    def _deliver(self, line: bytes) -> None:
        # The loop is closed when the server has ended while the client goes on writing.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._send.send_nowait, line)

    def __aiter__(self) -> InputLines:
        return self

    async def __anext__(self) -> str:
        line = await self._received.receive()
        if not line:
            raise StopAsyncIteration
        return line.decode("utf-8", "replace")


class OutputLines:
    """Writes at once what the client's end takes at once, and in a thread what has to wait."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    async def write_text(self, text: str) -> None:
        """Returns when all of it is written. Raises BrokenPipeError when the client is gone."""
        rest = text.encode()
        while rest:
            part = rest[:_AT_ONCE]
            if self._poll.poll(0):
                written = os.write(self._descriptor, part)
            else:
                written = await anyio.to_thread.run_sync(os.write, self._descriptor, part)
            rest = rest[written:]

    # As the SDK calls it.
    write = write_text

    async def flush(self) -> None:
        """Nothing is kept back."""
