"""`outlook-mcp login`: sign in to Microsoft, in a browser here or with a code on another device."""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import anyio.to_thread

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.questions import confirmed
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.config import Configuration
from outlook_mcp.config.terminal import is_remote_terminal
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest

Browser = Callable[[str], object]

_OVER_SSH = (
    "This is an SSH session, whose browser would open on another machine: sign in with a code. "
    "--no-browser prints an address instead."
)
_WAITING = "Waiting until you have signed in, for at most {minutes} minutes; Ctrl-C stops it."
_OFFER = "No browser at hand? Stop this and add --device: it shows a code to enter on any device."


@dataclass(frozen=True, slots=True)
class SignInWay:
    """`device` shows a code; without it `browser` opens the page, None meaning that the address is printed only."""

    device: bool
    browser: Browser | None

    @classmethod
    def chosen_by(cls, arguments: Namespace) -> SignInWay:
        """As the arguments say; over SSH, where they say nothing, by a code."""
        given = vars(arguments)
        device, no_browser = bool(given.get("device")), bool(given.get("no_browser"))
        if not device and not no_browser and is_remote_terminal():
            print(_OVER_SSH, file=sys.stderr, flush=True)
            device = True
        return cls(device, None if device or no_browser else webbrowser.open)


def run(arguments: Namespace) -> int:
    """Waits until the person has signed in; returns the exit status. Raises SignInError when the sign-in fails."""
    configuration = settings_of(arguments)
    configuration.require_client_id()
    anyio.run(login, configuration, SignInWay.chosen_by(arguments), arguments.replace)
    return 0


async def login(configuration: Configuration, way: SignInWay, replace: bool = False) -> None:
    """Signs a person in under the profile and says who it was.

    When the profile has another user, the person is asked whether to replace them, unless `replace` says so already.
    """
    async with open_app(configuration) as app:
        before = (await app.caller.session()).user
        had = "" if before is None else await _addresses(app, before)
        request = SignInRequest(login_hint=configuration.login_hint)
        connection = await sign_in(app, request, way, replace=replace)
        print(f"Signed in as {connection.address} under the profile {configuration.profile!r}.")
        if before is not None and before != connection.owner:
            others = await app.caller.other_profiles_of(before)
            now = f"stays signed in under the profile {others[0]!r}" if others else "was signed out"
            print(f"{had} had this profile before and {now}.")


async def sign_in(app: App, request: SignInRequest, way: SignInWay, *, replace: bool = False) -> Connection:
    """Begins a sign-in, prints its address, opens the browser there, and waits for the new connection.

    Raises SignInError, at once where Entra ID would show a person an error page and send nobody back.
    """
    if not way.device:
        await app.sign_ins.check_app(request)

    async def may_replace(user: UserKey, connection: Connection) -> bool:
        return replace or await _confirm_replacing(app, user, connection)

    started = await app.sign_ins.begin_for(request, device=way.device, may_replace=may_replace)
    code = f" and enter the code {started.user_code}" if started.user_code else ""
    print(f"Open {started.url}{code} to sign in to Microsoft.", file=sys.stderr, flush=True)
    print(_WAITING.format(minutes=15 if way.device else 10), file=sys.stderr)
    if not way.device:
        print(_OFFER, file=sys.stderr, flush=True)
    if way.browser is not None and not await anyio.to_thread.run_sync(way.browser, started.url):
        print("No browser could be opened here: open the address yourself.", file=sys.stderr, flush=True)
    return await started.wait()


async def _confirm_replacing(app: App, user: UserKey, connection: Connection) -> bool:
    """Whether the person at the terminal wants another account under the profile; False where nobody can be asked."""
    signed_in = f"The profile {app.caller.profile!r} is signed in as {await _addresses(app, user)}."
    return await confirmed(f"{signed_in} Sign that out and use {connection.address} instead?")


async def _addresses(app: App, user: UserKey) -> str:
    mailboxes = await app.connections.connections_of(user)
    return ", ".join(mailbox.address for mailbox in mailboxes) or "an account without a mailbox"
