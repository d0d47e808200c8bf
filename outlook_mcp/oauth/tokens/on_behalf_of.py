"""Graph tokens for a caller whose access token Entra ID issued for this server (On-Behalf-Of).

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInError, SignInRequired
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.connection_id import ConnectionId, connection_id_of
from outlook_mcp.identity.scopes import covers, widened
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.entra.identity_claims import require_same_person
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.token_answer import TokenAnswer
from outlook_mcp.oauth.tokens.earlier_permissions import NO_LONGER_GRANTED
from outlook_mcp.oauth.tokens.token_service import (
    CLOSING_S,
    MOST_USERS,
    REMEMBER_REFUSAL_S,
    TRUSTED_S,
    OAuthTokenService,
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """The verified access token of a caller, whom it names, and the Graph permissions the caller may use."""

    token: SecretStr
    identity: Identity
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What came of a caller's token, until then: `refusal`, or a mailbox connected with `scopes`."""

    token: SecretStr
    scopes: tuple[str, ...]
    refusal: SignInError | None
    until: float


class OnBehalfOf:
    """Turns callers' access tokens into connections; many calls with one token make one request."""

    def __init__(
        self,
        provider: MicrosoftOAuthProvider,
        connections: OAuthIntegrationService,
        audit: AuditLog,
        *,
        admission: Admission | None = None,
        clock: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._provider = provider
        self._connections = connections
        self._audit = audit
        self._admission = admission or Admission()
        self._clock = clock
        self._flights = SingleFlight[Connection]()
        self._known: OrderedDict[UserKey, _Known] = OrderedDict()
        connections.on_change(self._forget)

    async def ensure(self, caller: Assertion) -> None:
        """Connects the caller's own mailbox unless it is connected; as `connect`.

        A mailbox that is connected and whose permissions Microsoft does not widen stays as it is. Microsoft is not
        asked again for a minute with a token that it refused.
        """
        known = self._known.get(caller.identity.user)
        if known is None or self._clock() >= known.until or not await self._answers(known, caller):
            known = await self._learn(caller)
        if known.refusal is not None:
            raise known.refusal.with_traceback(None)

    async def connect(
        self, assertion: SecretStr, identity: Identity, scopes: tuple[str, ...], *, claims: str | None = None
    ) -> Connection:
        """The caller's own mailbox, connected with `scopes` and those it had before.

        `identity` is that of the verified `assertion`. Raises the SignInError that Entra's answer means: SignInRequired
        for a token that has expired or a missing consent, ClaimsRequired where the client must satisfy a policy first.
        `claims` is the challenge of Graph that the new tokens are to meet.
        """
        return await self._flights.join(
            (identity.user, assertion, scopes, claims), lambda: self._connect(assertion, identity, scopes, claims)
        )

    async def aclose(self) -> None:
        """Lets requests under way reach the vault."""
        await self._flights.settle(CLOSING_S)

    async def _answers(self, known: _Known, caller: Assertion) -> bool:
        if known.refusal is None:
            return covers(known.scopes, caller.scopes)
        # Another token, or one that asks for less, may be good enough; so may a sign-in seen by another server.
        is_refused = known.token == caller.token and covers(caller.scopes, known.scopes)
        user = caller.identity.user
        return is_refused and not await self._connections.requested_permissions(user, user)

    async def _learn(self, caller: Assertion) -> _Known:
        user = caller.identity.user
        before = await self._connections.requested_permissions(user, user)
        refusal, trusted_s = None, TRUSTED_S
        if not before or not covers(before, caller.scopes):
            try:
                await self.connect(caller.token, caller.identity, caller.scopes)
            except NO_LONGER_GRANTED as error:
                refusal, trusted_s = None if before else error, REMEMBER_REFUSAL_S
        known = self._known[user] = _Known(caller.token, caller.scopes, refusal, self._clock() + trusted_s)
        self._known.move_to_end(user)
        while len(self._known) > MOST_USERS:
            self._known.popitem(last=False)
        return known

    def _forget(self, user: UserKey) -> None:
        self._known.pop(user, None)

    async def _connect(
        self, assertion: SecretStr, identity: Identity, scopes: tuple[str, ...], claims: str | None
    ) -> Connection:
        user = identity.user
        await self._audit.record(AuditTag.SIGN_IN_STARTED, user)
        try:
            self._admission.check(user, identity.address)
            before = await self._connections.requested_permissions(user, user)
            answer, asked = await self._answer(assertion, user, claims, scopes, widened(scopes, before))
            require_same_person(answer.id_token, user)
            return await self._connections.connect(identity, answer, scopes=asked)
        except SignInError as error:
            await self._audit.record(AuditTag.SIGN_IN_FAILED, user, {"reason": error.code})
            raise

    async def _answer(
        self,
        assertion: SecretStr,
        user: UserKey,
        claims: str | None,
        scopes: tuple[str, ...],
        union: tuple[str, ...],
    ) -> tuple[TokenAnswer, tuple[str, ...]]:
        """For the union, else for what was asked now."""
        try:
            return await self._provider.on_behalf_of(assertion, tenant=user.tid, scopes=union, claims=claims), union
        except NO_LONGER_GRANTED:
            if covers(scopes, union):
                raise
        return await self._provider.on_behalf_of(assertion, tenant=user.tid, scopes=scopes, claims=claims), scopes


class OnBehalfOfTokens:
    """Access tokens as OAuthTokenService gives them; the caller's own token stands in for a sign-in.

    `assertion` gives that of the request being answered, None outside one.
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
        """As OAuthTokenService.access_token; a mailbox not connected yet, or no longer, is connected on the way."""
        caller = self._assertion()
        if caller is None or not _stands_for(caller, user, connection):
            return await self._tokens.access_token(user, connection, claims=claims, rejected=rejected)
        await self._on_behalf_of.ensure(caller)
        try:
            return await self._tokens.access_token(user, connection, claims=claims, rejected=rejected)
        except SignInRequired:
            # The refresh token has died, or the challenge needs a sign-in that the caller has done by now.
            await self._on_behalf_of.connect(caller.token, caller.identity, caller.scopes, claims=claims)
        return await self._tokens.access_token(user, connection)


def _stands_for(assertion: Assertion, user: UserKey, connection: ConnectionId | None) -> bool:
    """A caller's token opens the caller's own mailbox, never another one linked to it."""
    return assertion.identity.user == user and connection in (None, connection_id_of(user))
