"""Loads what calls need in the background, while a person thinks about what to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import anyio

from outlook_mcp.answers.remedies import Audience
from outlook_mcp.app.lazy import rehearse_search
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.recording import rehearse_call
from outlook_mcp.server.services import Services

# By then a client that asks for one thing after the other has asked for the next.
LOAD_AFTER_S = 0.1


@asynccontextmanager
async def loading(
    server: EmailServer, services: Services, scopes: Sequence[str], after_s: float = LOAD_AFTER_S
) -> AsyncIterator[None]:
    """While it is open: `after_s` later, and when no request runs, which would be slower, what these scopes need.

    Where there is only one caller, their mailbox at last.
    """

    async def load() -> None:
        await anyio.sleep(after_s)
        await server.running.wait_for_none()
        # What fails here fails again in the first call, which tells the person of it.
        with suppress(Exception):
            await services.workspaces.prepare(scopes)
            await server.build_tools()
            await rehearse_call(server)
            await rehearse_search()
            if services.audience is Audience.LOCAL_CLIENT:
                await services.open_ahead()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(load)
        yield
        tasks.cancel_scope.cancel()
