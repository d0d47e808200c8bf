"""The users in the vault, for the commands of an administrator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from outlook_mcp.app import open_vault
from outlook_mcp.app.audit_log import records_of_user
from outlook_mcp.audit.chain import AuditRecord
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.config import Configuration
from outlook_mcp.errors import InvalidInput, RecordBroken
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.vault.blocked_users import BlockedUsers
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions


@dataclass(frozen=True, slots=True)
class Person:
    """`connections` and `sessions` are None when the records of the user cannot be read.

    `kept_addresses` were known when the user was revoked or blocked.
    """

    user: UserKey
    connections: tuple[Connection, ...] | None
    sessions: tuple[Session, ...] | None
    kept_addresses: tuple[str, ...] = ()
    is_blocked: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mail addresses of the user; those of other connected mailboxes are left out, as they may be shared."""
        own = (connection.address for connection in self.connections or () if connection.is_own)
        granted = (session.account for session in self.sessions or ())
        return tuple(dict.fromkeys(address for address in (*own, *granted, *self.kept_addresses) if address))

    def __str__(self) -> str:
        blocked = ", blocked" if self.is_blocked else ""
        if not self.addresses:
            return f"{self.user} (no address known{blocked})"
        return f"{', '.join(map(printable, self.addresses))} ({self.user}{blocked})"


class UserRecords:
    """The users of the HTTP server, without the server itself and local profiles.

    `own_tokens` means that this server issues the access tokens, so that they end with their session.
    """

    def __init__(
        self,
        vault: CredentialVault,
        audit: AuditLog,
        configuration: Configuration,
    ) -> None:
        self.vault = vault
        self.audit = audit
        self.blocked = BlockedUsers(vault)
        self.configuration = configuration
        self.own_tokens = configuration.auth == "own"
        self.connections = OAuthIntegrationService(vault, audit)
        self.sessions = SessionService(VaultSessions(vault), longest=configuration.session_lifetime)

    async def people(self) -> list[Person]:
        """All users, with those who are blocked and have no records, in the order of their keys."""
        blocked = {row.user: row for row in await self.blocked.blocked_users()}
        keys = {key for key in await self.vault.users() if key.kind in ("entra", "issuer")} | set(blocked)
        people = [await self.person(key) for key in sorted(keys)]
        return [
            replace(
                person,
                is_blocked=True,
                kept_addresses=(*person.kept_addresses, *blocked[person.user].addresses),
            )
            if person.user in blocked
            else person
            for person in people
        ]

    async def person(self, user: UserKey) -> Person:
        """What is kept of the user, but for whether they are blocked."""
        try:
            connections, sessions = await self.connections.connections_of(user), await self.sessions.sessions_of(user)
            return Person(user, connections, sessions, await self._kept_addresses(user))
        except RecordBroken:
            return Person(user, None, None)

    async def keep_addresses(self, person: Person) -> None:
        """Keeps the addresses of a user whose mailboxes and sessions are about to end, so that they can be named."""
        if person.addresses:
            value = json.dumps(person.addresses).encode()
            await self.vault.replace_record(_addresses_key(person.user), value)

    async def _kept_addresses(self, user: UserKey) -> tuple[str, ...]:
        record = await self.vault.get_record(_addresses_key(user))
        return () if record is None else tuple(json.loads(record.value))

    async def find_person(self, wanted: str, *, or_key: bool = False) -> Person:
        """The user of this key (`TENANT:OBJECT`) or mail address. Raises InvalidInput unless it is exactly one.

        With `or_key` a key of Entra ID also names a user who has no records here.
        """
        people = await self.people()
        folded = wanted.strip().lower()
        exact = [person for person in people if str(person.user) == wanted.strip()]
        found = exact or [
            person
            for person in people
            if folded in {str(person.user).lower(), *(address.lower() for address in person.addresses)}
        ]
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(str(person.user) for person in found)
            raise InvalidInput(f"{wanted!r} names several users: {keys}.", next_step="Name one of them.")
        tid, _, oid = wanted.strip().partition(":")
        if or_key and (unknown := UserKey.of_entra(tid, oid)) is not None:
            return Person(unknown, (), ())
        raise InvalidInput(f"No user is called {wanted!r}.", next_step="See `outlook-mcp users list`.")

    async def audit_records_of(self, user: UserKey) -> list[AuditRecord]:
        """The audit records about the user, by time: of this machine, and with AUDIT_STORE of all servers.

        Raises AuditBroken when a record was altered, and StoreUnavailable.
        """
        return await records_of_user(self.configuration, self.vault, user)

    @property
    def other_logs(self) -> str:
        """Whether these records hold those of other servers, in words."""
        if self.configuration.audit_store:
            return "those of all servers, copied to the store, are among them"
        return "every other server has its own log"

    async def end_browsers(self, user: UserKey) -> None:
        """Signs the user out of the pages in every browser."""
        tickets = Tickets(self.vault, Digests(await self.vault.derive_key("digests")))
        await EndedBrowserSessions(tickets).end_all(user)

    async def end_sessions(self, user: UserKey) -> int:
        """Ends all sessions of the user; how many there were. Works also when the user's mailboxes cannot be read."""
        sessions = await self.sessions.sessions_of(user)
        for session in sessions:
            await self._record_end(user, session.id)
        await self.sessions.outdate_sessions(user)
        return len(sessions)

    async def end_session(self, user: UserKey, session_id: str) -> bool:
        """False when it had ended before."""
        await self._record_end(user, session_id)
        return await self.sessions.end_session(user, session_id)

    async def _record_end(self, user: UserKey, session_id: str) -> None:
        await self.audit.record(AuditTag.SESSION_ENDED, user, {"session": session_id, "by": "administrator"})


def _addresses_key(user: UserKey) -> RecordKey:
    return RecordKey(user, "address", "kept")


@asynccontextmanager
async def open_user_records(configuration: Configuration) -> AsyncIterator[UserRecords]:
    """Opens vault and audit log for an administrator, and closes them."""
    async with open_vault(configuration) as (vault, audit):
        yield UserRecords(vault, audit, configuration)


def printable(text: str) -> str:
    """`text` from a client or a tenant with `?` for control characters, which could control a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def session_line(session: Session) -> str:
    """One line with id, client, scopes, times, address and protocol era, safe to print."""
    scopes = " ".join(session.scopes or ())
    return (
        f"{session.id}  {printable(session.client_name) or 'unnamed client'} <{printable(session.client_id)}>:"
        f" {scopes};"
        f" since {session.created:%Y-%m-%d %H:%M}, last seen {session.last_seen:%Y-%m-%d %H:%M} UTC"
        f" from {printable(session.address) or 'an unknown address'}, protocol {printable(session.era) or 'unknown'}"
    )


def connection_line(connection: Connection) -> str:
    """One line with name, address, mailbox, time and permissions, safe to print; `*` marks the default mailbox."""
    mark = "*" if connection.is_default else " "
    return (
        f"{mark} {printable(connection.name)}: {printable(connection.address)} ({connection.mailbox});"
        f" since {connection.connected_at:%Y-%m-%d %H:%M} UTC; {' '.join(map(printable, connection.scopes))}"
    )
