"""The clocks of the project. Whoever needs another one in a test takes the clock as a parameter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

# Seconds from an unknown start; only differences mean something.
MonotonicClock = Callable[[], float]
# Seconds since 1970-01-01T00:00Z.
UnixClock = Callable[[], float]
UtcClock = Callable[[], datetime]

# On Linux time.monotonic() does not count the time that the machine is suspended: after a night of sleep a token that
# has expired would look valid. CLOCK_BOOTTIME counts it. Elsewhere time.monotonic() is the best there is.
_CLOCK_ID: int | None = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def seconds_since_boot() -> float:
    """A monotonic clock that also counts the time the machine is suspended (CLOCK_BOOTTIME), in seconds.

    Nobody can set it, so it measures how long something lasts. It means nothing on another machine or after a restart.
    """
    return time.monotonic() if _CLOCK_ID is None else time.clock_gettime(_CLOCK_ID)


def unix_time() -> float:
    """Wall-clock time in seconds since 1970, for times that other machines and later processes read."""
    return time.time()


def utc_now() -> datetime:
    """Wall-clock time as a datetime in UTC."""
    return datetime.now(UTC)
