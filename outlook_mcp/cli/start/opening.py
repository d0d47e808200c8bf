"""Reads standard input from the first millisecond of `serve` over stdio, and hands it to the server when that is there.

Until then a client is answered from the snapshot of an earlier start, where one fits. Its first request goes to the
server as well, which needs to know how the connection began; the answer that the server gives to it is not sent.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence

from outlook_mcp.cli.start.key import answers_key, cache_folder
from outlook_mcp.cli.start.snapshot import Snapshot, load_answers

if sys.platform != "win32":
    import fcntl

Deliver = Callable[[bytes], object]
_READ_BYTES = 65_536
_FIRST_OF_OURS = 3


class Opening:
    """Standard input and output, taken away from everything else in the process: a stray `print` reaches neither.

    `key` and `folder` say where a snapshot of this start is kept.
    """

    def __init__(self, snapshot: Snapshot | None, key: str, folder: str) -> None:
        self.key = key
        self.folder = folder
        self.has_snapshot = snapshot is not None
        # The ids of requests that are answered already and go to the server all the same.
        self.answered: list[str | int] = []
        self.output = _taken(1, os.dup(2))
        self._input = _taken(0, os.open(os.devnull, os.O_RDONLY))
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._deliver: Deliver | None = None
        # A thread of its own for the life of the process: a read that waits for a client cannot be cancelled.
        threading.Thread(target=self._read_lines, name="stdin", daemon=True).start()

    def hand_over(self, deliver: Deliver) -> None:
        """From now on `deliver` gets each line, in the thread that reads; first those that wait for the server.

        The empty line is the end of input.
        """
        with self._lock:
            for line in self._waiting:
                deliver(line)
            self._waiting.clear()
            self._deliver = deliver

    def _read_lines(self) -> None:
        rest = b""
        while chunk := self._next_chunk():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take_line(line)
        if rest:
            self._take_line(rest)
        self._take_line(b"", is_end=True)

    def _next_chunk(self) -> bytes:
        try:
            return os.read(self._input, _READ_BYTES)
        except OSError:
            return b""

    def _take_line(self, line: bytes, *, is_end: bool = False) -> None:
        if not line.strip() and not is_end:
            return
        with self._lock:
            if self._deliver is not None:
                self._deliver(line)
            elif not self._answered(line):
                self._waiting.append(line)

    def _answered(self, line: bytes) -> bool:
        found = self._snapshot.answer_to(line) if self._snapshot else None
        if found is None:
            return False
        request_id, answer = found
        try:
            while answer:
                answer = answer[os.write(self.output, answer) :]
        except OSError:
            # The client is gone, which the server will find as well.
            return False
        if not self.answered:
            self.answered.append(request_id)
            self._waiting.append(line)
        return True


def open_stdio(arguments: Sequence[str]) -> Opening | None:
    """For `serve` over stdio with a client at the other end; None for any other command, and on Windows."""
    if arguments[:1] != ["serve"] or any(argument.startswith(("-h", "--h")) for argument in arguments):
        return None
    if sys.platform == "win32" or not _has_client():
        return None
    key, folder = answers_key(arguments, os.environ), cache_folder(os.environ)
    answers = load_answers(folder, key)
    return Opening(Snapshot(answers) if answers else None, key, folder)


def _has_client() -> bool:
    """Whether input comes from a program: a person who starts it at a terminal is told what it waits for."""
    try:
        return not os.isatty(0) and all(os.fstat(descriptor) for descriptor in range(_FIRST_OF_OURS))
    except OSError:
        return False


def _taken(descriptor: int, replacement: int) -> int:
    """A private copy of `descriptor`, which stands for `replacement` from now on."""
    private = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_OF_OURS)
    os.dup2(replacement, descriptor)
    os.close(replacement)
    return private
