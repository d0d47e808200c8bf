"""Graceful shutdown: the server reports that it is not ready, ends open streams and finishes calls in progress."""

from __future__ import annotations

from collections.abc import Callable

import anyio


class Drain:
    """The state of the shutdown. It begins once and cannot be undone."""

    def __init__(self) -> None:
        self._begun = anyio.Event()
        self._closers: list[Callable[[], None]] = []

    @property
    def has_begun(self) -> bool:
        return self._begun.is_set()

    def on_begin(self, close: Callable[[], None]) -> None:
        """`close` is called when the shutdown begins, to end streams that would otherwise stay open."""
        self._closers.append(close)

    def begin(self) -> None:
        if self.has_begun:
            return
        self._begun.set()
        for close in self._closers:
            close()

    async def wait(self) -> None:
        """Returns when the shutdown has begun."""
        await self._begun.wait()
