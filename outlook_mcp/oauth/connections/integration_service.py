"""Which mailboxes a user has connected."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import GenerationConflict, InvalidInput, RecordBroken, SignInRefused, SignInRequired
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection, connection_id
from outlook_mcp.oauth.entra.id_token import Identity
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.tokens.token_record import TokenRecord, token_key
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault

KIND = "connection"
# All connections of a user are one record, so that there is always exactly one default.
ALL = "all"
LONGEST_NAME = 64
MOST_CONNECTIONS = 20
ATTEMPTS = 10

Connections = tuple[Connection, ...]


@cache
def _format() -> TypeAdapter[Connections]:
    """Built at first use: a start without a mailbox should not pay for it."""
    return TypeAdapter(Connections)


class OAuthIntegrationService:
    """Connections and their tokens, sealed under their owner."""

    def __init__(self, vault: CredentialVault, audit: AuditLog) -> None:
        self._vault = vault
        self._audit = audit
        self._listeners: builtins.list[Callable[[UserKey], None]] = []

    def on_change(self, listener: Callable[[UserKey], None]) -> None:
        """`listener` hears of every owner whose connections or tokens were changed here."""
        self._listeners.append(listener)

    async def connect(
        self, identity: Identity, answer: TokenAnswer, *, scopes: tuple[str, ...], owner: UserKey | None = None
    ) -> Connection:
        """Keeps the tokens of a sign-in that asked for `scopes`; `owner` is the person who signed in unless given.

        Signing in again to the same mailbox renews its connection. Raises SignInRefused without a refresh token.
        """
        if answer.refresh_token is None:
            raise SignInRefused(
                "Entra ID gave no lasting access.", next_step="Sign in again and accept 'Maintain access to data'."
            )
        owner = owner or identity.user
        fresh = _fresh_connection(owner, identity, answer)
        # One mailbox too many is refused before anything of it is kept.
        _with(await self.list(owner), fresh)
        record = TokenRecord.first(identity.user, answer, answer.refresh_token, scopes, time.time())
        details = {"connection": fresh.id, "mailbox": str(identity.user)}
        await self._audit.record(AuditTag.SIGNED_IN, owner, details, personal={"account": identity.address})
        # Tokens first: cut off between the two, the mailbox is not listed and the user signs in once more.
        await self._vault.replace(token_key(owner, fresh.id), record.to_bytes())
        return named(await self._change(owner, lambda known: _with(known, fresh)), fresh.id)

    async def asked_before(self, owner: UserKey, mailbox: UserKey) -> tuple[str, ...]:
        """The Graph permissions that `owner`'s tokens for the mailbox were asked for with; none without tokens."""
        try:
            kept = await self._vault.get(token_key(owner, connection_id(mailbox)))
            return () if kept is None else TokenRecord.from_bytes(kept.value).scopes
        except RecordBroken:
            # A fresh sign-in replaces a record that cannot be read.
            return ()

    async def list(self, user: UserKey) -> Connections:
        """The user's connections, oldest first."""
        return (await self._read(user))[0]

    async def get(self, user: UserKey, wanted: str) -> Connection:
        """The user's own connection of this id, name or address. Raises InvalidInput when there is none."""
        return named(await self.list(user), wanted)

    async def default(self, user: UserKey) -> Connection:
        """Raises SignInRequired when the user has connected nothing."""
        return default_of(await self.list(user))

    async def set_default(self, user: UserKey, wanted: str) -> Connection:
        """Makes the user's connection of this id, name or address the default."""
        id = (await self.get(user, wanted)).id
        await self._audit.record(AuditTag.DEFAULT_CHANGED, user, {"connection": id})

        def chosen(known: Connections) -> Connections:
            return tuple(replace(one, is_default=one.id == id, is_chosen=one.id == id) for one in known)

        return named(await self._change(user, chosen), id)

    async def rename(self, user: UserKey, wanted: str, name: str) -> Connection:
        """Raises InvalidInput when the name is empty or unprintable, or means another mailbox already."""
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise InvalidInput(f"A name has 1 to {LONGEST_NAME} printable characters.")

        def renamed(known: Connections) -> Connections:
            id = named(known, wanted).id
            if any(_is_called(one, name) for one in known if one.id != id):
                raise InvalidInput(f"Another mailbox has the name {name!r}.")
            return tuple(replace(one, name=name) if one.id == id else one for one in known)

        return named(await self._change(user, renamed), name)

    async def disconnect(self, user: UserKey, wanted: str) -> Connection:
        """Forgets the mailbox, its tokens and settings; another one becomes the default if need be."""
        gone = await self.get(user, wanted)
        await self._audit.record(AuditTag.DISCONNECTED, user, {"connection": gone.id})
        # Tokens first: cut off on the way, the mailbox is listed and asks for a sign-in.
        await self._vault.delete(token_key(user, gone.id))
        await VaultEmailConfigs(self._vault).delete(user, gone.id)
        await self._change(user, lambda known: _without(known, gone.id))
        return gone

    async def disconnect_all(self, user: UserKey) -> Connections:
        """Forgets every mailbox of the user; those that were forgotten."""
        return tuple([await self.disconnect(user, connection.id) for connection in await self.list(user)])

    async def _read(self, user: UserKey) -> tuple[Connections, int | None]:
        record = await self._vault.get(RecordKey(user, KIND, ALL))
        if record is None:
            return (), None
        try:
            return _format().validate_json(record.value), record.generation
        except ValidationError:
            raise RecordBroken("The stored list of mailboxes cannot be read.") from None

    async def _change(self, user: UserKey, change: Callable[[Connections], Connections]) -> Connections:
        for _ in range(ATTEMPTS):
            known, generation = await self._read(user)
            changed = change(known)
            try:
                await self._vault.put(
                    RecordKey(user, KIND, ALL), _format().dump_json(changed), expected_generation=generation
                )
            except GenerationConflict:
                continue
            for listener in self._listeners:
                listener(user)
            return changed
        raise GenerationConflict("The list of mailboxes is being changed elsewhere.")


