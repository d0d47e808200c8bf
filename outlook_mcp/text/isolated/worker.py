"""A process that waits for jobs and runs each in a fork of its own, with limits of its own.

A request on stdin is one line of JSON (`job`, `arguments`, `size`, `limits`) and `size` bytes of input; the answer on
stdout is HEAD, a length (-1 for a job that failed or was stopped) and the CPU seconds it took, and then the result.
A job is a module with a function `run(arguments, source)`, which is named by the parent process and never by a sender.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import struct
import sys
from typing import IO, Any

from outlook_mcp.text.isolated.limits import JobLimits, limit_this_process

HEAD = struct.Struct(">qd")
FAILED = -1
_CHUNK = 65_536


def serve_jobs(requests: IO[bytes], answers: IO[bytes], idle_seconds: float, usual_job: str = "") -> None:
    """Answers requests until the input ends or nobody has asked for `idle_seconds`. The module `usual_job` has
    a function `prepare`, which runs beforehand."""
    if usual_job:
        # Named by the parent process: workers of other jobs need not load it.
        importlib.import_module(usual_job).prepare()
    # A collection in a fork would write to every page that it shares with this process.
    gc.freeze()
    while _is_asked(requests, idle_seconds):
        line = requests.readline()
        if not line:
            return
        header = json.loads(line)
        result, seconds = _result_of(header, requests.read(header["size"]))
        answers.write(HEAD.pack(FAILED if result is None else len(result), seconds))
        answers.write(result or b"")
        answers.flush()
        if not hasattr(os, "fork"):
            return  # The job ran in this very process, which is not to be used for another one.


def _is_asked(requests: IO[bytes], idle_seconds: float) -> bool:
    if sys.platform == "win32":
        return True  # Windows cannot wait for a pipe.
    return bool(select.select([requests], [], [], idle_seconds)[0])


def _result_of(header: dict[str, Any], source: bytes) -> tuple[bytes | None, float]:
    """The result of the job, None if it raised or was stopped, and the CPU seconds it took."""
    limits = JobLimits(**header["limits"])
    # Imported before the fork, so that the next job finds the module in place.
    job = importlib.import_module(header["job"])
    if not hasattr(os, "fork"):
        return _run(job, header["arguments"], source), sum(os.times()[:2])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run_and_exit(job, header["arguments"], source, limits, writing)
    os.close(writing)
    result = _read_all(reading, limits.output_bytes)
    os.close(reading)
    _, status, usage = os.wait4(child, 0)
    return result if status == 0 else None, usage.ru_utime + usage.ru_stime


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
    serve_jobs(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[1]), *sys.argv[2:])
