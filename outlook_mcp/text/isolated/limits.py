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
# Of all jobs of one process. Each job has its own limit as well.
_MOST_SECONDS_OF_PROCESS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """Of one job: CPU time and elapsed time in seconds, address space and result in bytes."""

    cpu_seconds: float = 2
    wall_seconds: int = 10
    memory_bytes: int = 256 * 1024 * 1024
    output_bytes: int = 16 * 1024 * 1024


def limit_process(limits: JobLimits) -> None:
    """Sets on the running process what holds for all of its jobs: hard limits, which cannot be raised again."""
    if sys.platform == "win32":
        return  # Windows knows no such limits: there the caller's time limit alone stops the process.
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS_OF_PROCESS, _MOST_SECONDS_OF_PROCESS))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The server, which answers everybody, comes first.
    os.nice(_LESS_URGENT)


def limit_job(limits: JobLimits) -> None:
    """Sets the limits of the job that begins now. Nobody handles the signals they raise, so these end the process."""
    if sys.platform == "win32":
        return
    most = math.floor(cpu_seconds_used()) + math.ceil(limits.cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (min(most, _MOST_SECONDS_OF_PROCESS), _MOST_SECONDS_OF_PROCESS))
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)


def end_limits_of_job() -> None:
    """The process waits for its next job, however long."""
    if sys.platform == "win32":
        return
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


def cpu_seconds_used() -> float:
    """Of the running process since it began."""
    if sys.platform == "win32":
        return sum(os.times()[:2])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def cpu_seconds_left() -> float:
    """Of the running job, before it is stopped; infinite where the system sets no limit."""
    if sys.platform == "win32":
        return math.inf
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    return left or math.inf


def most_memory_used() -> int:
    """The most memory that the process has ever held, in bytes; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
