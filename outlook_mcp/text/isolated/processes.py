"""Hostile input that is costly to read is read in limited processes; here is how many, and who waits for one."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from threading import Lock

import anyio
import anyio.lowlevel
import anyio.to_thread

from outlook_mcp.errors import ServerBusy
from outlook_mcp.text.isolated.limits import JobLimits
from outlook_mcp.text.isolated.worker import LENGTH


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """How many processes run at once, how long a caller waits for one and an unused one stays, both in seconds."""

    most_processes: int = 2 * (os.cpu_count() or 1)
    wait_seconds: float = 15.0
    idle_seconds: float = 120.0
    limits: JobLimits = field(default_factory=JobLimits)


class WorkerProcesses:
    """Starts worker processes when they are needed and keeps them for the next job.

    Each job runs in a fork of its own, so no job sees what another one has read. May be used by several event loops.
    """

    def __init__(self, settings: ProcessSettings | None = None) -> None:
        self._settings = settings or ProcessSettings()
        self._idle: list[_Worker] = []
        self._lock = Lock()
        self._running: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar(f"workers {id(self)}")

    async def run(self, job: str, *arguments: str, source: bytes) -> bytes:
        """What the function `run` of the module `job` returns for `source`; empty if it failed or was stopped.

        Raises ServerBusy if no other job ended in time to make room for this one. A job whose caller is cancelled is
        stopped at once.
        """
        header = {
            "job": job,
            "arguments": arguments,
            "size": len(source),
            "limits": asdict(self._settings.limits),
        }
        request = json.dumps(header).encode() + b"\n" + source
        async with self._place():
            # A limiter of its own: these threads only wait for a process and take no thread away from others.
            thread = anyio.CapacityLimiter(1)
            worker = await anyio.to_thread.run_sync(self._take_worker, limiter=thread)
            result = None
            try:
                with anyio.move_on_after(self._settings.limits.wall_seconds + 1):
                    result = await anyio.to_thread.run_sync(
                        worker.answer_to, request, abandon_on_cancel=True, limiter=thread
                    )
            finally:
                if result is None:
                    worker.kill()
                else:
                    self._keep(worker)
            return result or b""

    def close(self) -> None:
        """Ends all idle processes."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.kill()

    def _keep(self, worker: _Worker) -> None:
        with self._lock:
            self._idle.append(worker)

    def _take_worker(self) -> _Worker:
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return _Worker(self._settings.idle_seconds)
            if worker.is_running():
                return worker

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the processes that may run at once, whoever asks: each may take a core for seconds."""
        limiter = self._running.get(None)
        if limiter is None:
            limiter = anyio.CapacityLimiter(self._settings.most_processes)
            self._running.set(limiter)
        # Borrowers are told apart by the place they ask for, as one task may read several bodies.
        borrower = object()
        with anyio.move_on_after(self._settings.wait_seconds) as waiting:
            await limiter.acquire_on_behalf_of(borrower)
        if waiting.cancelled_caught:
            raise ServerBusy("Too many large messages are being read at this moment.")
        try:
            yield
        finally:
            limiter.release_on_behalf_of(borrower)


class _Worker:
    """One worker process. Its methods block, so they are called in threads."""

    def __init__(self, idle_seconds: float) -> None:
        self._process = subprocess.Popen(  # noqa: S603, only our own module is run
            # -P: nothing is imported from the working directory.
            [sys.executable, "-P", "-m", "outlook_mcp.text.isolated.worker", str(idle_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A group of its own, so that it can be stopped together with the job it has forked.
            start_new_session=True,
        )

    def is_running(self) -> bool:
        """False for one that has ended, for example because nobody needed it for long."""
        if self._process.poll() is None:
            return True
        self._close()
        return False

    def answer_to(self, request: bytes) -> bytes | None:
        """Runs one job; None if it failed or the process was stopped."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
            head = self._process.stdout.read(LENGTH.size)
            length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else -1
            result = self._process.stdout.read(length) if length >= 0 else b""
        except (OSError, ValueError):
            return None
        return result if len(result) == length else None

    def kill(self) -> None:
        """Stops the process and its job, and waits for its end."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


@cache
def shared_processes() -> WorkerProcesses:
    """The worker processes of this server, which end with it."""
    processes = WorkerProcesses()
    atexit.register(processes.close)
    return processes
