"""Graph tokens for callers whose access tokens Entra ID issued for this server (On-Behalf-Of).

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TLRUCache
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInError, SignInRequired
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.connection_id import ConnectionId, connection_id_of
from outlook_mcp.identity.scopes import covers, merged_permissions
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.entra.identity_claims import require_same_person
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.earlier_permissions import NO_LONGER_GRANTED
from outlook_mcp.oauth.tokens.token_service import MOST_USERS, OAuthTokenService


@dataclass(frozen=True, slots=True)
class Assertion:
    """The verified access token of a caller, the user it names, and the Graph permissions that the caller needs."""

    token: SecretStr
    identity: Identity
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a caller's token, valid until then: `refusal`, or a mailbox connected with `scopes`."""

    token: SecretStr
    scopes: tuple[str, ...]
    refusal: SignInError | None
    until: float


class OnBehalfOf:
    """Exchanges callers' access tokens for connections; simultaneous calls with one token send one request."""

    def __init__(
        self,
        provider: MicrosoftOAuthProvider,
        connections: OAuthIntegrationService,
        audit: AuditLog,
        *,
        admission: Admission | None = None,
        timing: OAuthTiming = OAuthTiming(),
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._provider = provider
        self._connections = connections
        self._audit = audit
        self._admission = admission or Admission()
        self._timing = timing
        self._clock = clock
        self._exchanges = SingleFlight[Connection]()
        self._outcomes: TLRUCache[UserKey, _Outcome, float] = TLRUCache(
            MOST_USERS, ttu=lambda user, outcome, now: outcome.until, timer=clock
        )
        connections.add_listener(self._forget)

    async def ensure(self, caller: Assertion) -> None:
        """Connects the caller's own mailbox, unless it is connected with the permissions that the caller needs.

        Those that the settings add, such as for shared mailboxes, are asked for with them; without consent for these
        the mailbox is connected for what the caller needs. Raises as `connect`. When Microsoft grants no more
        permissions, a connected mailbox stays as it is. A token that Microsoft refused is not sent again for a minute.
        """
        outcome = self._outcomes.get(caller.identity.user)
        if outcome is None or not await self._holds_for(caller, outcome):
            outcome = await self._outcome_of(caller)
        if outcome.refusal is not None:
            raise outcome.refusal.with_traceback(None)

    async def connect(
        self, assertion: SecretStr, identity: Identity, scopes: tuple[str, ...], *, claims: str | None = None
    ) -> Connection:
        """Connects the caller's own mailbox with the Graph permissions `scopes`, and those that it has already.

        `identity` is that of the verified `assertion`; `claims` is the claims challenge that the new tokens must
        satisfy.

        Raises the SignInError of Entra's answer: SignInRequired for an expired token or a missing consent,
        ClaimsRequired where the client must satisfy a policy first.
        """
        return await self._exchanges.join(
            (identity.user, assertion, scopes, claims), lambda: self._connect(assertion, identity, scopes, claims)
        )

    async def aclose(self) -> None:
        """Waits until the answers to requests under way are stored in the vault."""
        await self._exchanges.wait_for_all(self._timing.closing_s)

    async def _holds_for(self, caller: Assertion, outcome: _Outcome) -> bool:
        if outcome.refusal is None:
            return covers(outcome.scopes, caller.scopes)
        # Another token or fewer permissions may be accepted, and a sign-in at another server may have helped.
        is_refused = outcome.token == caller.token and covers(caller.scopes, outcome.scopes)
        user = caller.identity.user
        return is_refused and not await self._connections.requested_permissions(user, user)

    async def _outcome_of(self, caller: Assertion) -> _Outcome:
        user = caller.identity.user
        before = await self._connections.requested_permissions(user, user)
        wanted = self._provider.settings.with_options(caller.scopes)
        refusal, valid_s = None, self._timing.trusted_s
        for scopes in dict.fromkeys((wanted, caller.scopes)):
            if before and covers(before, scopes):
                break
            try:
                await self.connect(caller.token, caller.identity, scopes)
            except NO_LONGER_GRANTED as error:
                refusal, valid_s = None if before else error, self._timing.refusal_s
            else:
                refusal = None
                break
        outcome = _Outcome(caller.token, caller.scopes, refusal, self._clock() + valid_s)
        self._outcomes[user] = outcome
        return outcome

    def _forget(self, user: UserKey) -> None:
        self._outcomes.pop(user, None)

    async def _connect(
        self, assertion: SecretStr, identity: Identity, scopes: tuple[str, ...], claims: str | None
    ) -> Connection:
        user = identity.user
        await self._audit.record(AuditTag.SIGN_IN_STARTED, user)
        try:
            self._admission.check_user(user, identity.address)
            before = await self._connections.requested_permissions(user, user)
            answer, asked = await self._exchange(assertion, user, claims, scopes, merged_permissions(scopes, before))
            require_same_person(answer.id_token, user)
            return await self._connections.connect(identity, answer, scopes=asked)
        except SignInError as error:
            await self._audit.record(AuditTag.SIGN_IN_FAILED, user, {"reason": error.code})
            raise

    async def _exchange(
        self,
        assertion: SecretStr,
        user: UserKey,
        claims: str | None,
        scopes: tuple[str, ...],
        union: tuple[str, ...],
    ) -> tuple[TokenAnswer, tuple[str, ...]]:
        """Tokens for the permissions `union`, else for `scopes` alone; and which of the two they are for."""
        try:
            return await self._provider.on_behalf_of(assertion, tenant=user.tid, scopes=union, claims=claims), union
        except NO_LONGER_GRANTED:
            if covers(scopes, union):
                raise
        return await self._provider.on_behalf_of(assertion, tenant=user.tid, scopes=scopes, claims=claims), scopes


class OnBehalfOfTokens:
    """Gives access tokens as OAuthTokenService does; the caller's own token takes the place of a sign-in.

    `assertion` returns that of the request being answered, None outside a request.
    """

    def __init__(
        self, tokens: OAuthTokenService, on_behalf_of: OnBehalfOf, assertion: Callable[[], Assertion | None]
    ) -> None:
        self._tokens = tokens
        self._on_behalf_of = on_behalf_of
        self._assertion = assertion

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        """See OAuthTokenService.access_token. Connects the caller's own mailbox when it is not connected (any more)."""
        caller = self._assertion()
        if caller is None or not _is_for_own_mailbox(caller, user, connection):
            return await self._tokens.access_token(user, connection, claims=claims, rejected=rejected)
        await self._on_behalf_of.ensure(caller)
        try:
            return await self._tokens.access_token(user, connection, claims=claims, rejected=rejected)
        except SignInRequired:
            # The refresh token has expired, or the challenge needs a sign-in that the caller has done by now.
            await self._on_behalf_of.connect(caller.token, caller.identity, caller.scopes, claims=claims)
        return await self._tokens.access_token(user, connection)


def _is_for_own_mailbox(assertion: Assertion, user: UserKey, connection: ConnectionId | None) -> bool:
    """A caller's token gives access to the caller's own mailbox, never to a linked one."""
    return assertion.identity.user == user and connection in (None, connection_id_of(user))
