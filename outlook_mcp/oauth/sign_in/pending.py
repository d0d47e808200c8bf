"""Sign-ins that were started and whose callback has not come yet: single use, ten minutes, bounded in number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cachetools import TTLCache

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.oauth.security_service import SignInSecrets

LIFETIME_S = 600.0
MOST_PENDING = 1000


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What the callback must fit. `scopes`, `owner`, `expected` and `connects` are those of the SignInRequest."""

    secrets: SignInSecrets
    redirect_uri: str
    scopes: tuple[str, ...] | None
    owner: UserKey | None
    expected: UserKey | None
    connects: bool = True


class PendingSignInStore(Protocol):
    """Started sign-ins by their state."""

    async def store_sign_in(self, sign_in: PendingSignIn) -> None:
        """Stores it for `LIFETIME_S`."""

    async def take_sign_in(self, state: str) -> PendingSignIn | None:
        """Removes and returns the sign-in of this state; None when there is none, it expired or was taken before."""


class PendingSignIns:
    """A `PendingSignInStore` in the memory of this process; when it is full, the oldest is dropped."""

    def __init__(self, *, clock: MonotonicClock = seconds_since_boot) -> None:
        self._pending: TTLCache[str, PendingSignIn, float] = TTLCache(MOST_PENDING, LIFETIME_S, timer=clock)

    async def store_sign_in(self, sign_in: PendingSignIn) -> None:
        self._pending[sign_in.secrets.state] = sign_in

    async def take_sign_in(self, state: str) -> PendingSignIn | None:
        return self._pending.pop(state, None)
