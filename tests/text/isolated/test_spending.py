from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from outlook_mcp.text.isolated.limits import JobLimits
from outlook_mcp.text.isolated.processes import ProcessSettings, WorkerProcesses
from outlook_mcp.text.isolated.spending import Spending, SpendingLimits, UserTime, begin_call
from outlook_mcp.text.quotes.history import drop_repeated
from tests.text.isolated.test_processes import JOBS, BlockingJob, needs_fork

LIMITS = SpendingLimits(job_seconds=2, call_seconds=3, user_seconds=5, user_gain=0.5, least_seconds=0.25)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_usual_for_its_size_is_not_charged() -> None:
    spending = Spending(limits=LIMITS)
    for _ in range(50):
        spending.charge(0.15, 150_000)
    assert spending.seconds_for(0) == 2


def test_four_expensive_messages_cost_less_than_four_times_one() -> None:
    spending = Spending(limits=LIMITS)
    allowed = []
    for _ in range(4):
        allowed.append(spending.seconds_for(0))
        spending.charge(allowed[-1], 0)
    assert allowed == [2, 1, 0.25, 0.25]
    assert spending.is_used_up
    assert not spending.is_overdrawn


def test_in_the_end_nothing_more_is_read_in_a_call() -> None:
    spending = Spending(limits=LIMITS)
    for _ in range(25):
        spending.charge(0.25, 0)
    assert spending.is_overdrawn


def test_a_large_message_has_time_for_its_size_but_never_more_than_a_job() -> None:
    spending = Spending(limits=LIMITS)
    spending.charge(3, 0)
    assert spending.seconds_for(1_000_000) == 1.25
    assert spending.seconds_for(100_000_000) == 2


def test_a_user_has_a_time_for_all_calls_and_gets_it_back_slowly() -> None:
    clock = Clock()
    user = UserTime(LIMITS, clock)
    for _ in range(2):
        Spending("alice", user, LIMITS).charge(2.5, 0)
    assert Spending("alice", user, LIMITS).is_used_up
    clock.now += 2
    assert not Spending("alice", user, LIMITS).is_used_up
    assert user.left() == 1
    clock.now += 1_000
    assert user.left() == 5


@pytest.fixture
def processes() -> Iterator[WorkerProcesses]:
    processes = WorkerProcesses(ProcessSettings(limits=JobLimits(cpu_seconds=2, wall_seconds=5)))
    yield processes
    processes.close()


@needs_fork
async def test_a_stopped_job_is_charged_to_its_call_and_user(processes: WorkerProcesses) -> None:
    spending = begin_call("carol", limits=SpendingLimits(job_seconds=0.1, call_seconds=0.15, least_seconds=0.05))
    assert await processes.run(JOBS, "spin", source=b"") == b""
    assert not spending.is_used_up or spending.is_overdrawn is False
    assert await processes.run(JOBS, "spin", source=b"") == b""
    assert spending.is_used_up
    assert not Spending("dave").is_used_up


@needs_fork
async def test_a_cheap_job_is_not_charged(processes: WorkerProcesses) -> None:
    spending = begin_call("erin", limits=SpendingLimits(call_seconds=0.5, least_seconds=0.4))
    for _ in range(3):
        assert await processes.run(JOBS, "reverse", source=b"x" * 1_000_000)
    assert not spending.is_used_up


@needs_fork
async def test_one_user_takes_a_part_of_the_processes_and_others_are_served(tmp_path: Path) -> None:
    processes = WorkerProcesses(ProcessSettings(most_processes=2, most_processes_of_one_user=1))
    first, second = (BlockingJob(processes, tmp_path / name) for name in ("first", "second"))

    async def of_alice(job: BlockingJob) -> None:
        begin_call("alice")
        await job.run()

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(of_alice, first)
            await first.started()
            tasks.start_soon(of_alice, second)
            await anyio.wait_all_tasks_blocked()
            begin_call("bob")
            assert await processes.run(JOBS, "reverse", source=b"ab") == b"ba"
            await first.release()
            await second.started()
            await second.release()
        assert (first.result, second.result) == (b"done", b"done")
    finally:
        processes.close()


async def test_a_thread_does_not_hash_its_earlier_messages_again_for_each_message() -> None:
    spending = begin_call("heidi")
    earlier = [f"message {number}\n\nwith a signature\nof two lines" for number in range(20)]
    for place in range(20):
        text = f"new {place}\n\nwith a signature\nof two lines"
        assert drop_repeated(text, earlier[:place])[0] == (text if place == 0 else f"new {place}")
    hashed = [key for key in spending.results if isinstance(key, tuple) and key[0] == "keys"]
    assert len(hashed) == 19
