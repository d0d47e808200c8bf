"""Jobs for the tests of worker processes. Run inside a worker process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """Does what its first argument says."""
    match arguments[0]:
        case "reverse":
            return source[::-1]
        case "pid":
            return f"{os.getpid()} {os.getppid()}".encode()
        case "input":
            return os.read(0, 1)
        case "variables":
            return " ".join(sorted(os.environ)).encode()
        case "limits":
            import resource

            cpu, memory = resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_AS)[0]
            return f"{cpu} {memory}".encode()
        case "spin":
            while True:
                pass
        case "sleep":
            threading.Event().wait()
        case "fill":
            return b"x" * 2**29
        case "swell":
            return str(len(bytearray(os.urandom(1)) * 2**27)).encode()
        case "exit":
            os._exit(3)
        case "orphan":
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(3)
        case "block":
            # Both open only when the test opens the other end.
            Path(arguments[1], "started").write_bytes(b"")
            return Path(arguments[1], "released").read_bytes()
    raise ValueError(arguments)
