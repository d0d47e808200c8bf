"""The connections of users: which mailboxes each of them may use, and with which tokens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter, ValidationError

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import InvalidInput, RecordBroken, SignInRefused, SignInRequired
from outlook_mcp.identity.connection_id import ConnectionId, connection_id_of
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.net.clock import unix_time, utc_now
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.token_record import TokenRecord, refresh_mark_key, token_key
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.records import NewValue, RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "connection"
# All connections of a user are one record, so that exactly one of them is the default.
ALL = "all"
LONGEST_NAME = 64
MOST_CONNECTIONS = 20

Connections = tuple[Connection, ...]


@cache
def _format() -> TypeAdapter[Connections]:
    """Built at first use, because building it takes longer than a command that needs no connection."""
    return TypeAdapter(Connections)


class OAuthIntegrationService:
    """Keeps each user's connections, and the tokens of each connection, as sealed records of that user."""

    def __init__(self, vault: CredentialVault, audit: AuditLog) -> None:
        self._vault = vault
        self._audit = audit
        self._listeners: list[Callable[[UserKey], None]] = []

    def add_listener(self, listener: Callable[[UserKey], None]) -> None:
        """Calls `listener` with the owner each time this process changed connections or tokens of theirs."""
        self._listeners.append(listener)

    async def connect(
        self, identity: Identity, answer: TokenAnswer, *, scopes: tuple[str, ...], owner: UserKey | None = None
    ) -> Connection:
        """Stores the tokens of a sign-in that asked for the Graph permissions `scopes`; the connection they belong to.

        `owner` is the user who may use the mailbox, by default the person who signed in. Signing in again to the same
        mailbox replaces its connection.

        Raises:
            SignInRefused: Entra ID gave no refresh token.
            InvalidInput: the owner has the greatest number of connections already.
        """
        if answer.refresh_token is None:
            raise SignInRefused(
                "Entra ID gave no refresh token.", next_step="Sign in again and accept 'Maintain access to data'."
            )
        owner = owner or identity.user
        fresh = _fresh_connection(owner, identity, answer)
        # A connection too many is refused before any of its tokens is stored.
        _with(await self.connections_of(owner), fresh)
        record = TokenRecord.first(identity.user, answer, answer.refresh_token, scopes, unix_time())
        details = {"connection": fresh.id, "mailbox": str(identity.user)}
        await self._audit.record(AuditTag.SIGNED_IN, owner, details, personal={"account": identity.address})
        # Tokens first: after a crash between the two writes the mailbox is not listed and the user signs in again.
        await self._vault.replace_record(token_key(owner, fresh.id), record.to_bytes())
        return named(await self._update_connections(owner, lambda connections: _with(connections, fresh)), fresh.id)

    async def requested_permissions(self, owner: UserKey, mailbox: UserKey) -> tuple[str, ...]:
        """The Graph permissions that the stored tokens of `owner` for `mailbox` were asked for; () without tokens."""
        try:
            record = await self._vault.get_record(token_key(owner, connection_id_of(mailbox)))
            return () if record is None else TokenRecord.from_bytes(record.value).scopes
        except RecordBroken:
            # The next sign-in replaces a record that cannot be read.
            return ()

    async def connections_of(self, user: UserKey) -> Connections:
        """The user's connections, oldest first."""
        record = await self._vault.get_record(RecordKey(user, KIND, ALL))
        return _parsed(None if record is None else record.value)

    async def connection_named(self, user: UserKey, wanted: str) -> Connection:
        """The user's own connection of this id, name or address. Raises InvalidInput when there is none."""
        return named(await self.connections_of(user), wanted)

    async def default_connection(self, user: UserKey) -> Connection:
        """Raises SignInRequired when the user has connected nothing."""
        return default_of(await self.connections_of(user))

    async def set_default(self, user: UserKey, wanted: str) -> Connection:
        """Makes the user's connection of this id, name or address the default."""
        chosen = (await self.connection_named(user, wanted)).id
        await self._audit.record(AuditTag.DEFAULT_CHANGED, user, {"connection": chosen})

        def with_default(connections: Connections) -> Connections:
            return tuple(
                replace(connection, is_default=connection.id == chosen, is_chosen=connection.id == chosen)
                for connection in connections
            )

        return named(await self._update_connections(user, with_default), chosen)

    async def rename_connection(self, user: UserKey, wanted: str, name: str) -> Connection:
        """Gives the connection another name.

        Raises InvalidInput when the name is empty, too long or not printable, or names another of the user's mailboxes.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise InvalidInput(f"A name has 1 to {LONGEST_NAME} printable characters.")

        def renamed(connections: Connections) -> Connections:
            changed = named(connections, wanted)
            if any(_is_called(connection, name) for connection in connections if connection.id != changed.id):
                raise InvalidInput(f"Another mailbox has the name {name!r}.")
            return _replaced(connections, replace(changed, name=name))

        return named(await self._update_connections(user, renamed), name)

    async def disconnect(self, user: UserKey, wanted: str) -> Connection:
        """Deletes the connection, its tokens and its mail settings; the deleted connection.

        If it was the default, the oldest of the others becomes the default.
        """
        gone = await self.connection_named(user, wanted)
        await self._audit.record(AuditTag.DISCONNECTED, user, {"connection": gone.id})
        # Tokens first: after a crash in between the mailbox is still listed, and using it asks for a sign-in.
        await self._revoke_tokens(user, gone.id)
        await self._vault.delete_record(token_key(user, gone.id))
        await self._vault.delete_record(refresh_mark_key(user, gone.id))
        await VaultEmailConfigs(self._vault).delete_config(user, gone.id)
        await self._update_connections(user, lambda connections: _without(connections, gone.id))
        return gone

    async def disconnect_all(self, user: UserKey) -> Connections:
        """Disconnects every mailbox of the user; the deleted connections."""
        return tuple([await self.disconnect(user, connection.id) for connection in await self.connections_of(user)])

    async def _revoke_tokens(self, user: UserKey, connection: ConnectionId) -> None:
        """So that they stay disconnected if their row is put back from a copy of the store."""
        with suppress(RecordBroken):
            record = await self._vault.get_record(token_key(user, connection))
            name = "" if record is None else TokenRecord.from_bytes(record.value).revocable_name
            if name:
                await self._vault.revoke_name(user, name)

    async def _update_connections(self, user: UserKey, change: Callable[[Connections], Connections]) -> Connections:
        changed: Connections = ()

        def apply(value: bytes | None) -> NewValue:
            nonlocal changed
            changed = change(_parsed(value))
            return NewValue(_format().dump_json(changed))

        await self._vault.update_record(RecordKey(user, KIND, ALL), apply)
        for listener in self._listeners:
            listener(user)
        return changed


def _parsed(value: bytes | None) -> Connections:
    """() for no record. Raises RecordBroken when it is not a list of connections."""
    try:
        return () if value is None else _format().validate_json(value)
    except ValidationError:
        raise RecordBroken("The stored list of mailboxes cannot be read.") from None


def _fresh_connection(owner: UserKey, identity: Identity, answer: TokenAnswer) -> Connection:
    connection_id = connection_id_of(identity.user)
    return Connection(
        id=connection_id,
        owner=owner,
        name=(identity.address or connection_id)[:LONGEST_NAME],
        tid=identity.user.tid,
        oid=identity.user.oid,
        address=identity.address,
        display_name=identity.display_name,
        scopes=answer.scopes,
        connected_at=utc_now(),
        is_default=False,
    )


def _with(connections: Connections, fresh: Connection) -> Connections:
    """`connections` with `fresh` added, or put in the place of the connection of the same mailbox.

    A replaced connection keeps its name and whether it is the default. The owner's own mailbox becomes the default
    unless the owner chose a linked one.
    """
    for connection in connections:
        if connection.id == fresh.id:
            kept = replace(
                fresh, name=connection.name, is_default=connection.is_default, is_chosen=connection.is_chosen
            )
            return _replaced(connections, kept)
    if len(connections) >= MOST_CONNECTIONS:
        raise InvalidInput(f"At most {MOST_CONNECTIONS} mailboxes can be connected.")
    is_name_taken = any(_is_called(connection, fresh.name) for connection in connections)
    is_default = not connections or (fresh.is_own and not any(connection.is_chosen for connection in connections))
    if is_default:
        connections = tuple(replace(connection, is_default=False) for connection in connections)
    return (*connections, replace(fresh, name=fresh.id if is_name_taken else fresh.name, is_default=is_default))


def _replaced(connections: Connections, changed: Connection) -> Connections:
    return tuple(changed if connection.id == changed.id else connection for connection in connections)


def _without(connections: Connections, connection_id: ConnectionId) -> Connections:
    rest = tuple(connection for connection in connections if connection.id != connection_id)
    if rest and not any(connection.is_default for connection in rest):
        rest = (replace(rest[0], is_default=True), *rest[1:])
    return rest


def _is_called(connection: Connection, name: str) -> bool:
    return name.lower() in {connection.id, connection.name.lower(), connection.address.lower()}


def default_of(connections: Connections) -> Connection:
    """The default connection. Raises SignInRequired when there is none."""
    for connection in connections:
        if connection.is_default:
            return connection
    raise SignInRequired("No mailbox is signed in.")


def named(connections: Connections, wanted: str) -> Connection:
    """The connection with this id, name or address, in any case of letters. Raises InvalidInput when there is none."""
    folded = wanted.lower()
    for field in ("id", "name", "address"):
        for connection in connections:
            if str(getattr(connection, field)).lower() == folded:
                return connection
    names = ", ".join(connection.name for connection in connections) or "none"
    raise InvalidInput(f"You have connected no mailbox of that name; connected: {names}.")
