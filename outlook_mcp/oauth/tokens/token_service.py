"""A valid access token for a user's mailbox: from memory, else from the vault, else from Entra.

Order of a refresh: acquire the lease, read the record, note in the vault that its refresh token is used, ask Entra,
store the answer in the vault, and only then use it. With Entra a process that is killed at any point signs nobody out,
because the refresh token that it used stays valid. A provider that accepts each refresh token once has one moment that
no client can cover: between its answer and our vault. The note then tells why the sign-in has ended.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass

from cachetools import LRUCache
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInError, SignInRequired, SignInUnavailable, StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot, unix_time
from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.connections.token_record import lifetime_of
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.refresher import RefreshReason, StoredTokens, TokenRefresher

_log = logging.getLogger(__name__)

MOST_USERS = 10_000


@dataclass(slots=True)
class _CachedToken:
    """An access token in memory. Its times are those of the service's clock, in seconds."""

    access_token: SecretStr
    generation: int
    usable_until: float
    refresh_at: float
    trusted_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Entra refused to refresh the record of this generation; it is not asked again before `until`."""

    generation: int
    error: SignInError
    until: float


class _UserTokens:
    """What is cached of one user, by connection."""

    __slots__ = ("default", "refusals", "tokens")

    def __init__(self) -> None:
        self.tokens: dict[ConnectionId, _CachedToken] = {}
        self.default: ConnectionId | None = None
        self.refusals: dict[ConnectionId, _Refusal] = {}


class OAuthTokenService:
    """Gives access tokens, and refreshes them. Everything is cached per user, for the 10,000 users seen last."""

    def __init__(
        self,
        refresher: TokenRefresher,
        connections: OAuthIntegrationService,
        audit: AuditLog,
        *,
        timing: OAuthTiming = OAuthTiming(),
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._refresher = refresher
        self._connections = connections
        self._audit = audit
        self._timing = timing
        self._clock = clock
        self._users: LRUCache[UserKey, _UserTokens] = LRUCache(MOST_USERS)
        self._lookups = SingleFlight[SecretStr]()
        self._refreshes = SingleFlight[_CachedToken]()
        connections.add_listener(self.forget)

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        """A token for this connection of the user, or for the user's default mailbox.

        `claims` is a claims challenge of Graph, after which the token is always a new one; `rejected` is a token that
        Graph refused, and is not returned again.

        Raises:
            SignInRequired, AdministratorRequired, SignInRefused: the user must act.
            SignInUnavailable, StoreUnavailable: try again later; nobody was signed out.
        """
        if claims is None and rejected is None:
            cached = self._cached(user, connection)
            if cached is not None and self._clock() < cached.trusted_until:
                return cached.access_token
        reason = RefreshReason(claims, rejected)
        return await self._lookups.join((user, connection, reason), lambda: self._look_up(user, connection, reason))

    async def read_ahead(self, user: UserKey, connection: ConnectionId) -> None:
        """Reads the token for a call to come, and asks Entra ID for none. Raises SignInRequired and VaultError."""
        token = self._cache(user, connection, await self._refresher.stored_tokens(user, connection))
        token.trusted_until = min(self._clock() + self._timing.trusted_s, token.usable_until)

    def forget(self, user: UserKey) -> None:
        """Drops what is cached of the user; the vault is unchanged."""
        self._users.pop(user, None)

    async def aclose(self) -> None:
        """Waits until refreshes under way are stored in the vault, then drops the cache."""
        await self._lookups.wait_for_all(self._timing.closing_s)
        await self._refreshes.wait_for_all(self._timing.closing_s)
        self._users.clear()

    def _cached(self, user: UserKey, connection: ConnectionId | None) -> _CachedToken | None:
        cached = self._users.get(user)
        chosen = (connection or cached.default) if cached else None
        return cached.tokens.get(chosen) if cached and chosen else None

    async def _look_up(self, user: UserKey, connection: ConnectionId | None, reason: RefreshReason) -> SecretStr:
        try:
            chosen = connection or (await self._connections.default_connection(user)).id
            stored = await self._refresher.stored_tokens(user, chosen)
        except SignInRequired:
            self.forget(user)
            raise
        except StoreUnavailable:
            return self._without_vault(user, connection, reason)
        token = self._cache(user, chosen, stored)
        if connection is None:
            self._tokens_of(user).default = chosen
        now = self._clock()
        if reason.claims is not None or token.access_token == reason.rejected or now >= token.usable_until:
            return (await self._refreshed(user, chosen, stored, reason)).access_token
        token.trusted_until = min(now + self._timing.trusted_s, token.usable_until)
        if now >= token.refresh_at:
            # The token is valid for some minutes yet: no caller waits for its successor, and a failure is retried
            # later.
            token.refresh_at = now + self._timing.early_refresh_retry_s * random.uniform(1, 2)  # noqa: S311
            self._refreshes.start(
                (user, chosen, reason), lambda: self._refresh(user, chosen, stored.generation, reason)
            )
        return token.access_token

    def _without_vault(self, user: UserKey, connection: ConnectionId | None, reason: RefreshReason) -> SecretStr:
        """A cached token while the vault cannot be read. Raises StoreUnavailable when none is valid."""
        token = self._cached(user, connection)
        if token is not None and reason == RefreshReason() and self._clock() < token.usable_until:
            return token.access_token
        raise StoreUnavailable("The vault cannot be read.")

    def _cache(self, user: UserKey, connection: ConnectionId, stored: StoredTokens) -> _CachedToken:
        """The cached token of this generation; else that of the record, whose age is known by the wall clock."""
        tokens = self._tokens_of(user).tokens
        cached = tokens.get(connection)
        if cached is not None and cached.generation == stored.generation:
            return cached
        received_at = self._clock() - (stored.record.expires_in_s - stored.record.seconds_left(unix_time()))
        tokens[connection] = _cached_token(stored, received_at)
        return tokens[connection]

    async def _refreshed(
        self, user: UserKey, connection: ConnectionId, stored: StoredTokens, reason: RefreshReason
    ) -> _CachedToken:
        refusal = self._tokens_of(user).refusals.get(connection)
        if refusal and refusal.generation == stored.generation and self._clock() < refusal.until:
            raise refusal.error.with_traceback(None)
        return await self._refreshes.join(
            (user, connection, reason), lambda: self._refresh(user, connection, stored.generation, reason)
        )

    async def _refresh(
        self, user: UserKey, connection: ConnectionId, generation: int, reason: RefreshReason
    ) -> _CachedToken:
        asked_at = self._clock()
        try:
            stored, is_own = await self._refresher.refresh(user, connection, generation, reason)
        except (SignInUnavailable, StoreUnavailable) as error:
            _log.warning("A token could not be refreshed now: %s", error)
            raise
        except SignInError as error:
            if reason.claims is None:
                until = self._clock() + self._timing.refusal_s
                self._tokens_of(user).refusals[connection] = _Refusal(generation, error, until)
            details = {"connection": connection, "reason": error.code}
            await self._audit.record(AuditTag.TOKEN_REFRESH_FAILED, user, details)
            raise
        if not is_own:
            return self._cache(user, connection, stored)
        token = _cached_token(stored, asked_at)
        token.trusted_until = min(self._clock() + self._timing.trusted_s, token.usable_until)
        self._tokens_of(user).tokens[connection] = token
        await self._audit.record(AuditTag.TOKEN_REFRESHED, user, {"connection": connection})
        return token

    def _tokens_of(self, user: UserKey) -> _UserTokens:
        tokens = self._users.get(user)
        if tokens is None:
            tokens = self._users[user] = _UserTokens()
        return tokens


def _cached_token(stored: StoredTokens, received_at: float) -> _CachedToken:
    lifetime = lifetime_of(stored.record)
    return _CachedToken(
        stored.record.access_token,
        stored.generation,
        received_at + lifetime.usable_s,
        received_at + lifetime.refresh_after_s,
    )
