"""What a server keeps of its users, for the commands of its administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from outlook_mcp.app import open_vault
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.config import Configuration
from outlook_mcp.errors import InvalidInput, RecordBroken
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions


@dataclass(frozen=True, slots=True)
class Person:
    """`connections` and `sessions` are None when the records of the user cannot be read."""

    user: UserKey
    connections: tuple[Connection, ...] | None
    sessions: tuple[Session, ...] | None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of the person, as Microsoft or the sign-in gave them; a linked mailbox may be somebody else's."""
        own = (one.address for one in self.connections or () if one.is_own)
        granted = (one.account for one in self.sessions or ())
        return tuple(dict.fromkeys(address for address in (*own, *granted) if address))

    def __str__(self) -> str:
        return f"{', '.join(map(shown, self.addresses)) or 'no address known'} ({self.user})"


class UserRecords:
    """Users of the vault; the server itself and local profiles are none.

    `own_tokens` tells that the server issues the tokens which clients bring, so that they end with their session.
    """

    def __init__(self, vault: CredentialVault, audit: AuditLog, *, own_tokens: bool) -> None:
        self.vault = vault
        self.audit = audit
        self.own_tokens = own_tokens
        self.connections = OAuthIntegrationService(vault, audit)
        self.sessions = SessionService(VaultSessions(vault))

    async def people(self) -> list[Person]:
        """Everybody, in order of their keys."""
        keys = [key for key in await self.vault.users() if key.kind in ("entra", "issuer")]
        return [await self.person(key) for key in keys]

    async def person(self, user: UserKey) -> Person:
        try:
            return Person(user, await self.connections.connections_of(user), await self.sessions.sessions_of(user))
        except RecordBroken:
            return Person(user, None, None)

    async def find(self, wanted: str) -> Person:
        """Whom `TENANT:OBJECT` or an address of their own names. Raises InvalidInput unless it is one person."""
        people = await self.people()
        folded = wanted.strip().casefold()
        exact = [person for person in people if str(person.user) == wanted.strip()]
        found = exact or [
            person
            for person in people
            if folded in {str(person.user).casefold(), *(address.casefold() for address in person.addresses)}
        ]
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(str(person.user) for person in found)
            raise InvalidInput(f"{wanted!r} names several users: {keys}.", next_step="Name one of them.")
        raise InvalidInput(f"No user is called {wanted!r}.", next_step="See `outlook-mcp users list`.")

    async def end_browsers(self, user: UserKey) -> None:
        """Signs the user out of the pages."""
        tickets = Tickets(self.vault, Digests(await self.vault.derive("digests")))
        await EndedBrowserSessions(tickets).end_all(user)

    async def end_sessions(self, user: UserKey) -> int:
        """How many were ended: those there are now, be the user's mailboxes readable or not."""
        return sum([await self.end_session(user, session.id) for session in await self.sessions.sessions_of(user)])

    async def end_session(self, user: UserKey, id: str) -> bool:
        """False when it had ended."""
        await self.audit.record(AuditTag.SESSION_ENDED, user, {"session": id, "by": "administrator"})
        return await self.sessions.end(user, id)


@asynccontextmanager
async def open_user_records(configuration: Configuration) -> AsyncIterator[UserRecords]:
    async with open_vault(configuration) as (vault, audit):
        yield UserRecords(vault, audit, own_tokens=configuration.auth == "own")


def shown(text: str) -> str:
    """What a client or a tenant calls itself, without anything that steers a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def session_line(session: Session) -> str:
    scopes = " ".join(session.scopes or ())
    return (
        f"{session.id}  {shown(session.client_name) or 'unnamed client'} <{shown(session.client_id)}>: {scopes};"
        f" since {session.created:%Y-%m-%d %H:%M}, last seen {session.last_seen:%Y-%m-%d %H:%M} UTC"
        f" from {shown(session.address) or 'an unknown address'}, protocol {shown(session.era) or 'unknown'}"
    )


def connection_line(connection: Connection) -> str:
    mark = "*" if connection.is_default else " "
    return (
        f"{mark} {shown(connection.name)}: {shown(connection.address)} ({connection.mailbox});"
        f" since {connection.connected_at:%Y-%m-%d %H:%M} UTC; {' '.join(map(shown, connection.scopes))}"
    )
