"""`outlook-mcp whoami`: who the profile is signed in as, checked with Microsoft Graph."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import open_app
from outlook_mcp.cli.inbox_line import inbox_line
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status. Raises SignInRequired when nobody is signed in."""
    anyio.run(_whoami, settings_of(arguments))
    return 0


async def _whoami(configuration: Configuration) -> None:
    async with open_app(configuration) as app:
        user = await app.caller.user()
        mailbox = await app.workspaces.open_workspace(user, (await app.mailboxes.choose(user, None)).id)
        answer = await inbox_line(mailbox, configuration)
        print(f"{mailbox.config.display_name or mailbox.config.address} <{mailbox.config.address}>")
        print(f"profile {configuration.profile}, tenant {user.tid}, object {user.oid}, {mailbox.config.time_zone}")
        print(f"The mailbox answers: {answer}")
