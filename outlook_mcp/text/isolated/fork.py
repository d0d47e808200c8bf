"""A fork of a worker process. It runs the jobs of one user, each with its own limits, and ends after a costly one.

Its jobs come over a socket that only it and the server hold. A request is one line of JSON (`job`, `arguments`, `size`,
`limits`) and `size` bytes of input; the answer is HEAD and then the result.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import struct
from contextlib import suppress
from types import ModuleType
from typing import IO, Any, NoReturn

from outlook_mcp.text.isolated.limits import (
    JobLimits,
    cpu_seconds_used,
    end_limits_of_job,
    limit_job,
    limit_process,
    most_memory_used,
)

# Length of the result, CPU seconds of the job, and whether another one may follow in the same process.
HEAD = struct.Struct(">qd?")
# A job above one of these is the last one of its fork.
_MOST_SECONDS, _MOST_SOURCE, _MOST_MEMORY = 0.5, 1_000_000, 128 * 1024 * 1024
_MOST_JOBS = 500


class Fork:
    """The side of the worker process. `connection` is the server's end of the socket."""

    def __init__(self, idle_seconds: float) -> None:
        """Starts the child, which ends when nobody has asked for `idle_seconds`."""
        self.connection, of_child = socket.socketpair()
        self._ended, ending = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self.connection.close()
            _serve_and_exit(of_child, idle_seconds)
        of_child.close()
        os.close(ending)

    def fileno(self) -> int:
        """A descriptor that can be read from when the child has ended."""
        return self._ended

    def end(self) -> float:
        """Ends the child, if it has not ended; returns the CPU seconds of its life."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.close(self._ended)
        _, _, usage = os.wait4(self._pid, 0)
        return usage.ru_utime + usage.ru_stime


def _serve_and_exit(connection: socket.socket, idle_seconds: float) -> NoReturn:
    """In the forked process: runs jobs until nobody asks, one fails or is costly. Never returns."""
    try:
        # What the server tells the worker, such as who gets another fork, is not for what runs here.
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        requests, answers = connection.makefile("rb"), connection.makefile("wb")
        for number in range(1, _MOST_JOBS + 1):
            if not select.select([connection], [], [], idle_seconds)[0]:
                break
            line = requests.readline()
            if not line:
                break
            header = json.loads(line)
            source = requests.read(header["size"])
            limits = JobLimits(**header["limits"])
            if number == 1:
                limit_process(limits)
            if not _run_job(header, source, limits, answers, is_last=number == _MOST_JOBS):
                break
        os._exit(0)
    except BaseException:
        os._exit(1)


def job_module(name: str) -> ModuleType:
    """The module that runs a job, imported."""
    # A worker loads none that it was not asked for.
    return importlib.import_module(name)


def _run_job(header: dict[str, Any], source: bytes, limits: JobLimits, answers: IO[bytes], *, is_last: bool) -> bool:
    """Runs one job and writes its result; whether another one may follow."""
    began = cpu_seconds_used()
    limit_job(limits)
    # The worker has imported the module before it forked.
    result = job_module(header["job"]).run(header["arguments"], source)
    seconds = cpu_seconds_used() - began
    is_cheap = seconds < _MOST_SECONDS and len(source) < _MOST_SOURCE and most_memory_used() < _MOST_MEMORY
    goes_on = is_cheap and not is_last
    # The limits hold until here, as long results take time to be written.
    answers.write(HEAD.pack(len(result), seconds, goes_on) + result)
    answers.flush()
    end_limits_of_job()
    return goes_on
