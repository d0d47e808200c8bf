"""The `requestState` of questions: sealed with the same keys on every server, and accepted once."""

from __future__ import annotations

import hmac
from contextvars import ContextVar
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.request_state import AESGCMRequestStateCodec, InvalidRequestState, RequestStateSecurity
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS
from mcp_types.methods import INPUT_REQUIRED_METHODS
from pydantic import SecretBytes, SecretStr

from outlook_mcp.errors import OutlookError
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault

LIFETIME_S = 600.0
# Longer than any server can accept it, however much their clocks differ.
REMEMBERED_S = 2 * LIFETIME_S
PURPOSE = "request-state"
_DAY_S = 86_400
# The sealed form in which the current request brought it; the SDK hands on only its content.
_SEALED: ContextVar[str] = ContextVar("sealed request state")


class DailyCodec:
    """A `RequestStateCodec` with a new key each day (UTC), all derived from one secret.

    The keys of the day before and of the day after are accepted too: a question may wait past midnight, and the clocks
    of servers differ.
    """

    def __init__(self, secret: SecretBytes, clock: UnixClock = unix_time) -> None:
        self._secret = secret
        self._clock = clock
        self._day, self._codec = self._made()

    def seal(self, payload: bytes) -> str:
        return self._of_today().seal(payload)

    def unseal(self, token: str) -> bytes:
        """Raises InvalidRequestState for what no server of this vault sealed since yesterday."""
        return self._of_today().unseal(token)

    def _of_today(self) -> AESGCMRequestStateCodec:
        if self._day != self._today():
            self._day, self._codec = self._made()
        return self._codec

    def _made(self) -> tuple[int, AESGCMRequestStateCodec]:
        today = self._today()
        return today, AESGCMRequestStateCodec([self._key(day) for day in (today, today - 1, today + 1)])

    def _today(self) -> int:
        return int(self._clock() // _DAY_S)

    def _key(self, day: int) -> bytes:
        return hmac.digest(self._secret.get_secret_value(), f"day {day}".encode(), "sha256")


class RequestStates:
    """Goes into an MCPServer in two places: `security`, and itself as a middleware after the SDK's own.

    By then the SDK has compared the state with the request and the caller, so nobody can use up the state of somebody
    else. Until `derive_keys` was awaited it seals and accepts nothing.
    """

    def __init__(self) -> None:
        self.security = RequestStateSecurity(codec=self, ttl=LIFETIME_S)
        self._codec: DailyCodec | None = None
        self._tickets: Tickets | None = None

    async def derive_keys(self, vault: CredentialVault, tickets: Tickets) -> None:
        """Derives the keys from the vault, so that every server that shares it accepts what another one sealed."""
        self._tickets = tickets
        self._codec = DailyCodec(await vault.derive_key(PURPOSE))

    def seal(self, payload: bytes) -> str:
        return self._opened().seal(payload)

    def unseal(self, token: str) -> bytes:
        payload = self._opened().unseal(token)
        _SEALED.set(token)
        return payload

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Raises MCPError for a state that was used before."""
        is_answer = ctx.method in INPUT_REQUIRED_METHODS and (ctx.params or {}).get("requestState") is not None
        if is_answer and not await self._is_first(_SEALED.get()):
            raise _refused()
        return await call_next(ctx)

    async def _is_first(self, sealed: str) -> bool:
        if self._tickets is None:
            return False
        try:
            return await self._tickets.mark_handle(PURPOSE, SecretStr(sealed), lifetime_s=REMEMBERED_S)
        except OutlookError:
            told = "It cannot be checked now whether this answer was used before. Try again in a minute."
            raise MCPError(code=INTERNAL_ERROR, message=told) from None

    def _opened(self) -> DailyCodec:
        if self._codec is None:
            raise InvalidRequestState("not open")
        return self._codec


def _refused() -> MCPError:
    """The error that the SDK gives for any state it refuses."""
    return MCPError(
        code=INVALID_PARAMS,
        message="Invalid or expired requestState",
        data={"reason": "invalid_request_state"},
    )
