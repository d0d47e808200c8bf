"""The access tokens for Graph that were issued."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Times are seconds since 1970; `cae` is set when the client said it understands claims challenges."""

    caller: Caller
    issued: float
    expires: float
    cae: bool


class AccessTokens:
    """An expired token is remembered for a while, so that its refusal can say why."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, AccessToken] = {}

    def add(self, value: str, caller: Caller, *, lifetime_s: float, cae: bool = False) -> None:
        if len(self._tokens) >= _KEPT:
            self._forget_expired()
        now = self._clock.now()
        self._tokens[value] = AccessToken(caller, now, now + lifetime_s, cae)

    def find(self, value: str) -> AccessToken | None:
        return self._tokens.get(value)

    def clear(self) -> None:
        self._tokens.clear()

    def _forget_expired(self) -> None:
        now = self._clock.now()
        self._tokens = {value: token for value, token in self._tokens.items() if token.expires > now}
