"""`outlook-mcp accounts`: list, connect, rename and disconnect the mailboxes of the profile, or set the default one."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass

import anyio

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.login import SignInWay, sign_in
from outlook_mcp.cli.logout import disconnect
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest

_MOST_ARGUMENTS = {"list": 0, "connect": 2, "rename": 2, "default": 1, "disconnect": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxCommand:
    """The arguments of one run: what to do with which mailbox."""

    action: str
    name: str | None
    new_name: str | None
    way: SignInWay


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status. Raises ConfigurationError for an argument too many or missing."""
    given = vars(arguments)
    action = given.get("action") or "list"
    command = MailboxCommand(
        action=action,
        name=given.get("name"),
        new_name=given.get("new_name"),
        way=SignInWay.chosen_by(arguments) if action == "connect" else SignInWay(device=False, browser=None),
    )
    names = [name for name in (command.name, command.new_name) if name is not None]
    if len(names) > _MOST_ARGUMENTS[command.action]:
        raise ConfigurationError(f"accounts {command.action}: {names[-1]!r} is one argument too many.")
    anyio.run(_accounts, settings_of(arguments), command)
    return 0


async def _accounts(configuration: Configuration, command: MailboxCommand) -> None:
    async with open_app(configuration) as app:
        if command.action == "list":
            await _print_mailboxes(app)
        elif command.action == "connect":
            await _connect(app, command)
        else:
            await _change_mailbox(app, command)


async def _print_mailboxes(app: App) -> None:
    for connection in await app.connections.connections_of(await app.caller.user()):
        mark = "*" if connection.is_default else " "
        print(f"{mark} {connection.name}: {connection.address}, tenant {connection.tid}")
        print(f"    since {connection.connected_at:%Y-%m-%d %H:%M} UTC; {' '.join(connection.scopes)}")


async def _connect(app: App, command: MailboxCommand) -> None:
    """Connects one more mailbox to the profile; its user stays the same."""
    user = await app.caller.user()
    request = SignInRequest(owner=user, login_hint=command.name, select_account=True)
    connection = await sign_in(app, request, command.way)
    if command.new_name is not None:
        connection = await app.connections.rename_connection(user, connection.id, command.new_name)
    print(f"Connected {connection.address} as {connection.name!r}.")


async def _change_mailbox(app: App, command: MailboxCommand) -> None:
    user, name = await app.caller.user(), _required(command.name, command, "NAME")
    if command.action == "rename":
        connection = await app.connections.rename_connection(
            user, name, _required(command.new_name, command, "NEWNAME")
        )
        print(f"{connection.address} is called {connection.name!r} from now on.")
    elif command.action == "default":
        connection = await app.connections.set_default(user, name)
        print(f"{connection.address} is the default mailbox from now on.")
    else:
        await disconnect(app, name)


def _required(value: str | None, command: MailboxCommand, metavar: str) -> str:
    if value is None:
        raise ConfigurationError(f"accounts {command.action}: {metavar} is missing.")
    return value
