"""Loads what calls need in the background, while a person thinks about what to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import anyio

from outlook_mcp.app.components import Components
from outlook_mcp.app.lazy import rehearse_search
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.recording import rehearse_call

# By then a client that asks for one thing after the other has asked for the next.
LOAD_AFTER_S = 0.1


@asynccontextmanager
async def loading(
    server: EmailServer,
    components: Components,
    after_s: float = LOAD_AFTER_S,
    open_ahead: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[None]:
    """While it is open: `after_s` later, and when no request runs, which would be slower, what the scopes need.

    Where there is only one caller, `open_ahead` opens their mailbox at last.
    """

    async def load() -> None:
        await anyio.sleep(after_s)
        await server.running.wait_for_none()
        # What fails here fails again in the first call, which tells the person of it.
        with suppress(Exception):
            await components.workspaces.prepare(components.configuration.offered_scopes())
            await server.build_tools()
            await rehearse_call(server)
            await rehearse_search()
            if open_ahead is not None:
                await open_ahead()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(load)
        yield
        tasks.cancel_scope.cancel()
