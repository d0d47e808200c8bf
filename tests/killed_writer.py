"""The lines that a process printed before it was killed."""

from __future__ import annotations

import subprocess

DEADLINE_S = 10


def rest_of_lines(killed: subprocess.Popen[str]) -> list[str]:
    """What `readline` has not returned yet; waits for the end of the process.

    `communicate` would lose the lines that `readline` has read ahead.
    """
    assert killed.stdout is not None
    with killed.stdout as rest:
        lines = rest.read().splitlines()
    killed.wait(DEADLINE_S)
    return lines
