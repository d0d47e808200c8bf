"""One worker process, as the server sees it."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Hashable
from contextlib import suppress

import anyio
import anyio.to_thread

from outlook_mcp.text.isolated.fork import HEAD
from outlook_mcp.text.isolated.worker import SECONDS

# The result of a job, empty if it failed, and its CPU seconds.
Answer = tuple[bytes, float]
_AT_ONCE = 65_536
# How long a worker may take to start, to import the module of a job and to fork.
_READY_WITHIN_S = 15.0


class NotBegun(Exception):
    """The process had ended before it was asked, as one does that nobody needed for long."""


class WorkerProcess(ABC):
    """Runs one job at a time. `owner` is the user of its last job."""

    owner: Hashable = None
    _process: subprocess.Popen[bytes]

    def is_running(self) -> bool:
        """False for one that has ended, for example because nobody needed it for long."""
        if self._process.poll() is None:
            return True
        self._close()
        return False

    @abstractmethod
    def is_ready_for(self, owner: Hashable, job: str) -> bool:
        """Whether this job may run here at once, where no other user's data are."""

    @abstractmethod
    def get_ready_for(self, owner: Hashable, job: str) -> None:
        """Makes it so, or the next answer None. Blocks for milliseconds, or until the module of the job is imported.

        Raises NotBegun.
        """

    @abstractmethod
    async def answer_to(self, request: bytes, most_bytes: int) -> Answer | None:
        """Runs one job, whose result may have so many bytes. None if the process was stopped. Raises NotBegun."""

    def kill(self) -> None:
        """Stops the process and its job, and waits for its end."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    @abstractmethod
    def _close(self) -> None: ...


class ForkingWorker(WorkerProcess):
    """A worker whose jobs run in a fork, to which the server is connected; see `worker`."""

    def __init__(self, idle_seconds: float, usual_job: str) -> None:
        self._worker, of_worker = socket.socketpair()
        self._worker.settimeout(_READY_WITHIN_S)
        with of_worker:
            self._process = _started(str(idle_seconds), usual_job, stdin=of_worker.fileno())
        self._fork: socket.socket | None = None
        # The modules that it has imported, and what the jobs of its fork have taken until now.
        self._jobs = {usual_job}
        self._seconds = 0.0

    def is_ready_for(self, owner: Hashable, job: str) -> bool:
        if self._fork is None or owner is None or owner != self.owner or job not in self._jobs:
            return False
        try:
            self._fork.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        # It has ended, as nobody needed it for long.
        return False

    def get_ready_for(self, owner: Hashable, job: str) -> None:
        self._leave_fork()
        self.owner, self._seconds = owner, 0.0
        try:
            self._worker.sendall(job.encode() + b"\n")
            _, connections, *_ = socket.recv_fds(self._worker, 1, 1)
        except TimeoutError:
            return
        except OSError as error:
            raise NotBegun from error
        for connection in connections:
            self._jobs.add(job)
            # It is not for other programs that the server starts.
            os.set_inheritable(connection, False)
            self._fork = socket.socket(fileno=connection)
            self._fork.setblocking(False)
        if self._worker.fileno() < 0:
            # Nobody waited for it any more, so it was stopped.
            self._leave_fork()

    async def answer_to(self, request: bytes, most_bytes: int) -> Answer | None:
        if self._fork is None:
            return None
        try:
            await _send(self._fork, request)
            answer = await _received(self._fork, most_bytes)
        except OSError as error:
            # The other end was closed before all was read.
            raise NotBegun from error
        if answer is None:
            return await anyio.to_thread.run_sync(self._stopped, abandon_on_cancel=True)
        result, seconds, goes_on = answer
        self._seconds += seconds
        if not goes_on:
            self._leave_fork()
        return result, seconds

    def _stopped(self) -> Answer | None:
        """No result, and what the job took whose fork has ended."""
        self._leave_fork()
        try:
            self._worker.sendall(b"\n")
            (seconds,) = SECONDS.unpack(self._worker.recv(SECONDS.size, socket.MSG_WAITALL))
        except (OSError, struct.error):
            return None
        return b"", max(0.0, seconds - self._seconds)

    def _leave_fork(self) -> None:
        if self._fork is not None:
            self._fork.close()
            self._fork = None

    def _close(self) -> None:
        self._leave_fork()
        self._worker.close()


class SingleJobWorker(WorkerProcess):
    """Where the system cannot fork: it runs one job itself and ends."""

    def __init__(self, usual_job: str) -> None:
        self._process = _started("alone", usual_job, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def is_ready_for(self, owner: Hashable, job: str) -> bool:
        return True

    def get_ready_for(self, owner: Hashable, job: str) -> None:
        """Nothing is to be done."""

    async def answer_to(self, request: bytes, most_bytes: int) -> Answer | None:
        # A limiter of its own: this thread only waits for a process and takes no thread away from others.
        thread = anyio.CapacityLimiter(1)
        return await anyio.to_thread.run_sync(
            self._answer_to, request, most_bytes, abandon_on_cancel=True, limiter=thread
        )

    def _answer_to(self, request: bytes, most_bytes: int) -> Answer | None:
        try:
            written, _ = self._process.communicate(request)
        except (OSError, ValueError):
            return None
        if len(written) < HEAD.size:
            return b"", 0.0
        length, seconds, _ = HEAD.unpack_from(written)
        result = written[HEAD.size :]
        return (result, seconds) if len(result) == length <= most_bytes else None

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _started(*arguments: str, stdin: int, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603, only our own module is run
        # -P: nothing is imported from the working directory.
        [sys.executable, "-P", "-m", "outlook_mcp.text.isolated.worker", *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        # A group of its own, so that it can be stopped together with the job it has forked.
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """What the interpreter needs to start: the server's own variables may hold its secrets."""
    needed = ("PATH", "LANG", "SYSTEMROOT", "LD_LIBRARY_PATH")
    return {name: value for name, value in os.environ.items() if name in needed or name.startswith(("PYTHON", "LC_"))}


async def _send(connection: socket.socket, request: bytes) -> None:
    rest = memoryview(request)
    while rest:
        try:
            rest = rest[connection.send(rest) :]
        except BlockingIOError:
            await anyio.wait_writable(connection)


async def _received(connection: socket.socket, most_bytes: int) -> tuple[bytes, float, bool] | None:
    """A result, its CPU seconds and whether the other end goes on; None if that ends or sends more than it may."""
    answer, length = bytearray(), 0
    while len(answer) < HEAD.size + length:
        try:
            part = connection.recv(_AT_ONCE)
        except BlockingIOError:
            await anyio.wait_readable(connection)
            continue
        answer += part
        if len(answer) >= HEAD.size:
            length, seconds, goes_on = HEAD.unpack_from(answer)
        if not part or not 0 <= length <= most_bytes:
            return None
    return bytes(answer[HEAD.size :]), seconds, goes_on
