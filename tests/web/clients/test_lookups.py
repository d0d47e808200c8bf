"""Names that are never answered hold up nobody: each lookup has a thread of its own, and one domain has few."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import anyio
import pytest

from outlook_mcp.net.public_address import SystemResolve


class Names:
    """Never answers for names below evil.example, until it is told to."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        if host.endswith("evil.example"):
            self.may_answer.wait()
        if host.startswith("unknown"):
            raise OSError("not found")
        return ["192.0.2.7", "192.0.2.7", "2001:db8::1"]


@pytest.fixture
def names() -> Iterator[Names]:
    names = Names()
    yield names
    names.may_answer.set()


async def test_a_domain_whose_names_are_never_answered_holds_up_no_other(names: Names) -> None:
    resolve = SystemResolve(names, deadline_s=0.02, most_per_domain=2, most_threads=4)
    for number in range(2):
        with pytest.raises(TimeoutError):
            await resolve(f"{number}.evil.example")
    for number in range(2, 9):
        with pytest.raises(OSError, match="too many"):
            await resolve(f"{number}.evil.example")
    assert len(names.asked) == 2
    good = SystemResolve(names)
    assert await good("client.example") == ["192.0.2.7", "2001:db8::1"]


async def test_lookups_that_ended_make_room_and_the_number_of_threads_is_limited(names: Names) -> None:
    resolve = SystemResolve(names, most_per_domain=2, most_threads=2)
    async with anyio.create_task_group() as tasks:
        for number in range(2):
            tasks.start_soon(resolve, f"{number}.evil.example")
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(OSError, match="too many"):
            await resolve("client.example")
        names.may_answer.set()
    for _ in range(3):
        assert await resolve("client.example")
    with pytest.raises(OSError, match="not found"):
        await resolve("unknown.example")
