"""A process that waits for jobs and runs them in forks of its own, with limits of their own.

A request on stdin is one line of JSON (`job`, `arguments`, `size`, `limits`, `same_owner`) and `size` bytes of input;
the answer on stdout is HEAD, a length (-1 for a job that failed or was stopped) and the CPU seconds it took, and then
the result. A job is a module with a function `run(arguments, source)`, which is named by the parent process and never
by a sender. `same_owner` says that the job is for the user of the last one, so that it may run in the same fork.
"""

from __future__ import annotations

import gc
import json
import os
import select
import struct
import sys
from typing import IO, Any

from outlook_mcp.text.isolated.fork import Fork, job_module

HEAD = struct.Struct(">qd")
FAILED = -1
# A fork holds what one user has read, so an unused one ends long before the worker does.
_FORK_IDLE_SECONDS = 20.0


def serve_jobs(requests: IO[bytes], answers: IO[bytes], idle_seconds: float, usual_job: str = "") -> None:
    """Answers requests until the input ends or nobody has asked for `idle_seconds`. The module `usual_job` has
    a function `prepare`, which runs beforehand."""
    if usual_job:
        # Named by the parent process: workers of other jobs need not load it.
        job_module(usual_job).prepare()
    # A collection in a fork would write to every page that it shares with this process.
    gc.freeze()
    worker = _Worker()
    while worker.is_asked(requests, idle_seconds):
        line = requests.readline()
        if not line:
            return
        header = json.loads(line)
        result, seconds = worker.result_of(header, requests.read(header["size"]))
        answers.write(HEAD.pack(FAILED if result is None else len(result), seconds))
        answers.write(result or b"")
        answers.flush()
        if not hasattr(os, "fork"):
            return  # The job ran in this very process, which is not to be used for another one.


class _Worker:
    """Keeps the fork of the last job, as long as it may be asked again."""

    def __init__(self) -> None:
        self._fork: Fork | None = None

    def is_asked(self, requests: IO[bytes], idle_seconds: float) -> bool:
        """Waits for a request; False if none comes for `idle_seconds`."""
        if sys.platform == "win32":
            return True  # Windows cannot wait for a pipe.
        if self._fork is not None and idle_seconds > _FORK_IDLE_SECONDS:
            if select.select([requests], [], [], _FORK_IDLE_SECONDS)[0]:
                return True
            self._end_fork()
            idle_seconds -= _FORK_IDLE_SECONDS
        return bool(select.select([requests], [], [], idle_seconds)[0])

    def result_of(self, header: dict[str, Any], source: bytes) -> tuple[bytes | None, float]:
        """The result of the job, None if it raised or was stopped, and the CPU seconds it took."""
        # Imported before the fork, so that the next one finds the module in place.
        job = job_module(header["job"])
        if not hasattr(os, "fork"):
            return _run_here(job, header["arguments"], source), sum(os.times()[:2])
        if not header["same_owner"]:
            self._end_fork()
        if self._fork is None:
            self._fork = Fork()
        result = self._fork.result_of(header, source)
        if not self._fork.is_open:
            self._fork = None
        return result

    def _end_fork(self) -> None:
        if self._fork is not None:
            self._fork.close()
            self._fork = None


def _run_here(job: Any, arguments: list[str], source: bytes) -> bytes | None:
    try:
        result: bytes = job.run(arguments, source)
    except Exception:
        return None
    return result


if __name__ == "__main__":
    serve_jobs(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[1]), *sys.argv[2:])
