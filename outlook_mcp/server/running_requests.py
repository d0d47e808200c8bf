"""Knows which requests run, so that work in the background can wait for their end."""

from __future__ import annotations

import anyio


class RunningRequests:
    """The ids of the requests of one client, in one event loop; an id may be there more than once."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._one_ended = anyio.Event()

    def __len__(self) -> int:
        return len(self._ids)

    def begin(self, request_id: str) -> None:
        """To be told before the server gets the request."""
        self._ids.append(request_id)

    def end(self, request_id: str) -> bool:
        """Whether one of this id was running."""
        if request_id not in self._ids:
            return False
        self._ids.remove(request_id)
        self._one_ended.set()
        self._one_ended = anyio.Event()
        return True

    async def wait_for_none(self) -> None:
        """Returns when no request runs, at once if none does."""
        while self._ids:
            await self._one_ended.wait()
