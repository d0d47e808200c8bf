"""A short cache of verified access tokens, so that a burst of calls verifies each token once."""

from __future__ import annotations

from collections import OrderedDict

from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.web.caller import CallerToken

# An ended session is refused on every server after this long.
LIFETIME_S = 5.0
MOST_TOKENS = 4096


class VerifiedTokens:
    """Verified tokens by digest, at most `MOST_TOKENS`; the oldest is dropped. `clock` is monotonic, in seconds."""

    def __init__(self, clock: MonotonicClock = seconds_since_boot) -> None:
        self._clock = clock
        self._tokens: OrderedDict[str, tuple[CallerToken, float]] = OrderedDict()

    def find_token(self, digest: str) -> CallerToken | None:
        """None when it is not cached or was verified too long ago."""
        token, expires_at = self._tokens.get(digest, (None, 0.0))
        return token if self._clock() < expires_at else None

    def now(self) -> float:
        return self._clock()

    def add(self, digest: str, token: CallerToken, *, verified_at: float) -> None:
        """`verified_at` is when its verification began, by `now()`."""
        self._tokens[digest] = (token, verified_at + LIFETIME_S)
        self._tokens.move_to_end(digest)
        now = self._clock()
        while self._tokens and (len(self._tokens) > MOST_TOKENS or next(iter(self._tokens.values()))[1] <= now):
            self._tokens.popitem(last=False)

    def forget_session(self, session_id: str) -> None:
        for digest in [digest for digest, (token, _) in self._tokens.items() if token.session.id == session_id]:
            del self._tokens[digest]

    def __len__(self) -> int:
        return len(self._tokens)
