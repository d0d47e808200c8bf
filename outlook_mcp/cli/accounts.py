"""`outlook-mcp accounts`: the mailboxes connected to the profile."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import open_app
from outlook_mcp.cli.parser import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    anyio.run(_accounts, settings_of(arguments))
    return 0


async def _accounts(configuration: Configuration) -> None:
    async with open_app(configuration) as app:
        user = await app.caller.user()
        for connection in await app.connections.list(user):
            mark = "*" if connection.is_default else " "
            print(f"{mark} {connection.name}: {connection.address}, tenant {connection.tid}")
            print(f"    since {connection.connected_at:%Y-%m-%d %H:%M} UTC; {' '.join(connection.scopes)}")
