"""`outlook-mcp login`: sign in to Microsoft, in a browser here or with a code on another device."""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace
from collections.abc import Callable

import anyio

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest

Browser = Callable[[str], object]


def run(arguments: Namespace) -> int:
    """Waits until the person has signed in; returns the exit status. Raises SignInError when the sign-in fails."""
    configuration = settings_of(arguments)
    browser = None if arguments.no_browser or arguments.device else webbrowser.open
    anyio.run(_login, configuration, arguments.device, browser)
    return 0


async def _login(configuration: Configuration, device: bool, browser: Browser | None) -> None:
    async with open_app(configuration) as app:
        request = SignInRequest(login_hint=configuration.login_hint)
        connection = await sign_in(app, request, device=device, browser=browser)
        print(f"Signed in as {connection.address} under the profile {configuration.profile!r}.")


async def sign_in(app: App, request: SignInRequest, *, device: bool, browser: Browser | None) -> Connection:
    """Begins a sign-in, prints its address, opens `browser` there, and waits for the new connection.

    With `device` the user enters a printed code on another device. Raises SignInError.
    """
    started = await app.sign_ins.begin_for(request, device=device)
    code = f" and enter the code {started.user_code}" if started.user_code else ""
    print(f"Open {started.url}{code} to sign in to Microsoft.", file=sys.stderr, flush=True)
    if browser is not None:
        await anyio.to_thread.run_sync(browser, started.url)
    return await started.wait()
