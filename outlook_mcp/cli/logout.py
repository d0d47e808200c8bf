"""`outlook-mcp logout`: disconnect all mailboxes of the profile, or one, and delete their tokens."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status."""
    anyio.run(_logout, settings_of(arguments), arguments.account)
    return 0


async def _logout(configuration: Configuration, account: str | None) -> None:
    async with open_app(configuration) as app:
        await disconnect(app, account)


async def disconnect(app: App, account: str | None) -> None:
    """Disconnects the mailbox that the user calls `account`, None for all; without one left nobody is signed in."""
    user = await app.caller.user()
    if account is not None:
        disconnected = [await app.connections.disconnect(user, account)]
    else:
        disconnected = list(await app.connections.disconnect_all(user))
    if not await app.connections.connections_of(user):
        await app.caller.unbind_user()
    names = ", ".join(connection.address for connection in disconnected) or "nothing: no mailbox was connected"
    print(f"Disconnected {names}. Your browser stays signed in to Microsoft.")
