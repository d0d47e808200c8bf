"""What a process that reads something hostile may use; the system stops it there."""

from __future__ import annotations

CPU_SECONDS = 2
MEMORY_BYTES = 256 * 1024 * 1024


def limit_this_process() -> None:
    """For good: a limit cannot be lifted again."""
    try:
        import resource
    except ImportError:
        return  # Windows: the wall clock alone stops the process.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
