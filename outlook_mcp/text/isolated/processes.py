"""Hostile input that is costly to read is read in limited processes; here is how many, and who waits for one."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock, Thread
from weakref import WeakValueDictionary

import anyio
import anyio.lowlevel
import anyio.to_thread
import msgspec

from outlook_mcp.errors import ServerBusy
from outlook_mcp.text.isolated.limits import JobLimits
from outlook_mcp.text.isolated.spending import Spending, current_spending
from outlook_mcp.text.isolated.worker_process import Answer, ForkingWorker, NotBegun, SingleJobWorker, WorkerProcess

# An idle process may end just as it is asked; what had not begun is asked of another one.
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSettings:
    """How many processes run at once, how long a caller waits for one and an unused one stays, both in seconds.

    The module `usual_job` has a function `prepare`, which a process runs before anybody asks. `forks` says whether the
    system can fork processes.
    """

    most_processes: int = 2 * (os.cpu_count() or 1)
    most_processes_of_one_user: int = os.cpu_count() or 1
    wait_seconds: float = 15.0
    idle_seconds: float = 120.0
    usual_job: str = ""
    forks: bool = sys.platform != "win32"
    limits: JobLimits = field(default_factory=JobLimits)


class WorkerProcesses:
    """Starts worker processes when they are needed and keeps them for the next job.

    Jobs run in forks, each for the jobs of one user, so no job sees what another user has read. A job of nobody in
    particular has a fork of its own. May be used by several event loops.
    """

    def __init__(self, settings: ProcessSettings | None = None) -> None:
        self._settings = settings or ProcessSettings()
        self._idle: list[WorkerProcess] = []
        self._lock = Lock()
        self._is_warming = False
        self._places: anyio.lowlevel.RunVar[_Places] = anyio.lowlevel.RunVar(f"places {id(self)}")

    async def run(self, job: str, *arguments: str, source: bytes) -> bytes:
        """What the function `run` of the module `job` returns for `source`; empty if it failed or was stopped.

        Its time is limited by what the running call and its user have left, and charged to them. Raises ServerBusy if
        no other job ended in time to make room for this one. A job whose caller is cancelled is stopped at once.
        """
        spending = current_spending()
        async with self._place(spending.owner):
            limits = self._limits_for(spending, len(source))
            request, answer = _request(job, arguments, source, limits), None
            try:
                for _ in range(_ATTEMPTS):
                    with suppress(NotBegun):
                        answer = await self._answer_of_a_process(spending.owner, job, request, limits)
                        break
            finally:
                spending.charge(answer[1] if answer else limits.cpu_seconds, len(source))
            return answer[0] if answer else b""

    async def _answer_of_a_process(self, owner: Hashable, job: str, request: bytes, limits: JobLimits) -> Answer | None:
        """The answer of an idle process or of a new one; None if it was stopped. Raises NotBegun."""
        # A limiter of its own: these threads only wait for a process and take no thread away from others.
        thread = anyio.CapacityLimiter(1)
        worker = self._idle_worker(owner)
        if worker is None:
            worker = await anyio.to_thread.run_sync(self._new_worker, limiter=thread)
        answer = None
        try:
            if not worker.is_ready_for(owner, job):
                await anyio.to_thread.run_sync(worker.get_ready_for, owner, job, abandon_on_cancel=True, limiter=thread)
            with anyio.move_on_after(limits.wall_seconds + 1):
                answer = await worker.answer_to(request, limits.output_bytes)
        finally:
            if answer is None:
                # On a busy machine it takes a while until a process has ended.
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(worker.kill, limiter=anyio.CapacityLimiter(1))
            else:
                self._keep(worker)
        return answer

    def warm(self) -> None:
        """Starts a process in the background if none is waiting, so that the next job need not wait for it."""
        with self._lock:
            if self._idle or self._is_warming:
                return
            self._is_warming = True
        Thread(target=self._add_worker, daemon=True).start()

    def _add_worker(self) -> None:
        try:
            self._keep(self._new_worker())
        finally:
            self._is_warming = False

    def _limits_for(self, spending: Spending, size: int) -> JobLimits:
        limits = self._settings.limits
        return replace(limits, cpu_seconds=min(limits.cpu_seconds, spending.seconds_for(size)))

    def close(self) -> None:
        """Ends all idle processes."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.kill()

    def _keep(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._idle.append(worker)

    def _idle_worker(self, owner: Hashable) -> WorkerProcess | None:
        """The one that `owner` has used last, else the one that was used last by anybody."""
        with self._lock:
            # All are looked at: the system keeps a process that has ended until somebody has.
            self._idle = [worker for worker in self._idle if worker.is_running()]
            worker = next((known for known in reversed(self._idle) if known.owner == owner), None)
            worker = worker or (self._idle[-1] if self._idle else None)
            if worker is not None:
                self._idle.remove(worker)
            return worker

    def _new_worker(self) -> WorkerProcess:
        settings = self._settings
        if not settings.forks:
            return SingleJobWorker(settings.usual_job)
        return ForkingWorker(settings.idle_seconds, settings.usual_job)

    @asynccontextmanager
    async def _place(self, owner: Hashable) -> AsyncIterator[None]:
        """One of the processes that may run at once, and one of those of its user: each may take a core for seconds."""
        places = self._places.get(None)
        if places is None:
            places = _Places(self._settings)
            self._places.set(places)
        # Borrowers are told apart by the place they ask for, as one task may read several bodies.
        borrower = object()
        limiters = (places.of_user(owner), places.all)
        taken: list[anyio.CapacityLimiter] = []
        try:
            with anyio.move_on_after(self._settings.wait_seconds) as waiting:
                for limiter in limiters:
                    await _take_place(limiter, borrower)
                    taken.append(limiter)
            if waiting.cancelled_caught:
                raise ServerBusy("Too many large messages are being read at this moment.")
            yield
        finally:
            for limiter in reversed(taken):
                limiter.release_on_behalf_of(borrower)


class _Places:
    """The places of one event loop."""

    def __init__(self, settings: ProcessSettings) -> None:
        self.all = anyio.CapacityLimiter(settings.most_processes)
        self._most_of_user = min(settings.most_processes_of_one_user, settings.most_processes)
        self._of_users: WeakValueDictionary[Hashable, anyio.CapacityLimiter] = WeakValueDictionary()

    def of_user(self, owner: Hashable) -> anyio.CapacityLimiter:
        """The places of one user, kept as long as a call uses them. Where nobody is named, one for each job."""
        if owner is None:
            return anyio.CapacityLimiter(1)
        limiter = self._of_users.get(owner)
        if limiter is None:
            limiter = self._of_users[owner] = anyio.CapacityLimiter(self._most_of_user)
        return limiter


async def _take_place(limiter: anyio.CapacityLimiter, borrower: object) -> None:
    """At once where there is a place: also a wait for nothing lets all other tasks run first."""
    try:
        limiter.acquire_on_behalf_of_nowait(borrower)
    except anyio.WouldBlock:
        await limiter.acquire_on_behalf_of(borrower)


def _request(job: str, arguments: Sequence[str], source: bytes, limits: JobLimits) -> bytes:
    header = {"job": job, "arguments": arguments, "size": len(source), "limits": limits}
    return msgspec.json.encode(header) + b"\n" + source


@cache
def shared_processes() -> WorkerProcesses:
    """The worker processes of this server, which end with it."""
    processes = WorkerProcesses(ProcessSettings(usual_job="outlook_mcp.text.html.job"))
    atexit.register(processes.close)
    return processes
