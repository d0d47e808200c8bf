"""Breaks off what would run for ever: a fault that makes work explode fails its test and does not hang it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooMuchWork(Exception):
    """The limit was reached."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises TooMuchWork after so many seconds of this process's CPU: set it many times above what the work takes."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooMuchWork(f"not finished after {seconds:g} seconds of CPU")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
