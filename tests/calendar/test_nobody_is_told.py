"""Random calls of every tool that changes events: only event_send reaches others, and nobody gets a mail twice.

The calendars are in memory. Every request that is made and every mail that a change sends are watched.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import anyio
import pytest

from outlook_mcp.calendar.changes.results import Prepared, Sent
from outlook_mcp.errors import OutcomeUnknown, OutlookError
from tests.calendar.editors import ALICE, BOB, CAROL, OUTSIDER, World
from tests.calendar.fake_sender import Killed
from tests.calendar.random_fields import random_fields
from tests.effort import usually

USERS = (ALICE, BOB, CAROL)
PEOPLE = (*USERS, OUTSIDER)
FAULTS = (
    "lost after",
    "lost",
    "500 after",
    "500",
    "503",
    "503 after",
    "504 after",
    "504",
    "killed",
    "killed after",
    "429",
)
STEPS = usually(2_000, thoroughly=20_000)
SENDS = usually(300, thoroughly=4_000)
# Requests that make Exchange send mail, by the end of their path.
ACTIONS = ("accept", "tentativelyAccept", "decline", "cancel")


@dataclass
class RandomCalls:
    """`codes` are the prepared changes of each user, `used` those of which somebody was told, as often as that was."""

    world: World
    rng: random.Random
    codes: list[tuple[str, str]] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    async def step(self) -> str:
        """Makes one call; returns the name of the tool."""
        user = self.rng.choice(USERS)
        if self.rng.random() < 0.1:
            self.world.tenant.faults.append(self.rng.choice(FAULTS))
        name = self.rng.choice(("event_save", "event_save", "event_save", "event_delete", "event_send", "event_send"))
        # Refused, lost or killed: what counts is who was told.
        with contextlib.suppress(OutlookError, Killed):
            await getattr(self, f"_{name}")(user)
        self.world.tenant.faults.clear()
        return name

    async def _event_save(self, user: str) -> None:
        handle = self._handle(user) if self.rng.random() < 0.6 else None
        result = await self.world.save(
            handle, user=user, from_here=handle is not None and self.rng.random() < 0.15, **self._fields(handle)
        )
        if isinstance(result, Prepared):
            # Older ones are of events that were changed since.
            self.codes = [*self.codes[-20:], *((user, code) for code, _ in result.changes)]

    async def _event_delete(self, user: str) -> None:
        handles = [self._handle(user) or "AAMkNone" for _ in range(self.rng.randrange(1, 3))]
        await self.world.editor(user).delete_events(handles)

    async def _event_send(self, user: str) -> None:
        if self.codes and self.rng.random() < 0.6:
            # Used ones are tried again, also by others.
            owner, code = self.rng.choice(self.codes)
            before = len(self.world.tenant.mail)
            try:
                await self.world.send(code, user=owner if self.rng.random() < 0.9 else user)
            finally:
                if len(self.world.tenant.mail) > before:
                    self.used.append(code)
            return
        action = self.rng.choice(("accept", "tentative", "decline", "cancel"))
        said: dict[str, Any] = {"comment": self.rng.choice(("", "Hello"))}
        if self.rng.random() < 0.2:
            said["proposed_start"] = "2026-12-09T15:00"
        await self.world.send(self._handle(user) or "AAMkNone", action, user=user, **said)

    def _handle(self, user: str) -> str | None:
        events = self.world.of(user)
        if not events:
            return None
        event = self.rng.choice(events)
        if event["recurrence"] and self.rng.random() < 0.6:
            day = event["recurrence"]["range"]["startDate"].replace("-", "")
            return f"{event['id']}-{day}"
        return str(event["id"])

    def _fields(self, handle: str | None) -> dict[str, Any]:
        day = f"2026-12-{self.rng.randrange(1, 29):02}"
        return random_fields(self.rng, day, PEOPLE, always=["subject", "start"] if handle is None else [])


async def test_nobody_is_told_by_any_tool_but_event_send() -> None:
    world = World()
    calls = RandomCalls(world, random.Random(5))
    tools: Counter[str] = Counter()
    for _ in range(STEPS):
        mail, requests = len(world.tenant.mail), len(world.tenant.requests)
        tool = await calls.step()
        tools[tool] += 1
        if tool != "event_send":
            assert len(world.tenant.mail) == mail, (tool, world.tenant.mail[mail:])
            made = world.tenant.requests[requests:]
            assert [path for _, _, path in made if path.endswith(ACTIONS)] == []
        told = Counter(message.to for message in world.tenant.mail[mail:])
        assert max(told.values(), default=0) <= 1, (tool, told)
        if len(world.tenant.calendars[ALICE]) > 25:
            for calendar in world.tenant.calendars.values():
                calendar.clear()
    assert min(tools.values()) > STEPS // 12
    # The calls did reach people.
    assert len(world.tenant.mail) > STEPS // 20
    assert len(calls.used) == len(set(calls.used)) > 0


async def send_twice_at_once(world: World, code: str) -> list[Sent | BaseException]:
    """The same prepared change by two servers that share the store."""
    results: list[Sent | BaseException] = []

    async def send() -> None:
        try:
            results.append(await world.send(code))
        except (OutlookError, Killed) as error:
            results.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(send)
        group.start_soon(send)
    return results


@pytest.mark.parametrize("kind", ["invitation", "update"])
async def test_a_faulted_send_tells_everybody_once_or_nobody_and_says_which(kind: str) -> None:
    rng = random.Random(kind)
    for number in range(SENDS // 2):
        world = World()
        meeting = await world.meeting(BOB, OUTSIDER) if kind == "update" else None
        world.tenant.mail.clear()
        said = {"place": "Pine"} if meeting else {"subject": "A", "start": "2026-12-01T10:00"}
        people = {} if meeting else {"attendees": [BOB, OUTSIDER]}
        code = await world.prepare(meeting, **said, **people)
        world.tenant.faults += rng.sample(FAULTS, rng.choice((0, 1, 1, 2)))
        world.tenant.is_blind = rng.random() < 0.2
        results = await send_twice_at_once(world, code)
        world.tenant.faults.clear()
        # A replay, on a server that was started since.
        results += await send_twice_at_once(world, code)
        told = Counter(mail.to for mail in world.tenant.mail)
        assert told in (Counter(), Counter({BOB: 1, OUTSIDER: 1})), (number, results)
        _check_what_was_said(results, was_sent=bool(told), number=number)
        # Later, when no call can be under way any more, everybody learns what became of it.
        world.now += timedelta(minutes=6)
        world.tenant.is_blind = False
        later = await send_twice_at_once(world, code) + await send_twice_at_once(world, code)
        told = Counter(mail.to for mail in world.tenant.mail)
        assert told in (Counter(), Counter({BOB: 1, OUTSIDER: 1})), (number, later)
        outcome = "was sent already" if told else "is used up"
        assert outcome in str(later[-1]), (number, later)


def _check_what_was_said(results: list[Sent | BaseException], *, was_sent: bool, number: int) -> None:
    """One call at most says that it was sent, and none says the opposite of what happened."""
    sent = [result for result in results if isinstance(result, Sent)]
    assert len(sent) <= 1
    if sent:
        assert was_sent, number
    elif was_sent:
        assert any(isinstance(result, OutcomeUnknown | Killed) for result in results), (number, results)
    denied = [str(result) for result in results if isinstance(result, OutlookError) and "was not made" in str(result)]
    assert not (denied and was_sent), (number, denied)
