"""A valid access token for a user's mailbox, whatever happens around it.

Order of a refresh: lease, read, ask Entra, seal the answer in the vault, and only then use it. With Entra a killed
process signs nobody out at any point, because the token it used stays valid. A provider that rotates strictly has one
moment no client can cover: between its answer leaving and our vault holding it.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInError, SignInRequired, SignInUnavailable, StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.connections.token_record import lifetime_of
from outlook_mcp.oauth.tokens.refresher import Need, StoredTokens, TokenRefresher

_log = logging.getLogger(__name__)

# How long a token is served without looking whether the vault still holds it: a logout elsewhere ends within this.
TRUSTED_S = 5.0
RETRY_EARLY_REFRESH_S = 30.0
# Entra throttles an app that repeats a refused refresh (AADSTS50196).
REMEMBER_REFUSAL_S = 60.0
MOST_USERS = 10_000
CLOSING_S = 15.0


@dataclass(slots=True)
class _Held:
    """An access token in memory; the times are those of the service's clock."""

    access_token: SecretStr
    generation: int
    usable_until: float
    refresh_at: float
    trusted_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    generation: int
    error: SignInError
    until: float


class _UserTokens:
    """What is held of one user, by connection id."""

    __slots__ = ("default", "held", "refusals")

    def __init__(self) -> None:
        self.held: dict[str, _Held] = {}
        self.default: str | None = None
        self.refusals: dict[str, _Refusal] = {}


class OAuthTokenService:
    """Access tokens from memory, else from the vault, else from Entra. Everything is kept per user."""

    def __init__(
        self,
        refresher: TokenRefresher,
        connections: OAuthIntegrationService,
        audit: AuditLog,
        *,
        clock: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._refresher = refresher
        self._connections = connections
        self._audit = audit
        self._clock = clock
        self._users: dict[UserKey, _UserTokens] = {}
        self._lookups = SingleFlight[SecretStr]()
        self._refreshes = SingleFlight[_Held]()
        connections.on_change(self.forget)

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        """A token for the connection with this id, or for the user's default mailbox.

        `claims` is Graph's challenge and always gets a new token; `rejected` is a token Graph refused, which is not
        given again.

        Raises:
            SignInRequired, AdministratorRequired, SignInRefused: the user must act.
            SignInUnavailable, StoreUnavailable: try again later; nobody was signed out.
        """
        if claims is None and rejected is None:
            known = self._users.get(user)
            chosen = (connection or known.default) if known else None
            held = known.held.get(chosen) if known and chosen else None
            if held is not None and self._clock() < held.trusted_until:
                return held.access_token
        need = Need(claims, rejected)
        return await self._lookups.join((user, connection, need), lambda: self._look_up(user, connection, need))

    def forget(self, user: UserKey) -> None:
        """Drops what memory holds of the user; the vault is not touched."""
        self._users.pop(user, None)

    async def aclose(self) -> None:
        """Lets refreshes under way reach the vault, then drops everything."""
        await self._lookups.settle(CLOSING_S)
        await self._refreshes.settle(CLOSING_S)
        self._users.clear()

    async def _look_up(self, user: UserKey, connection: ConnectionId | None, need: Need) -> SecretStr:
        try:
            chosen = connection or (await self._connections.default_connection(user)).id
            kept = await self._refresher.read(user, chosen)
        except SignInRequired:
            self.forget(user)
            raise
        except StoreUnavailable:
            return self._from_memory(user, connection, need)
        held = self._adopt(user, chosen, kept)
        if connection is None:
            self._tokens_of(user).default = chosen
        if need.claims is not None or held.access_token == need.rejected:
            return (await self._refreshed(user, chosen, kept, need)).access_token
        now = self._clock()
        if now >= held.usable_until:
            return (await self._refreshed(user, chosen, kept, need)).access_token
        held.trusted_until = min(now + TRUSTED_S, held.usable_until)
        if now >= held.refresh_at:
            # The token is good for some minutes yet: nobody waits for the next one, and a failure is repeated later.
            held.refresh_at = now + RETRY_EARLY_REFRESH_S * random.uniform(1, 2)  # noqa: S311
            self._refreshes.start((user, chosen, need), lambda: self._refresh(user, chosen, kept.generation, need))
        return held.access_token

    def _from_memory(self, user: UserKey, connection: ConnectionId | None, need: Need) -> SecretStr:
        """Reads go on while the store is away. Raises StoreUnavailable when memory has nothing valid."""
        tokens = self._tokens_of(user)
        held = tokens.held.get(connection or tokens.default or "")
        if held and need == Need() and self._clock() < held.usable_until:
            return held.access_token
        raise StoreUnavailable("The vault cannot be read.")

    def _adopt(self, user: UserKey, connection: ConnectionId, kept: StoredTokens) -> _Held:
        """What memory knows of this very record, else the record by the wall clock."""
        tokens = self._tokens_of(user)
        held = tokens.held.get(connection)
        if held is not None and held.generation == kept.generation:
            return held
        lifetime = lifetime_of(kept.record)
        received = self._clock() - (kept.record.expires_in_s - kept.record.seconds_left(time.time()))
        held = _Held(
            kept.record.access_token, kept.generation, received + lifetime.usable_s, received + lifetime.refresh_after_s
        )
        tokens.held[connection] = held
        return held

    async def _refreshed(self, user: UserKey, connection: ConnectionId, kept: StoredTokens, need: Need) -> _Held:
        refusal = self._tokens_of(user).refusals.get(connection)
        if refusal and refusal.generation == kept.generation and self._clock() < refusal.until:
            raise refusal.error.with_traceback(None)
        return await self._refreshes.join(
            (user, connection, need), lambda: self._refresh(user, connection, kept.generation, need)
        )

    async def _refresh(self, user: UserKey, connection: ConnectionId, generation: int, need: Need) -> _Held:
        asked_at = self._clock()
        try:
            kept, asked = await self._refresher.refresh(user, connection, generation, need)
        except (SignInUnavailable, StoreUnavailable) as error:
            _log.warning("A token could not be refreshed now: %s", error)
            raise
        except SignInError as error:
            if need.claims is None:
                until = self._clock() + REMEMBER_REFUSAL_S
                self._tokens_of(user).refusals[connection] = _Refusal(generation, error, until)
            await self._audit.record(
                AuditTag.TOKEN_REFRESH_FAILED, user, {"connection": connection, "reason": error.code}
            )
            raise
        if not asked:
            return self._adopt(user, connection, kept)
        lifetime = lifetime_of(kept.record)
        held = _Held(
            kept.record.access_token, kept.generation, asked_at + lifetime.usable_s, asked_at + lifetime.refresh_after_s
        )
        held.trusted_until = min(self._clock() + TRUSTED_S, held.usable_until)
        self._tokens_of(user).held[connection] = held
        await self._audit.record(AuditTag.TOKEN_REFRESHED, user, {"connection": connection})
        return held

    def _tokens_of(self, user: UserKey) -> _UserTokens:
        tokens = self._users.get(user)
        if tokens is None:
            while len(self._users) >= MOST_USERS:
                self._users.pop(next(iter(self._users)))
            tokens = self._users[user] = _UserTokens()
        return tokens