def _fresh_connection(owner: UserKey, identity: Identity, answer: TokenAnswer) -> Connection:
    id = connection_id(identity.user)
    return Connection(
        id=id,
        owner=owner,
        name=(identity.address or id)[:LONGEST_NAME],
        tid=identity.user.tid,
        oid=identity.user.oid,
        address=identity.address,
        display_name=identity.display_name,
        scopes=answer.scopes,
        connected_at=datetime.now(UTC),
        is_default=False,
    )


def _with(known: Connections, fresh: Connection) -> Connections:
    """`known` with `fresh` in it; a mailbox that was there keeps its place, its name and being the default.

    The owner's own mailbox comes before linked ones as the default, unless the owner chose one of those.
    """
    for place, one in enumerate(known):
        if one.id == fresh.id:
            kept = replace(fresh, name=one.name, is_default=one.is_default, is_chosen=one.is_chosen)
            return (*known[:place], kept, *known[place + 1 :])
    if len(known) >= MOST_CONNECTIONS:
        raise InvalidInput(f"At most {MOST_CONNECTIONS} mailboxes can be connected.")
    name = fresh.id if any(_is_called(one, fresh.name) for one in known) else fresh.name
    is_default = not known or (fresh.is_own and not any(one.is_chosen for one in known))
    if is_default:
        known = tuple(replace(one, is_default=False) for one in known)
    return (*known, replace(fresh, name=name, is_default=is_default))


def _without(known: Connections, id: str) -> Connections:
    rest = tuple(one for one in known if one.id != id)
    if rest and not any(one.is_default for one in rest):
        rest = (replace(rest[0], is_default=True), *rest[1:])
    return rest


def _is_called(connection: Connection, name: str) -> bool:
    return name.casefold() in {connection.id, connection.name.casefold(), connection.address.casefold()}


def default_of(known: Connections) -> Connection:
    """Raises SignInRequired when there is none."""
    for connection in known:
        if connection.is_default:
            return connection
    raise SignInRequired("No mailbox is signed in.")


def named(known: Connections, wanted: str) -> Connection:
    """The one with this id, name or address. Raises InvalidInput when there is none."""
    folded = wanted.casefold()
    for field in ("id", "name", "address"):
        for connection in known:
            if str(getattr(connection, field)).casefold() == folded:
                return connection
    names = ", ".join(one.name for one in known) or "none"
    raise InvalidInput(f"You have connected no mailbox of that name; connected: {names}.")
