"""A fork of a worker process. It runs the jobs of one user, each with its own limits, and ends after a costly one."""

from __future__ import annotations

import importlib
import json
import os
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

# Length of the result, CPU seconds of the job, and whether the fork takes another one.
_HEAD = struct.Struct(">qd?")
# A job above one of these is the last one of its fork.
_MOST_SECONDS, _MOST_SOURCE, _MOST_MEMORY = 0.5, 1_000_000, 128 * 1024 * 1024
_MOST_JOBS = 100


class Fork:
    """The side of the worker process. Each method blocks."""

    def __init__(self) -> None:
        """Starts the child."""
        for_child, to_child = os.pipe()
        from_child, for_parent = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(to_child)
            os.close(from_child)
            _serve_and_exit(os.fdopen(for_child, "rb"), os.fdopen(for_parent, "wb"))
        os.close(for_child)
        os.close(for_parent)
        self._to_child = os.fdopen(to_child, "wb", buffering=0)
        self._from_child = os.fdopen(from_child, "rb")
        self._seconds = 0.0
        self.is_open = True

    def result_of(self, header: dict[str, Any], source: bytes) -> tuple[bytes | None, float]:
        """The result of a job, None if it raised or was stopped, and the CPU seconds it took.

        Afterwards the fork may be closed.
        """
        try:
            self._send(json.dumps(header).encode() + b"\n" + source)
            length, seconds, goes_on = _HEAD.unpack(self._from_child.read(_HEAD.size))
            is_allowed = 0 <= length <= header["limits"]["output_bytes"]
            result = self._from_child.read(length) if is_allowed else b""
        except (OSError, struct.error):
            return None, max(0.0, self.close() - self._seconds)
        if not is_allowed or len(result) < length:
            return None, max(0.0, self.close() - self._seconds)
        self._seconds += seconds
        if not goes_on:
            self.close()
        return result, seconds

    def close(self) -> float:
        """Ends the child, which waits for a job, answers or has ended; returns the CPU seconds of its life."""
        self.is_open = False
        for pipe in (self._to_child, self._from_child):
            with suppress(OSError):
                pipe.close()
        _, _, usage = os.wait4(self._pid, 0)
        return usage.ru_utime + usage.ru_stime

    def _send(self, request: bytes) -> None:
        rest = memoryview(request)
        while rest:
            rest = rest[self._to_child.write(rest) :]


def _serve_and_exit(requests: IO[bytes], answers: IO[bytes]) -> NoReturn:
    """In the forked process: runs jobs until the input ends, one fails or is costly. Never returns."""
    try:
        for number in range(1, _MOST_JOBS + 1):
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
    # The worker has imported the module of its first job before it forked; another job may be of another module.
    result = job_module(header["job"]).run(header["arguments"], source)
    seconds = cpu_seconds_used() - began
    is_cheap = seconds < _MOST_SECONDS and len(source) < _MOST_SOURCE and most_memory_used() < _MOST_MEMORY
    goes_on = is_cheap and not is_last
    # The limits hold until here, as long results take time to be written.
    answers.write(_HEAD.pack(len(result), seconds, goes_on) + result)
    answers.flush()
    end_limits_of_job()
    return goes_on
