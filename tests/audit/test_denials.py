"""Whoever is refused is on record, and nobody fills the disk by being refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from outlook_mcp.audit.denials import DenialLimits, Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.errors import AuditUnavailable
from outlook_mcp.identity.user import SERVER, UserKey
from tests.audit_logs import AUDIT_KEY, audit_log

ALICE = UserKey("contoso", "alice")
LIMITS = DenialLimits(per_source=5, in_all=20, window_s=60)


@dataclass
class Clock:
    """A clock and a sleep that tests move on."""

    now: float = 1000.0
    _woken: anyio.Event = field(default_factory=anyio.Event)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            await self._woken.wait()

    def move(self, seconds: float) -> None:
        self.now += seconds
        self._woken.set()
        self._woken = anyio.Event()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def denials(path: Path, clock: Clock) -> Denials:
    return Denials(audit_log(path).record, LIMITS, clock=clock, sleep=clock.sleep)


async def refuse(denials: Denials, times: int, *, address: str = "192.0.2.7") -> None:
    for _ in range(times):
        await denials.record_denial(AuditTag.TOKEN_REFUSED, address, {"error": "invalid_token"})


def tags(path: Path) -> list[object]:
    return [record["tag"] for record in last_records(path, 10**6)]


async def test_ten_thousand_refused_tokens_of_one_address_are_a_few_lines(
    denials: Denials, path: Path, clock: Clock
) -> None:
    await refuse(denials, 10_000)
    assert tags(path) == ["access:token:refused"] * 5
    clock.move(60)
    await refuse(denials, 1)
    assert tags(path) == [*["access:token:refused"] * 5, "access:denial:more", "access:token:refused"]
    assert last_records(path, 2)[0]["details"] == {"denied_more": 9_995, "access:token:refused": 9_995}
    assert verify_log(path, AUDIT_KEY).records == 7


async def test_ten_thousand_addresses_are_no_more_lines_than_the_limit_of_all(
    denials: Denials, path: Path, clock: Clock
) -> None:
    for number in range(10_000):
        await refuse(denials, 1, address=f"2001:db8::{number:x}")
    assert len(tags(path)) == 20
    assert len(denials._recorded) == 20
    clock.move(60)
    await refuse(denials, 1)
    assert last_records(path, 2)[0]["details"] == {"denied_more": 9_980, "access:token:refused": 9_980}


async def test_one_address_leaves_room_for_others_and_one_kind_for_other_kinds(denials: Denials, path: Path) -> None:
    await refuse(denials, 100)
    await refuse(denials, 1, address="198.51.100.1")
    await denials.record_denial(AuditTag.CLIENT_REFUSED, "192.0.2.7", {"error": "invalid_client"})
    assert tags(path)[5:] == ["access:token:refused", "access:client:refused"]


async def test_each_window_reports_its_own_number(denials: Denials, path: Path, clock: Clock) -> None:
    for left_out in (3, 0, 7):
        await refuse(denials, 5 + left_out)
        clock.move(61)
    await refuse(denials, 1)
    reported = [record["details"] for record in last_records(path, 100) if record["tag"] == "access:denial:more"]
    assert reported == [
        {"denied_more": 3, "access:token:refused": 3},
        {"denied_more": 7, "access:token:refused": 7},
    ]


async def test_the_end_of_a_window_is_reported_when_no_further_denial_comes(
    denials: Denials, path: Path, clock: Clock
) -> None:
    async with denials.reporting():
        for left_out in (1, 2):
            await refuse(denials, 5 + left_out)
            await anyio.wait_all_tasks_blocked()
            assert tags(path)[-1] == "access:token:refused"
            clock.move(60)
            await anyio.wait_all_tasks_blocked()
            assert last_records(path, 1)[0]["details"] == {"denied_more": left_out, "access:token:refused": left_out}


async def test_what_was_left_out_is_reported_when_the_server_stops(denials: Denials, path: Path) -> None:
    async with denials.reporting():
        await refuse(denials, 9)
    assert last_records(path, 1)[0]["details"] == {"denied_more": 4, "access:token:refused": 4}


async def test_the_address_is_sealed_for_the_user_or_else_for_the_server(path: Path, clock: Clock) -> None:
    audit = audit_log(path)
    denials = Denials(audit.record, LIMITS, clock=clock)
    await denials.record_denial(AuditTag.SCOPE_REFUSED, "192.0.2.7", {"scope": "mail.send"}, user=ALICE)
    await denials.record_denial(AuditTag.TOKEN_REFUSED, "192.0.2.7", {})
    await denials.record_denial(AuditTag.TOKEN_REFUSED, "", {})
    of_alice, of_nobody, unknown = last_records(path, 3)
    assert [record["user"] for record in (of_alice, of_nobody)] == [str(ALICE), str(SERVER)]
    assert "192.0.2.7" not in str((of_alice, of_nobody))
    for record in (of_alice, of_nobody):
        assert await audit.open_personal(record) == {"address": "192.0.2.7"}
    assert "sealed" not in unknown


async def test_a_log_that_cannot_be_written_refuses_nobody_and_is_told(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(
        tag: AuditTag,
        user: UserKey | None = None,
        details: Mapping[str, str | int | bool] | None = None,
        *,
        personal: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        raise AuditUnavailable("The disk is full.")

    await refuse(Denials(full, LIMITS, clock=clock), 100)
    assert caplog.text.count("A denial is not on record: The disk is full.") == 5
