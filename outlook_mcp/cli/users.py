"""`outlook-mcp users`: list the users of a server; show, sign out, block, export or erase one."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import anyio
from pydantic import TypeAdapter

from outlook_mcp.audit.chain import AuditRecord
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.cli.json_output import print_json, user_fields
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.cli.user_records import (
    Person,
    UserRecords,
    connection_line,
    open_user_records,
    printable,
    session_line,
)
from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError, RecordBroken
from outlook_mcp.errors.counting import counted
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import utc_now
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.profiles import VaultProfiles

_SHOWN = ("time", "tag", "details", "request")
Action = Callable[[UserRecords, Person], Awaitable[None]]


def run(arguments: Namespace) -> int:
    """Runs the command; returns the exit status. Raises ConfigurationError for `erase` without `--yes`."""
    configuration = settings_of(arguments)
    if arguments.action == "list":
        anyio.run(_print_users, configuration, arguments.json)
        return 0
    if arguments.user is None:
        raise ConfigurationError(f"users {arguments.action}: USER is missing: an address, or TENANT:OBJECT.")
    actions: dict[str, Action] = {
        "show": _print_user_as_json if arguments.json else _show_user,
        "revoke": _revoke_sessions,
        "block": _block_user,
        "unblock": _unblock_user,
        "export": _export_user,
        "erase": _erase_user,
    }
    action = _refuse_without_yes if arguments.action == "erase" and not arguments.yes else actions[arguments.action]
    anyio.run(_run_for_user, configuration, arguments.user, action)
    return 0


async def _print_users(configuration: Configuration, as_json: bool) -> None:
    async with open_user_records(configuration) as records:
        people = await records.people()
        if as_json:
            print_json([user_fields(person) for person in people])
            return
        for person in people:
            print(f"{person}: {_counts(person)}")
        if not people:
            print("Nobody has signed in to a server with this store yet.", file=sys.stderr)


async def _print_user_as_json(records: UserRecords, person: Person) -> None:
    print_json(user_fields(person))


async def _run_for_user(configuration: Configuration, wanted: str, action: Action) -> None:
    async with open_user_records(configuration) as records:
        await action(records, await records.find_person(wanted, or_key=action is _block_user))


async def _show_user(records: UserRecords, person: Person) -> None:
    print(f"{person}: {_counts(person)}")
    for connection in person.connections or ():
        print(f"  {connection_line(connection)}")
    for session in person.sessions or ():
        print(f"    {session_line(session)}")


async def _revoke_sessions(records: UserRecords, person: Person) -> None:
    """Ends the user's sessions and deletes their tokens, so that they must sign in again everywhere."""
    await _end_all(records, person)
    if records.own_tokens:
        print("Running servers refuse the user within 5 seconds, until they sign in again.")
    else:
        print("Access tokens of the issuer stay valid until they expire, and the issuer issues new ones.")
    print(f"To keep the user out: outlook-mcp users block {person.user}")
    print("Microsoft keeps the consent to the app and the sign-in of the browser.")


async def _end_all(records: UserRecords, person: Person) -> None:
    await records.keep_addresses(person)
    await records.end_browsers(person.user)
    ended = await records.end_sessions(person.user)
    disconnected = await records.connections.disconnect_all(person.user)
    mailboxes = counted(len(disconnected), "mailbox")
    print(f"Ended {counted(ended, 'session')} of {person} and deleted the tokens of {mailboxes}.")


async def _block_user(records: UserRecords, person: Person) -> None:
    """Keeps the user out of every server that shares the store, and ends what they have there."""
    await records.audit.record(AuditTag.USER_BLOCKED, person.user, {"by": "administrator"})
    await records.blocked.block_user(person.user, person.addresses)
    print(f"Blocked {person}: running servers refuse the user within 5 seconds, also with a new sign-in.")
    await _end_all(records, person)


async def _unblock_user(records: UserRecords, person: Person) -> None:
    await records.audit.record(AuditTag.USER_UNBLOCKED, person.user, {"by": "administrator"})
    if await records.blocked.unblock_user(person.user):
        print(f"{person.user} may sign in again, within 5 seconds.")
    else:
        print(f"{person.user} was not blocked.")


