"""How much CPU time the jobs of one call may take, and those of one user.

Reading a message may cost a second for each megabyte. What a job takes beyond that is charged to its call and to its
user: an expensive message may be read, four of them in one call do not cost four times as much.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass

from cachetools import LRUCache

from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot

_USUAL_BYTES_PER_SECOND = 1_000_000
_MOST_USERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimits:
    """CPU seconds beyond the usual: of one job, of all jobs of a call, and what a user gets back in a second.

    A job that comes after these are used up has `least_seconds`, enough for the beginning of a message as flat text.
    """

    job_seconds: float = 1.75
    call_seconds: float = 3.0
    user_seconds: float = 20.0
    user_gain: float = 0.1
    least_seconds: float = 0.3


class UserTime:
    """What one user has left, in seconds."""

    def __init__(self, limits: SpendingLimits, clock: MonotonicClock) -> None:
        self._limits = limits
        self._clock = clock
        self._left = limits.user_seconds
        self._counted_at = clock()

    def left(self) -> float:
        now = self._clock()
        self._left = min(self._limits.user_seconds, self._left + (now - self._counted_at) * self._limits.user_gain)
        self._counted_at = now
        return self._left

    def charge(self, seconds: float) -> None:
        self._left = self.left() - seconds


class Spending:
    """The CPU time of one call. `owner` tells users apart; each may take a part of the processes only."""

    def __init__(
        self, owner: Hashable = None, user: UserTime | None = None, limits: SpendingLimits | None = None
    ) -> None:
        self.owner = owner
        self._limits = limits or SpendingLimits()
        self._user = user
        self._left = self._limits.call_seconds
        # What was read already, as the parts of one answer ask for the same.
        self.results: dict[Hashable, object] = {}

    @property
    def is_used_up(self) -> bool:
        """Whether only beginnings are read from now on."""
        return self._left_of_all() < self._limits.least_seconds

    @property
    def is_overdrawn(self) -> bool:
        """Whether nothing more is read in this call."""
        return self._left < -self._limits.call_seconds

    def seconds_for(self, size: int) -> float:
        """What a job with so many bytes of input may take."""
        most = max(self._limits.least_seconds, min(self._limits.job_seconds, self._left_of_all()))
        return min(self._limits.job_seconds, most + size / _USUAL_BYTES_PER_SECOND)

    def charge(self, seconds: float, size: int) -> None:
        """Notes what a job took."""
        excess = max(0.0, seconds - size / _USUAL_BYTES_PER_SECOND)
        self._left -= excess
        if self._user is not None:
            self._user.charge(excess)

    def _left_of_all(self) -> float:
        return self._left if self._user is None else min(self._left, self._user.left())


_current: ContextVar[Spending | None] = ContextVar("spending", default=None)
_users: LRUCache[Hashable, UserTime] = LRUCache(_MOST_USERS)


def begin_call(owner: Hashable, *, limits: SpendingLimits | None = None) -> Spending:
    """From here on the jobs of the running task are those of a new call of `owner`."""
    limits = limits or SpendingLimits()
    user = _users.get(owner)
    if user is None:
        user = _users[owner] = UserTime(limits, seconds_since_boot)
    spending = Spending(owner, user, limits)
    _current.set(spending)
    return spending


def current_spending() -> Spending:
    """The spending of the running call; a fresh one where no call has begun."""
    return _current.get() or Spending()
