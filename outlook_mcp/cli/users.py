"""`outlook-mcp users`: who uses this server; show, revoke, export or erase what is kept of them."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import anyio
from pydantic import TypeAdapter

from outlook_mcp.audit.files import all_lines
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.cli.settings import settings_of
from outlook_mcp.cli.user_records import (
    Person,
    UserRecords,
    connection_line,
    open_user_records,
    session_line,
    shown,
)
from outlook_mcp.config import Configuration
from outlook_mcp.config.reading import PREFIX
from outlook_mcp.errors import AuditBroken, ConfigurationError, RecordBroken
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.profiles import VaultProfiles

_SHOWN = ("time", "tag", "details")
Action = Callable[[UserRecords, Person], Awaitable[None]]


def run(arguments: Namespace) -> int:
    configuration = settings_of(arguments)
    if arguments.action == "list":
        anyio.run(_list, configuration)
        return 0
    if arguments.user is None:
        raise ConfigurationError(f"users {arguments.action}: USER is missing: an address, or TENANT:OBJECT.")
    actions: dict[str, Action] = {"show": _show, "revoke": _revoke, "export": _export, "erase": _erase}
    action = _ask_first if arguments.action == "erase" and not arguments.yes else actions[arguments.action]
    anyio.run(_for_one, configuration, arguments.user, action)
    return 0


async def _list(configuration: Configuration) -> None:
    async with open_user_records(configuration) as records:
        for person in await records.people():
            print(f"{person}: {_counts(person)}")


async def _for_one(configuration: Configuration, wanted: str, action: Action) -> None:
    async with open_user_records(configuration) as records:
        await action(records, await records.find(wanted))


async def _show(records: UserRecords, person: Person) -> None:
    print(f"{person}: {_counts(person)}")
    for connection in person.connections or ():
        print(f"  {connection_line(connection)}")
    for session in person.sessions or ():
        print(f"    {session_line(session)}")


async def _revoke(records: UserRecords, person: Person) -> None:
    """The user must sign in again everywhere; their tokens are gone from here."""
    await records.end_browsers(person.user)
    ended = await records.end_sessions(person.user)
    gone = await records.connections.disconnect_all(person.user)
    print(f"Ended {ended} sessions of {person} and deleted the tokens of {len(gone)} mailboxes.")
    if records.own_tokens:
        print("Servers that run refuse the user within 5 seconds.")
    else:
        print("Access tokens of the issuer go on until they expire, and the issuer gives out new ones.")
        print(f"To stop the user, add {person.user} to {PREFIX}DENIED_USERS and start the servers again.")
    print("Microsoft itself keeps the consent and its own sign-in.")


async def _export(records: UserRecords, person: Person) -> None:
    """Everything known about the user, as JSON; no token and no key is in it."""
    if person.connections is None:
        raise RecordBroken(f"The records of {person} cannot be read.", next_step="Erase the user.")
    known = {
        "user": {"tenant": person.user.tid, "object": person.user.oid, "addresses": person.addresses},
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "mailboxes": TypeAdapter(tuple[Connection, ...]).dump_python(person.connections, mode="json"),
        "mail_settings": await _mail_settings(records, person),
        "sessions": TypeAdapter(tuple[Session, ...]).dump_python(person.sessions or (), mode="json"),
        "audit": [await _opened(records.audit, record) for record in _audit_lines(records.audit, person.user)],
    }
    print(json.dumps(known, indent=2, ensure_ascii=False))
    print(f"The audit lines are those of {records.audit.path}; every other server has its own log.", file=sys.stderr)


async def _ask_first(records: UserRecords, person: Person) -> None:
    raise ConfigurationError(
        f"users erase: nothing was erased of {person}: {_counts(person)}.", next_step="Repeat with --yes to erase it."
    )


async def _erase(records: UserRecords, person: Person) -> None:
    """Shreds the data key first; what the program cannot reach is told."""
    user = person.user
    await records.audit.record(AuditTag.USER_ERASED, user)
    await records.end_browsers(user)
    count = await records.vault.erase(user)
    profiles = VaultProfiles(records.vault)
    for name, bound in (await profiles.profiles()).items():
        if bound == user:
            await profiles.forget(name)
    print(f"Erased {person}: {count} records. Their data key is shredded, so no copy of them opens without a backup.")
    print("What remains:")
    for line in await _remains(records, user):
        print(f"- {line}")


async def _remains(records: UserRecords, user: UserKey) -> list[str]:
    lines = len(_audit_lines(records.audit, user))
    others = [
        f"{other} has linked the mailbox as {shown(connection.name)!r}, with tokens of its own:"
        f" they disconnect it on their account page, or `outlook-mcp users revoke {other.user}`"
        for other in await records.people()
        for connection in other.connections or ()
        if connection.mailbox == user
    ]
    return [
        *others,
        f"audit log {records.audit.path}: {lines} lines with ids and counts, kept because the chain breaks without"
        " them; their addresses and names were sealed under the data key; every other server has its own log",
        "SQLite: sealed rows in free pages, in the write-ahead log until its next checkpoint, and in backups",
        "Redis: sealed rows in the append-only file until it is rewritten, in RDB snapshots, and in replicas' files",
        "a backup that holds the wrapped data key opens with the vault's master key: delete such backups",
        "the store, sealed under the server's own key: digests of their tokens, of no use, beside the ids of the user,"
        " until they expire (90 days at most); address and name, where a browser or a sign-in under way had them, for"
        " an hour at most; a digest of the user, which signs those browsers out, for an hour",
        "memory of servers that run: address, settings, last access token and the key of the sealed audit fields,"
        " until others take the place or a restart",
        "Microsoft: the consent to the app, and refresh tokens it issued, until they are revoked there"
        " (myapps.microsoft.com, or `Revoke sessions` in the Entra admin center)",
    ]


async def _mail_settings(records: UserRecords, person: Person) -> dict[str, Any]:
    """By connection id; `default` are those of the default mailbox."""
    configs = VaultEmailConfigs(records.vault)
    ids = (None, *(connection.id for connection in person.connections or ()))
    found = {id or "default": await configs.get(person.user, id) for id in ids}
    return {id: config.model_dump(mode="json") for id, config in found.items() if config is not None}


def _audit_lines(audit: AuditLog, user: UserKey) -> list[dict[str, Any]]:
    """Of this machine's log."""
    mentioned = json.dumps(str(user)).encode()
    records = [_record(audit, line) for line in all_lines(audit.path) if mentioned in line]
    return [record for record in records if record["user"] == str(user)]


async def _opened(audit: AuditLog, record: dict[str, Any]) -> dict[str, Any]:
    """Without the marks of the chain; personal fields that were sealed before the user was erased cannot be opened."""
    personal = await audit.open_personal(record)
    return {name: record[name] for name in _SHOWN} | ({"personal": personal} if personal else {})


def _record(audit: AuditLog, line: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        raise AuditBroken(
            f"{audit.path}: a line cannot be read.", next_step="Run `outlook-mcp audit verify`."
        ) from None
    return record


def _counts(person: Person) -> str:
    if person.connections is None or person.sessions is None:
        return "its records cannot be read"
    names = ", ".join(shown(connection.name) for connection in person.connections)
    return f"{len(person.connections)} mailboxes{f' ({names})' if names else ''}, {len(person.sessions)} sessions"
