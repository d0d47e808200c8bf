"""The access tokens for Graph that were issued."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from outlook_mcp.sandbox.bounded import make_room
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock

_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Times are seconds since 1970; `cae` is set when the client said it understands claims challenges."""

    caller: Caller
    issued: float
    expires: float
    cae: bool


class AccessTokens:
    """At most `limit` tokens, by digest; an expired one stays for a while, so that its refusal can say why."""

    def __init__(self, clock: Clock, limit: int = _LIMIT) -> None:
        self._clock, self._limit = clock, limit
        self._tokens: dict[bytes, AccessToken] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def add_token(self, value: str, caller: Caller, *, lifetime_s: float, cae: bool = False) -> None:
        now = self._clock.now()
        make_room(self._tokens, self._limit, lambda token: token.expires <= now)
        self._tokens[_digest(value)] = AccessToken(caller, now, now + lifetime_s, cae)

    def find_token(self, value: str) -> AccessToken | None:
        return self._tokens.get(_digest(value))

    def clear(self) -> None:
        self._tokens.clear()


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()
