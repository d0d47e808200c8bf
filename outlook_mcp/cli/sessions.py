"""`outlook-mcp sessions`: list or end the sessions of users' clients."""

from __future__ import annotations

import sys
from argparse import Namespace

import anyio

from outlook_mcp.cli.json_output import print_json, session_fields
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.cli.user_records import UserRecords, open_user_records, session_line
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, InvalidInput
from outlook_mcp.errors.counting import counted


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status."""
    configuration = settings_of(arguments)
    if arguments.action == "list":
        anyio.run(_print_sessions, configuration, arguments.user, arguments.json)
    elif (arguments.id is None) == (arguments.user is None):
        raise ConfigurationError("sessions revoke: expected the id of a session, or --user.")
    else:
        anyio.run(_revoke_sessions, configuration, arguments.id, arguments.user)
    return 0


async def _print_sessions(configuration: Configuration, wanted: str | None, as_json: bool) -> None:
    async with open_user_records(configuration) as records:
        people = await records.people() if wanted is None else [await records.find_person(wanted)]
        if as_json:
            print_json([session for person in people for session in session_fields(person) or ()])
            return
        for person in people:
            if person.sessions is None:
                print(f"{person}: its records cannot be read.")
            elif person.sessions:
                print(person)
                for session in person.sessions:
                    print(f"    {session_line(session)}")
        if not any(person.sessions is None or person.sessions for person in people):
            print("There are no sessions.", file=sys.stderr)


async def _revoke_sessions(configuration: Configuration, session_id: str | None, wanted: str | None) -> None:
    async with open_user_records(configuration) as records:
        if session_id is not None:
            print(f"Ended the session of {await _end_session(records, session_id)}. {_REFUSED_SOON}")
        elif wanted is not None:
            person = await records.find_person(wanted)
            ended = counted(await records.end_sessions(person.user), "session")
            print(f"Ended {ended} of {person}. {_REFUSED_SOON}")


async def _end_session(records: UserRecords, session_id: str) -> str:
    """Ends the session of this id; the user it belonged to. Raises InvalidInput when there is none."""
    for person in await records.people():
        if any(session.id == session_id for session in person.sessions or ()):
            await records.end_session(person.user, session_id)
            return str(person)
    raise InvalidInput(f"No session has the id {session_id!r}.", next_step="See `outlook-mcp sessions list`.")


_REFUSED_SOON = "Running servers refuse its access tokens within 5 seconds."
