"""Forks `outlook-mcp` commands out of a process that has loaded the whole package.

Run as `python -m tests.fork_server SOCKET`; ends when its standard input does. A command that is started the usual way
takes a second and more of CPU to load the package; otherwise a forked one is the same: a process with variables,
streams, signals and an exit status of its own.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import tempfile

import outlook_mcp
from outlook_mcp.cli import main

REQUEST_BYTES = 1 << 20
NUMBER = struct.Struct("=i")


def load_package() -> None:
    for module in pkgutil.walk_packages(outlook_mcp.__path__, "outlook_mcp."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    # What stands now is shared with every command, as long as nobody writes to it.
    gc.collect()
    gc.freeze()


def serve(address: str) -> list[str]:
    """Waits for requests; returns only in a forked command, with its arguments."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                if os.fork():
                    continue
                listener.close()
                return _supervise(connection)
    sys.exit(0)


def _supervise(connection: socket.socket) -> list[str]:
    """Forks the command and tells the other side its id, then its exit status; returns in the command alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, streams, _, _ = socket.recv_fds(connection, REQUEST_BYTES, 3)
    command = os.fork()
    if not command:
        connection.close()
        return _become(json.loads(request), streams)
    for stream in (*streams, *range(3)):
        os.close(stream)
    connection.sendall(NUMBER.pack(command))
    _, status = os.waitpid(command, 0)
    connection.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(request: dict[str, object], streams: list[int]) -> list[str]:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    variables, folder, arguments = request["variables"], request["folder"], request["arguments"]
    assert isinstance(variables, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(str(folder))
    tempfile.tempdir = None
    return arguments


if __name__ == "__main__":
    load_package()
    sys.exit(main(serve(sys.argv[1])))