async def _export_user(records: UserRecords, person: Person) -> None:
    """Prints everything stored about the user as JSON, without tokens and keys."""
    if person.connections is None:
        raise RecordBroken(f"The records of {person} cannot be read.", next_step="Erase the user.")
    known = {
        "user": {"tenant": person.user.tid, "object": person.user.oid, "addresses": person.addresses},
        "exported_at": utc_now().isoformat(timespec="seconds"),
        "mailboxes": TypeAdapter(tuple[Connection, ...]).dump_python(person.connections, mode="json"),
        "mail_settings": await _mail_settings(records, person),
        "sessions": TypeAdapter(tuple[Session, ...]).dump_python(person.sessions or (), mode="json"),
        "audit": [await _opened(records.audit, record) for record in await records.audit_records_of(person.user)],
    }
    print_json(known)
    print(f"The audit lines are those of {records.audit.path}; {records.other_logs}.", file=sys.stderr)


async def _refuse_without_yes(records: UserRecords, person: Person) -> None:
    raise ConfigurationError(
        f"users erase: nothing was erased of {person}: {_counts(person)}.", next_step="Repeat with --yes to erase it."
    )


async def _erase_user(records: UserRecords, person: Person) -> None:
    """Deletes the user's data key first, then the records; prints what remains elsewhere."""
    user = person.user
    await records.audit.record(AuditTag.USER_ERASED, user)
    await records.end_browsers(user)
    count = await records.vault.erase_user(user)
    if person.is_blocked:
        # The user stays out, under the key alone.
        await records.blocked.block_user(user)
    profiles = VaultProfiles(records.vault)
    for name, bound in (await profiles.profiles()).items():
        if bound == user:
            await profiles.forget_profile(name)
    print(
        f"Erased {person}: {counted(count, 'record')}. Their data key is deleted, so that no copy of them can be opened"
        " without a backup of the key."
    )
    print("What remains:")
    for line in await _remaining_data(records, user):
        print(f"- {line}")


async def _remaining_data(records: UserRecords, user: UserKey) -> list[str]:
    lines = counted(len(await records.audit_records_of(user)), "line")
    others = [
        f"{other} has connected the mailbox as {printable(connection.name)!r}, with tokens of its own:"
        f" they disconnect it on their account page, or `outlook-mcp users revoke {other.user}`"
        for other in await records.people()
        for connection in other.connections or ()
        if connection.mailbox == user
    ]
    return [
        *others,
        f"audit log {records.audit.path}: {lines} with ids and counts, kept because the hash chain would not verify"
        f" without them; their addresses and names were sealed under the data key; {records.other_logs}",
        "SQLite: sealed rows in free pages, in the write-ahead log until its next checkpoint, and in backups",
        "Redis: sealed rows in the append-only file until it is rewritten, in RDB snapshots, and in replicas' files",
        "a backup that holds the wrapped data key opens with the vault's master key: delete such backups",
        "the store, sealed under the server's own key: digests of their tokens, which give no access, with the"
        " ids of the user, until they expire (90 days at most); address and name of a browser or a sign-in in progress,"
        " for an hour at most; a digest of the user, which signs those browsers out, for an hour",
        "memory of running servers: address, settings, last access token and the key of the sealed audit fields,"
        " until they are replaced there, or a restart",
        "Microsoft: the consent to the app, and refresh tokens it issued, until they are revoked there"
        " (myapps.microsoft.com, or `Revoke sessions` in the Entra admin center)",
    ]


async def _mail_settings(records: UserRecords, person: Person) -> dict[str, Any]:
    """The settings by connection id; `default` are those of the default mailbox."""
    configs = VaultEmailConfigs(records.vault)
    ids = (None, *(connection.id for connection in person.connections or ()))
    found = {connection_id or "default": await configs.config_of(person.user, connection_id) for connection_id in ids}
    return {name: config.model_dump(mode="json") for name, config in found.items() if config is not None}


async def _opened(audit: AuditLog, record: AuditRecord) -> dict[str, Any]:
    """A record without the fields of the hash chain, with its personal fields if their key still exists."""
    fields = {name: value for name, value in asdict(record).items() if value or name == "details"}
    personal = await audit.open_personal(fields)
    return {name: fields[name] for name in _SHOWN if name in fields} | ({"personal": personal} if personal else {})


def _counts(person: Person) -> str:
    if person.connections is None or person.sessions is None:
        return "the records cannot be read"
    names = ", ".join(printable(connection.name) for connection in person.connections)
    mailboxes, sessions = counted(len(person.connections), "mailbox"), counted(len(person.sessions), "session")
    return f"{mailboxes}{f' ({names})' if names else ''}, {sessions}"
