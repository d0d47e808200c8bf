"""Sign-ins that were begun and not yet come back: single use, ten minutes, bounded in number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.oauth.security_service import SignInSecrets

LIFETIME_S = 600.0
MOST_PENDING = 1000


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What a callback must fit; `scopes`, `owner`, `expected` and `keep` are those of the request."""

    secrets: SignInSecrets
    redirect_uri: str
    scopes: tuple[str, ...] | None
    owner: UserKey | None
    expected: UserKey | None
    keep: bool = True


class PendingSignInStore(Protocol):
    """Begun sign-ins by their state."""

    async def put(self, sign_in: PendingSignIn) -> None:
        """Keep it for `LIFETIME_S`."""

    async def take(self, state: str) -> PendingSignIn | None:
        """The sign-in of this state, to exactly one caller; None when there is none or its time is over."""


class PendingSignIns:
    """In the memory of this process; the oldest gives way when there are too many."""

    def __init__(self, *, clock: Callable[[], float] = seconds_since_boot) -> None:
        self._clock = clock
        self._pending: OrderedDict[str, tuple[PendingSignIn, float]] = OrderedDict()

    async def put(self, sign_in: PendingSignIn) -> None:
        self._drop_expired()
        while len(self._pending) >= MOST_PENDING:
            self._pending.popitem(last=False)
        self._pending[sign_in.secrets.state] = (sign_in, self._clock() + LIFETIME_S)

    async def take(self, state: str) -> PendingSignIn | None:
        self._drop_expired()
        found = self._pending.pop(state, None)
        return None if found is None else found[0]

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._pending and next(iter(self._pending.values()))[1] <= now:
            self._pending.popitem(last=False)
