"""Starts `outlook-mcp` commands as processes forked from one that has loaded the package (see `tests.fork_server`)."""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fork_server import NUMBER

ROOT = Path(__file__).parents[1]
DEADLINE_S = 60.0


@functools.cache
def _server_address() -> str:
    """Of the server of this process, which is started at the first call and ends with this process."""
    folder = tempfile.mkdtemp(prefix="fork-server-")
    address = os.path.join(folder, "socket")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("OUTLOOK_MCP_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fork_server", address],
        env=variables,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"

    def end() -> None:
        server.communicate(timeout=DEADLINE_S)
        os.unlink(address)
        os.rmdir(folder)

    atexit.register(end)
    return address


class ForkedCommand:
    """A command under way, with the methods of `subprocess.Popen` that tests use."""

    def __init__(
        self, arguments: Sequence[str], variables: Mapping[str, str], streams: tuple[int, int, int], folder: Path = ROOT
    ) -> None:
        """Starts `outlook-mcp` with these arguments; the descriptors of the streams stay open here."""
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(DEADLINE_S)
        self._connection.connect(_server_address())
        request = {"arguments": list(arguments), "variables": dict(variables), "folder": str(folder)}
        socket.send_fds(self._connection, [json.dumps(request).encode()], streams)
        self.pid = self._next_number()

    def _next_number(self) -> int:
        return int(NUMBER.unpack(self._connection.recv(NUMBER.size, socket.MSG_WAITALL))[0])

    def wait(self, deadline_s: float | None = None) -> int:
        """The exit status, negative for the signal that ended it.

        Raises:
            TimeoutError: It has not ended in time.
        """
        if self.returncode is None:
            self._connection.settimeout(deadline_s)
            self.returncode = self._next_number()
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        if self.returncode is None:
            self._connection.settimeout(0)
            try:
                self._connection.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return None
            self.wait(DEADLINE_S)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
