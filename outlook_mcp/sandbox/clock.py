"""The time of the sandbox."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970 that never jump with the machine's clock; tests may move them on."""

    def __init__(self) -> None:
        self._origin = time.time() - time.monotonic()
        self._ahead = 0.0

    def now(self) -> float:
        return self._origin + time.monotonic() + self._ahead

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
