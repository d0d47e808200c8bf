"""A clock that nobody sets: it only runs on, also while the machine sleeps."""

from __future__ import annotations

import time

# time.monotonic stands still while Linux is suspended, so a token would look valid after a night.
_CLOCK_ID: int | None = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def seconds_since_boot() -> float:
    """Seconds, from an unknown start."""
    return time.monotonic() if _CLOCK_ID is None else time.clock_gettime(_CLOCK_ID)
