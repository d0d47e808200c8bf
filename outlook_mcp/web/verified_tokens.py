"""Access tokens that were good a moment ago, so that a burst of calls verifies each once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from outlook_mcp.web.caller import CallerToken

# An ended session is refused everywhere after this long.
TRUSTED_S = 5.0
MOST_TOKENS = 4096


class VerifiedTokens:
    """By digest of the token; the oldest gives way. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens: OrderedDict[str, tuple[CallerToken, float]] = OrderedDict()

    def get(self, digest: str) -> CallerToken | None:
        found = self._tokens.get(digest)
        return found[0] if found is not None and self._clock() < found[1] else None

    def now(self) -> float:
        return self._clock()

    def put(self, digest: str, token: CallerToken, *, read_at: float) -> None:
        """`read_at` is when verifying it began."""
        self._tokens[digest] = (token, read_at + TRUSTED_S)
        self._tokens.move_to_end(digest)
        now = self._clock()
        while self._tokens and (len(self._tokens) > MOST_TOKENS or next(iter(self._tokens.values()))[1] <= now):
            self._tokens.popitem(last=False)

    def forget(self, session_id: str) -> None:
        for digest in [digest for digest, (token, _) in self._tokens.items() if token.session.id == session_id]:
            del self._tokens[digest]

    def __len__(self) -> int:
        return len(self._tokens)
