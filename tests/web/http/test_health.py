"""Readiness, which anybody may ask for."""

from __future__ import annotations

import anyio

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.web.http.health import Readiness


class Store:
    def __init__(self) -> None:
        self.checks = 0
        self.is_away = False

    async def check(self) -> None:
        self.checks += 1
        await anyio.lowlevel.checkpoint()
        if self.is_away:
            raise StoreUnavailable("The file of the vault is gone.")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_flood_of_readiness_requests_asks_the_store_once_a_second() -> None:
    store, clock = Store(), Clock()
    readiness = Readiness(store.check, clock)
    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(readiness.problem)
    assert store.checks == 1
    store.is_away = True
    clock.now = 0.9
    assert await readiness.problem() is None
    clock.now = 1.0
    assert [await readiness.problem() for _ in range(3)] == ["vault_unavailable"] * 3
    assert store.checks == 2
