"""`outlook-mcp logout`: disconnect all mailboxes of the profile, or one, delete their tokens, and say what stays."""

from __future__ import annotations

from argparse import Namespace

import anyio

from outlook_mcp.app import App, open_app
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.cli.user_records import Person, UserRecords, printable
from outlook_mcp.config import Configuration

MOST_LINES = 20
_NO_APP = "00000000-0000-0000-0000-000000000000"


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status."""
    configuration = settings_of(arguments)
    if configuration.client_id is None:
        # Nothing is asked of Microsoft, so it need not be known which app signed the user in.
        configuration = configuration.model_copy(update={"client_id": _NO_APP})
    anyio.run(_logout, configuration, arguments.account)
    return 0


async def _logout(configuration: Configuration, account: str | None) -> None:
    async with open_app(configuration) as app:
        try:
            await disconnect(app, account)
        finally:
            for line in await _what_stays(app):
                print(line)


async def disconnect(app: App, account: str | None) -> None:
    """Disconnects the mailbox that the user calls `account`, None for all; without one left nobody is signed in."""
    user = await app.caller.user()
    if account is not None:
        disconnected = [await app.connections.disconnect(user, account)]
    else:
        disconnected = list(await app.connections.disconnect_all(user))
    others = await app.caller.other_profiles_of(user)
    if not await app.connections.connections_of(user):
        await app.caller.unbind_user()
    names = ", ".join(connection.address for connection in disconnected) or "nothing: no mailbox was connected"
    print(f"Disconnected {names}. Your browser stays signed in to Microsoft.")
    for profile in others:
        print(f"Disconnected under the profile {profile!r} too, which has the same account.")


async def _what_stays(app: App) -> list[str]:
    """A line for each other user of this vault with a mailbox, and how to sign them out; server users are left out."""
    components = app.components
    records = UserRecords(components.vault, components.audit, components.configuration)
    lines = []
    for person in await records.people():
        profiles = await app.caller.other_profiles_of(person.user)
        if person.user != (await app.caller.session()).user and person.connections and not person.sessions:
            lines.append(f"Still connected: {_mailboxes(person)}, {_how_to_disconnect(person, profiles)}")
    return lines[:MOST_LINES]


def _mailboxes(person: Person) -> str:
    return ", ".join(printable(connection.address) for connection in person.connections or ())


def _how_to_disconnect(person: Person, profiles: tuple[str, ...]) -> str:
    if profiles:
        return f"under the profile {profiles[0]!r} (`outlook-mcp logout --profile {profiles[0]}`)."
    return f"under no profile (`outlook-mcp users erase {person.user} --yes`)."
