"""Going down in order: no new work, open streams ended, calls under way finished."""

from __future__ import annotations

from collections.abc import Callable

import anyio


class Drain:
    """Begins once; from then on the server reports that it is not ready."""

    def __init__(self) -> None:
        self._begun = anyio.Event()
        self._closers: list[Callable[[], None]] = []

    @property
    def has_begun(self) -> bool:
        return self._begun.is_set()

    def on_begin(self, close: Callable[[], None]) -> None:
        """`close` ends streams that would otherwise stay open for ever."""
        self._closers.append(close)

    def begin(self) -> None:
        if self.has_begun:
            return
        self._begun.set()
        for close in self._closers:
            close()

    async def wait(self) -> None:
        """Returns when the server is going down."""
        await self._begun.wait()
