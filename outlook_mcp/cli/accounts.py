"""`outlook-mcp accounts`: the mailboxes connected to the profile; connect, name, choose and disconnect them."""

from __future__ import annotations

import webbrowser
from argparse import Namespace
from dataclasses import dataclass

import anyio

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.login import Browser, sign_in
from outlook_mcp.cli.logout import forget
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest

_MOST_WORDS = {"list": 0, "connect": 2, "rename": 2, "default": 1, "disconnect": 1}


@dataclass(frozen=True, slots=True)
class Order:
    """What to do with which mailbox."""

    action: str
    name: str | None
    new_name: str | None
    device: bool
    browser: Browser | None


def run(arguments: Namespace) -> int:
    given = vars(arguments)
    device = bool(given.get("device"))
    browser = None if device or given.get("no_browser") else webbrowser.open
    order = Order(given.get("action") or "list", given.get("name"), given.get("new_name"), device, browser)
    words = [word for word in (order.name, order.new_name) if word is not None]
    if len(words) > _MOST_WORDS[order.action]:
        raise ConfigurationError(f"accounts {order.action}: {words[-1]!r} is one word too many.")
    anyio.run(_accounts, settings_of(arguments), order)
    return 0


async def _accounts(configuration: Configuration, order: Order) -> None:
    async with open_app(configuration) as app:
        if order.action == "list":
            await _list(app)
        elif order.action == "connect":
            await _connect(app, order)
        else:
            await _change(app, order)


async def _list(app: App) -> None:
    for connection in await app.connections.connections_of(await app.caller.user()):
        mark = "*" if connection.is_default else " "
        print(f"{mark} {connection.name}: {connection.address}, tenant {connection.tid}")
        print(f"    since {connection.connected_at:%Y-%m-%d %H:%M} UTC; {' '.join(connection.scopes)}")


async def _connect(app: App, order: Order) -> None:
    """One more mailbox for the person of the profile; their sign-in stays what it is."""
    user = await app.caller.user()
    request = SignInRequest(owner=user, login_hint=order.name, select_account=True)
    connection = await sign_in(app, request, device=order.device, browser=order.browser)
    if order.new_name is not None:
        connection = await app.connections.rename(user, connection.id, order.new_name)
    print(f"Connected {connection.address} as {connection.name!r}.")


async def _change(app: App, order: Order) -> None:
    user, name = await app.caller.user(), _need(order.name, order, "NAME")
    if order.action == "rename":
        connection = await app.connections.rename(user, name, _need(order.new_name, order, "NEWNAME"))
        print(f"{connection.address} is called {connection.name!r} from now on.")
    elif order.action == "default":
        connection = await app.connections.set_default(user, name)
        print(f"{connection.address} is the default mailbox from now on.")
    else:
        await forget(app, name)


def _need(value: str | None, order: Order, metavar: str) -> str:
    if value is None:
        raise ConfigurationError(f"accounts {order.action}: {metavar} is missing.")
    return value
