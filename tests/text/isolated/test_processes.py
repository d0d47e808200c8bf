from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import psutil
import pytest

from outlook_mcp.errors import ServerBusy
from outlook_mcp.text.isolated.limits import JobLimits
from outlook_mcp.text.isolated.processes import ProcessSettings, WorkerProcesses
from outlook_mcp.text.isolated.spending import begin_call
from outlook_mcp.text.isolated.worker_process import ForkingWorker

JOBS = "tests.text.isolated.jobs"
# Longer than a busy machine takes to ask a process that has just begun to wait.
SOON_S = 0.3
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork and knows no such limits")


@pytest.fixture
def new_children() -> Callable[[], list[psutil.Process]]:
    """The processes that were started since the test began."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: [child for child in psutil.Process().children(recursive=True) if child not in before]


@pytest.fixture
def two_processes() -> Iterator[WorkerProcesses]:
    processes = WorkerProcesses(ProcessSettings(most_processes=2, limits=JobLimits(cpu_seconds=1, wall_seconds=2)))
    yield processes
    processes.close()


class BlockingJob:
    """A job that tells when it has started and ends when it is released."""

    def __init__(self, processes: WorkerProcesses, folder: Path) -> None:
        folder.mkdir()
        self._processes, self._folder = processes, folder
        os.mkfifo(folder / "started")
        os.mkfifo(folder / "released")
        self.result = b""

    async def run(self) -> None:
        self.result = await self._processes.run(JOBS, "block", str(self._folder), source=b"")

    async def started(self) -> None:
        await anyio.to_thread.run_sync((self._folder / "started").read_bytes)

    async def release(self) -> None:
        await anyio.to_thread.run_sync((self._folder / "released").write_bytes, b"done")


async def test_a_job_gets_its_input_and_its_result_comes_back(two_processes: WorkerProcesses) -> None:
    source = bytes(range(256)) * 4_000
    assert await two_processes.run(JOBS, "reverse", source=source) == source[::-1]


async def test_a_job_sees_no_setting_of_the_server(
    two_processes: WorkerProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_CLIENT_SECRET", "hunter2")
    variables = (await two_processes.run(JOBS, "variables", source=b"")).decode().split()
    assert "PATH" in variables
    assert not [name for name in variables if name.startswith("OUTLOOK_MCP_")]


@needs_fork
async def test_each_job_runs_in_a_process_of_its_own_below_a_worker_that_stays(two_processes: WorkerProcesses) -> None:
    first, second = [(await two_processes.run(JOBS, "pid", source=b"")).split() for _ in range(2)]
    assert first[1] == second[1]
    assert len({first[0], second[0], first[1]}) == 3


@needs_fork
async def test_jobs_of_one_user_share_a_process_that_no_other_user_gets(two_processes: WorkerProcesses) -> None:
    async def fork_of(user: str, *, source: bytes = b"") -> bytes:
        begin_call(user)
        return (await two_processes.run(JOBS, "pid", source=source)).split()[0]

    first = await fork_of("megan")
    assert await fork_of("megan") == first
    second = await fork_of("alex")
    assert second != first
    # The process of the first user has ended.
    assert await fork_of("megan") not in (first, second)


@needs_fork
async def test_what_the_server_tells_a_worker_cannot_be_read_by_a_job(two_processes: WorkerProcesses) -> None:
    begin_call("megan")
    assert await two_processes.run(JOBS, "input", source=b"") == b""
    assert await two_processes.run(JOBS, "reverse", source=b"ab") == b"ba"


@needs_fork
async def test_a_job_gets_another_process_of_the_worker_when_that_of_its_user_has_ended_meanwhile(
    two_processes: WorkerProcesses,
) -> None:
    begin_call("megan")
    ended, worker = map(int, (await two_processes.run(JOBS, "pid", source=b"")).split())
    process = psutil.Process(ended)
    process.kill()
    await anyio.to_thread.run_sync(psutil.wait_procs, [process])
    again = tuple(map(int, (await two_processes.run(JOBS, "pid", source=b"")).split()))
    assert again[0] != ended
    assert again[1] == worker


@pytest.mark.parametrize(("what", "result"), [("reverse", b"ba"), ("exit", b""), ("unknown", b"")])
async def test_where_processes_cannot_fork_each_job_has_a_worker_of_its_own(what: str, result: bytes) -> None:
    processes = WorkerProcesses(ProcessSettings(forks=False))
    try:
        assert await processes.run(JOBS, what, source=b"ab") == result
        assert await processes.run(JOBS, "reverse", source=b"cd") == b"dc"
    finally:
        processes.close()


@needs_fork
@pytest.mark.parametrize(("what", "size"), [("spin", 0), ("exit", 0), ("reverse", 1_000_000), ("swell", 0)])
async def test_no_job_follows_one_that_failed_or_was_large_in_its_process(
    two_processes: WorkerProcesses, what: str, size: int
) -> None:
    begin_call("megan")
    before = (await two_processes.run(JOBS, "pid", source=b"")).split()[0]
    assert (await two_processes.run(JOBS, "pid", source=b"")).split()[0] == before
    await two_processes.run(JOBS, what, source=bytes(size))
    begin_call("megan")
    assert (await two_processes.run(JOBS, "pid", source=b"")).split()[0] != before


@needs_fork
async def test_a_job_may_use_two_seconds_of_cpu_and_256_mebibytes() -> None:
    processes = WorkerProcesses()
    try:
        assert (await processes.run(JOBS, "limits", source=b"")).split() == [b"2", str(256 * 2**20).encode()]
    finally:
        processes.close()


@needs_fork
@pytest.mark.parametrize("what", ["spin", "sleep", "fill", "exit", "orphan", "unknown"])
async def test_a_job_over_a_limit_or_in_error_gives_nothing_and_the_next_one_runs(
    two_processes: WorkerProcesses, what: str
) -> None:
    assert await two_processes.run(JOBS, what, source=b"") == b""
    assert await two_processes.run(JOBS, "reverse", source=b"ab") == b"ba"


@needs_fork
async def test_no_more_jobs_run_at_once_than_allowed(
    two_processes: WorkerProcesses, tmp_path: Path, new_children: Callable[[], list[psutil.Process]]
) -> None:
    jobs = [BlockingJob(two_processes, tmp_path / str(number)) for number in range(3)]
    async with anyio.create_task_group() as tasks:
        for job in jobs:
            tasks.start_soon(job.run)
        await jobs[0].started()
        await jobs[1].started()
        await anyio.wait_all_tasks_blocked()
        workers_and_jobs = 4
        assert len(new_children()) == workers_and_jobs
        await jobs[0].release()
        await jobs[2].started()
        await jobs[1].release()
        await jobs[2].release()
    assert [job.result for job in jobs] == [b"done"] * 3


@needs_fork
async def test_a_caller_who_waits_too_long_for_a_process_is_told_and_keeps_no_place(tmp_path: Path) -> None:
    processes = WorkerProcesses(ProcessSettings(most_processes=1, wait_seconds=0.05))
    job = BlockingJob(processes, tmp_path / "job")
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(job.run)
            await job.started()
            with pytest.raises(ServerBusy, match="Too many large messages"):
                await processes.run(JOBS, "reverse", source=b"ab")
            await job.release()
        assert await processes.run(JOBS, "reverse", source=b"ab") == b"ba"
    finally:
        processes.close()


@needs_fork
async def test_the_job_of_a_cancelled_caller_is_stopped_at_once(
    two_processes: WorkerProcesses, tmp_path: Path, new_children: Callable[[], list[psutil.Process]]
) -> None:
    job = BlockingJob(two_processes, tmp_path / "job")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(job.run)
        await job.started()
        tasks.cancel_scope.cancel()
    assert new_children() == []
    assert await two_processes.run(JOBS, "reverse", source=b"ab") == b"ba"


@needs_fork
@pytest.mark.parametrize("looked_at", ["is_running", "is_ready_for"])
async def test_a_job_is_done_although_an_idle_process_ends_just_as_it_is_asked(
    monkeypatch: pytest.MonkeyPatch, new_children: Callable[[], list[psutil.Process]], looked_at: str
) -> None:
    processes = WorkerProcesses(ProcessSettings(idle_seconds=SOON_S))
    begin_call("somebody")
    look, seen = getattr(ForkingWorker, looked_at), [True]
    try:
        await processes.run(JOBS, "reverse", source=b"")
        await anyio.to_thread.run_sync(psutil.wait_procs, new_children())
        monkeypatch.setattr(ForkingWorker, "is_running", lambda _: True)
        monkeypatch.setattr(ForkingWorker, looked_at, lambda *of: seen.pop() if seen else look(*of))
        assert await processes.run(JOBS, "reverse", source=b"ab") == b"ba"
    finally:
        processes.close()


@needs_fork
async def test_a_worker_that_nobody_needs_ends_and_another_takes_its_place(
    new_children: Callable[[], list[psutil.Process]],
) -> None:
    processes = WorkerProcesses(ProcessSettings(idle_seconds=SOON_S))
    try:
        first = (await processes.run(JOBS, "pid", source=b"")).split()[1]
        await anyio.to_thread.run_sync(psutil.wait_procs, new_children())
        assert (await processes.run(JOBS, "pid", source=b"")).split()[1] != first
    finally:
        processes.close()
