"""A process that waits for jobs and runs each in a fork of its own, with limits of its own.

A request on stdin is one line of JSON (`job`, `arguments`, `size`, `limits`) and `size` bytes of input; the answer on
stdout is a length of eight bytes (signed, big-endian; -1 for a job that failed or was stopped) and the result.
A job is a module with a function `run(arguments, source)`, which is named by the parent process and never by a sender.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import struct
import sys
from typing import IO, Any

from outlook_mcp.text.isolated.limits import JobLimits, limit_this_process

LENGTH = struct.Struct(">q")
FAILED = -1
_CHUNK = 65_536


def serve_jobs(requests: IO[bytes], answers: IO[bytes], idle_seconds: float) -> None:
    """Answers requests until the input ends or nobody has asked for `idle_seconds`."""
    while _is_asked(requests, idle_seconds):
        line = requests.readline()
        if not line:
            return
        header = json.loads(line)
        result = _result_of(header, requests.read(header["size"]))
        answers.write(LENGTH.pack(FAILED if result is None else len(result)))
        answers.write(result or b"")
        answers.flush()
        if not hasattr(os, "fork"):
            return  # The job ran in this very process, which is not to be used for another one.


def _is_asked(requests: IO[bytes], idle_seconds: float) -> bool:
    if sys.platform == "win32":
        return True  # Windows cannot wait for a pipe.
    return bool(select.select([requests], [], [], idle_seconds)[0])


def _result_of(header: dict[str, Any], source: bytes) -> bytes | None:
    """The result of the job; None if it raised or was stopped."""
    limits = JobLimits(**header["limits"])
    # Imported before the fork, so that the next job finds the module in place.
    job = importlib.import_module(header["job"])
    if not hasattr(os, "fork"):
        return _run(job, header["arguments"], source)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run_and_exit(job, header["arguments"], source, limits, writing)
    os.close(writing)
    result = _read_all(reading, limits.output_bytes)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return result if status == 0 else None


def _run(job: Any, arguments: list[str], source: bytes) -> bytes | None:
    try:
        result: bytes = job.run(arguments, source)
    except Exception:
        return None
    return result


def _run_and_exit(job: Any, arguments: list[str], source: bytes, limits: JobLimits, writing: int) -> None:
    """In the forked process: never returns, whatever happens."""
    try:
        limit_this_process(limits)
        result = memoryview(job.run(arguments, source))
        while result:
            result = result[os.write(writing, result[:_CHUNK]) :]
        os._exit(0)
    except BaseException:
        os._exit(1)


def _read_all(reading: int, limit: int) -> bytes | None:
    """Everything up to the end of the pipe; None if that is more than `limit` bytes."""
    pieces, size = [], 0
    while piece := os.read(reading, _CHUNK):
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
    return b"".join(pieces) if size <= limit else None


if __name__ == "__main__":
    serve_jobs(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[1]))
