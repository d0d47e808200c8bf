"""`outlook-mcp logout`: forget the sign-in of the profile, or one of its mailboxes."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    anyio.run(_logout, settings_of(arguments), arguments.account)
    return 0


async def _logout(configuration: Configuration, account: str | None) -> None:
    async with open_app(configuration) as app:
        await forget(app, account)


async def forget(app: App, account: str | None) -> None:
    """One mailbox of the profile, None meaning all; without any left nobody is signed in."""
    user = await app.caller.user()
    if account is not None:
        gone = [await app.connections.disconnect(user, account)]
    else:
        gone = list(await app.connections.disconnect_all(user))
    if not await app.connections.connections_of(user):
        await app.caller.signed_out()
    names = ", ".join(connection.address for connection in gone) or "nothing: no mailbox was connected"
    print(f"Forgot {names}. Microsoft itself keeps you signed in to your browser.")
