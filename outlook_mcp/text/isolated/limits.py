"""What a process that reads something hostile may use; the operating system stops it there."""

from __future__ import annotations

import math
import os
import signal
import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

_LESS_URGENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """Of one job: CPU time and elapsed time in seconds, address space and result in bytes."""

    cpu_seconds: float = 2
    wall_seconds: int = 10
    memory_bytes: int = 256 * 1024 * 1024
    output_bytes: int = 16 * 1024 * 1024


def limit_this_process(limits: JobLimits) -> None:
    """Sets the limits on the running process for good: the hard limits cannot be raised again."""
    if sys.platform == "win32":
        return  # Windows knows no such limits: there the caller's time limit alone stops the process.
    whole_seconds = math.ceil(limits.cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (whole_seconds, whole_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nobody handles these signals, so they end the process.
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
    # The server, which answers everybody, comes first.
    os.nice(_LESS_URGENT)
