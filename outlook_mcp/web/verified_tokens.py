"""A short cache of verified access tokens, so that a burst of calls verifies each token once."""

from __future__ import annotations

from typing import NamedTuple

from cachetools import TLRUCache

from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.web.caller import CallerToken

# An ended session is refused on every server after this long.
LIFETIME_S = 5.0
MOST_TOKENS = 4096


class _Verified(NamedTuple):
    """A token, and until when it is trusted by the clock of VerifiedTokens."""

    token: CallerToken
    until: float


class VerifiedTokens:
    """Verified tokens by digest, at most `MOST_TOKENS`. `clock` is monotonic, in seconds."""

    def __init__(self, clock: MonotonicClock = seconds_since_boot) -> None:
        self._clock = clock
        self._tokens: TLRUCache[str, _Verified, float] = TLRUCache(
            MOST_TOKENS, ttu=lambda _digest, verified, _now: verified.until, timer=clock
        )

    def find_token(self, digest: str) -> CallerToken | None:
        """None when it is not cached or was verified too long ago."""
        verified = self._tokens.get(digest)
        return None if verified is None else verified.token

    def now(self) -> float:
        return self._clock()

    def add_token(self, digest: str, token: CallerToken, *, verified_at: float) -> None:
        """`verified_at` is when its verification began, by `now()`."""
        self._tokens[digest] = _Verified(token, verified_at + LIFETIME_S)

    def forget_session(self, session_id: str) -> None:
        """Forgets every token of the session."""
        for digest, verified in list(self._tokens.items()):
            if verified.token.session.id == session_id:
                self._tokens.pop(digest, None)

    def __len__(self) -> int:
        return len(self._tokens)
