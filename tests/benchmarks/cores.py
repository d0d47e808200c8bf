"""What processes have used of a core: a busy machine makes them slower, and hardly dearer."""

from __future__ import annotations

import psutil


def seconds_of_processes() -> float:
    """Of all child processes, those of theirs and those that have ended."""
    this = psutil.Process()
    ended = this.cpu_times()
    running = [child.cpu_times() for child in this.children(recursive=True)]
    return float(ended.children_user + ended.children_system + sum(sum(times[:4]) for times in running))
