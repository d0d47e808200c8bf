"""A process from which forks are made that run jobs, each with limits of its own.

A job is a module with a function `run(arguments, source)`, which is named by the server and never by a sender. The
server asks over a socket, which is standard input here. For a line with the name of a module it gets the connection to
a new fork, in which that module is imported already; the fork before is ended. For an empty line the fork is ended, and
the answer is SECONDS, the CPU time of its life. Where the system cannot fork, one request as `fork` describes it comes
over standard input, runs in this very process and is answered over standard output.
"""

from __future__ import annotations

import gc
import json
import select
import socket
import struct
import sys
from typing import IO

from outlook_mcp.text.isolated.fork import HEAD, Fork, job_module
from outlook_mcp.text.isolated.limits import cpu_seconds_used

SECONDS = struct.Struct(">d")
# A fork holds what one user has read, so an unused one ends long before the worker does.
_FORK_IDLE_SECONDS = 20.0


def _serve_forks(server: socket.socket, idle_seconds: float) -> None:
    """Makes forks until the server is gone or has asked for none for `idle_seconds`, while there was none."""
    # A collection in a fork would write to every page that it shares with this process.
    gc.freeze()
    lines = server.makefile("rb")
    fork: Fork | None = None
    seconds = 0.0
    while True:
        watched: list[socket.socket | Fork] = [server, fork] if fork else [server]
        waiting, *_ = select.select(watched, [], [], None if fork else idle_seconds)
        if fork:
            # It is asked for another one, or this one has ended.
            seconds, fork = fork.end(), None
        if server not in waiting:
            if not waiting:
                return
            continue
        line = lines.readline()
        if not line:
            return
        if job := line.strip().decode():
            job_module(job)
            fork = Fork(min(_FORK_IDLE_SECONDS, idle_seconds))
            with fork.connection:
                socket.send_fds(server, [b"\n"], [fork.connection.fileno()])
        else:
            server.sendall(SECONDS.pack(seconds))


def _run_one_job(request: IO[bytes], answer: IO[bytes]) -> None:
    """Answers one request, which is not followed by another one in the same process."""
    line = request.readline()
    if line:
        header = json.loads(line)
        result: bytes = job_module(header["job"]).run(header["arguments"], request.read(header["size"]))
        answer.write(HEAD.pack(len(result), cpu_seconds_used(), False) + result)


if __name__ == "__main__":
    if usual_job := sys.argv[2]:
        # Named by the server: workers of other jobs need not load it.
        job_module(usual_job).prepare()
    if sys.argv[1] == "alone":
        _run_one_job(sys.stdin.buffer, sys.stdout.buffer)
    else:
        _serve_forks(socket.socket(fileno=sys.stdin.fileno()), float(sys.argv[1]))
