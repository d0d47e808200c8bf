"""Held messages: sent once whichever servers are there, taken back in time, and never after access has ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from outlook_mcp.app.send_queue import QueueSettings, StoredSendQueue
from outlook_mcp.errors import GraphUnavailable, OutcomeUnknown, OutlookError, RecordBroken
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.vault.held_sends import KIND, HeldSend, VaultHeldSends, held_send_id
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.vault import CredentialVault
from tests.vaults import vault as vault
from tests.waiting import patience, pause

ALICE, BOB = UserKey("contoso", "alice"), UserKey("contoso", "bob")
DRAFT = MessageId(Handle("draft"))
NOW = 2_000_000_000.0


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Sender:
    """Sends nothing; says what was asked of it. `dies` stands for a server that is killed at that step."""

    refuses: str = ""
    refuses_late: bool = False
    fails: OutlookError | None = None
    dies: str = ""
    is_sent: bool = False
    posts: int = 0
    asked: int = 0
    died: anyio.Event = field(default_factory=anyio.Event)

    async def check_allowed(self, held: HeldSend) -> str:
        self.asked += 1
        if self.dies == "claimed":
            await self._die()
        return "Access has ended." if self.refuses or (self.refuses_late and self.asked > 1) else ""

    async def send_held(self, held: HeldSend, before: Callable[[], Awaitable[None]]) -> None:
        await before()
        if self.dies == "begun":
            await self._die()
        if self.fails:
            raise self.fails
        self.posts += 1

    async def was_sent(self, held: HeldSend) -> bool:
        return self.is_sent

    async def _die(self) -> None:
        """What is shielded is not cancelled with its task, but a killed process goes on with nothing."""
        self.died.set()
        raise Killed


class Killed(BaseException):
    pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


def server(vault: CredentialVault, clock: Clock) -> StoredSendQueue:
    return StoredSendQueue(VaultHeldSends(vault), settings=QueueSettings(sweep_s=0.01), clock=clock)


async def hold(queue: StoredSendQueue, *, seconds: float = 10) -> bool:
    due = datetime.fromtimestamp(NOW + seconds, UTC)
    return await queue.hold_draft(ALICE, None, session="session", draft=DRAFT, check="abcd2345", due=due)


async def run_until(condition: Callable[[], Awaitable[bool]], *servers: tuple[StoredSendQueue, Sender]) -> None:
    async with anyio.create_task_group() as tasks:
        for queue, sender in servers:
            tasks.start_soon(queue.run, sender)
        async with patience():
            while not await condition():
                await pause()
        tasks.cancel_scope.cancel()


async def die(queue: StoredSendQueue, sender: Sender) -> None:
    with pytest.raises(BaseExceptionGroup):
        await queue.run(sender)
    assert sender.died.is_set()


async def test_a_message_is_sent_once_when_it_is_due_by_one_of_several_servers(
    vault: CredentialVault, clock: Clock
) -> None:
    servers = [(server(vault, clock), Sender()) for _ in range(3)]
    first = servers[0][0]
    assert await hold(first)
    assert not await hold(servers[1][0])
    assert await first.state_of(ALICE, DRAFT) == "waiting"

    async def is_gone() -> bool:
        assert sum(sender.posts for _, sender in servers) == 0 or clock.now >= NOW + 10
        clock.now += 1
        return await first.state_of(ALICE, DRAFT) == "none"

    await run_until(is_gone, *servers)
    assert sum(sender.posts for _, sender in servers) == 1
    assert await first.store.of_user(ALICE) == []
    assert await first.store.open_ones() == []


async def test_what_was_taken_back_is_not_sent_and_what_was_sent_is_not_taken_back(
    vault: CredentialVault, clock: Clock
) -> None:
    one, other = server(vault, clock), server(vault, clock)
    await hold(one)
    assert await other.take_back(ALICE, DRAFT)
    assert await one.state_of(ALICE, DRAFT) == "none"
    await hold(one)
    clock.now += 11
    sender = Sender()

    async def is_gone() -> bool:
        return await one.state_of(ALICE, DRAFT) == "none"

    await run_until(is_gone, (other, sender))
    assert sender.posts == 1
    assert not await one.take_back(ALICE, DRAFT)


@pytest.mark.parametrize("sender", [Sender(refuses="x"), Sender(refuses_late=True)], ids=["before", "at the last look"])
async def test_after_access_has_ended_nothing_is_sent_and_the_reason_is_kept(
    vault: CredentialVault, clock: Clock, sender: Sender
) -> None:
    queue = server(vault, clock)
    await hold(queue, seconds=-1)

    async def is_stopped() -> bool:
        return await queue.state_of(ALICE, DRAFT) == "stopped"

    await run_until(is_stopped, (queue, sender))
    assert (sender.posts, await queue.reason_of(ALICE, DRAFT)) == (0, "Access has ended.")
    # The user can send it again.
    assert await hold(queue)


@pytest.mark.parametrize(
    ("dies", "is_sent", "posts", "state"),
    [("claimed", False, 1, "none"), ("begun", False, 0, "stopped"), ("begun", True, 0, "none")],
)
async def test_another_server_finishes_what_a_killed_one_left_and_sends_nothing_twice(
    vault: CredentialVault, clock: Clock, dies: str, is_sent: bool, posts: int, state: str
) -> None:
    killed, heir = server(vault, clock), server(vault, clock)
    await hold(killed, seconds=-1)
    await die(killed, Sender(dies=dies))
    assert await heir.state_of(ALICE, DRAFT) == "under way"
    second = Sender(is_sent=is_sent)
    swept: list[float] = []

    async def is_settled() -> bool:
        # Only when the claim of the killed server has run out.
        swept.append(clock.now)
        clock.now += 10
        return await heir.state_of(ALICE, DRAFT) == state

    await run_until(is_settled, (heir, second))
    assert second.posts == posts
    assert swept[-1] >= NOW + 170
    if state == "stopped":
        assert "most likely was not sent" in await heir.reason_of(ALICE, DRAFT)


async def test_what_may_have_been_sent_is_not_tried_again_and_what_was_not_is_for_a_while(
    vault: CredentialVault, clock: Clock
) -> None:
    queue = server(vault, clock)
    for failure, tries in ((OutcomeUnknown("Lost."), 1), (GraphUnavailable("Away."), 11)):
        await hold(queue, seconds=-1)
        sender = Sender(fails=failure)

        async def is_stopped() -> bool:
            clock.now += 10
            return await queue.state_of(ALICE, DRAFT) == "stopped"

        await run_until(is_stopped, (queue, sender))
        assert failure.message in await queue.reason_of(ALICE, DRAFT)
        assert 1 <= sender.asked / 2 <= tries
        clock.now = NOW


async def test_nothing_is_sent_for_a_user_who_was_erased(vault: CredentialVault, clock: Clock) -> None:
    queue = server(vault, clock)
    await hold(queue, seconds=-1)
    await vault.erase_user(ALICE)
    assert await queue.store.open_ones() == []
    assert await queue.store.find_held(ALICE, held_send_id(DRAFT)) is None


async def test_rows_of_an_erased_user_put_back_from_a_dump_send_nothing_and_hold_up_nobody_else(
    vault: CredentialVault, clock: Clock, tmp_path: Path
) -> None:
    queue = server(vault, clock)
    await hold(queue, seconds=-1)
    with closing(sqlite3.connect(tmp_path / "vault.db")) as disk:
        dump = disk.execute("SELECT * FROM record WHERE kind = 'held_send'").fetchall()
        await vault.erase_user(ALICE)
        disk.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", dump)
        disk.commit()
    due = datetime.fromtimestamp(NOW - 1, UTC)
    his = MessageId(Handle("his"))
    assert await queue.hold_draft(BOB, None, session="session", draft=his, check="abcd2345", due=due)
    assert [held.user for held in await queue.store.open_ones()] == [BOB]


async def test_rows_of_a_message_that_was_taken_back_put_back_from_a_dump_send_nothing(
    vault: CredentialVault, clock: Clock, tmp_path: Path
) -> None:
    queue, sender = server(vault, clock), Sender()
    await hold(queue)
    with closing(sqlite3.connect(tmp_path / "vault.db")) as disk:
        dump = disk.execute("SELECT * FROM record WHERE kind = 'held_send'").fetchall()
        assert await queue.take_back(ALICE, DRAFT)
        disk.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", dump)
        disk.commit()
    assert len(dump) == 2
    clock.now += 11
    assert await queue.state_of(ALICE, DRAFT) == "none"
    assert await queue.store.of_user(ALICE) == []

    async def is_gone() -> bool:
        return await vault.record_ids_of(SERVER, "held_send") == ()

    await run_until(is_gone, (queue, sender))
    assert sender.posts == 0
    # The user can send it again.
    assert await hold(queue, seconds=-1)

    async def is_sent() -> bool:
        return await queue.state_of(ALICE, DRAFT) == "none"

    await run_until(is_sent, (queue, sender))
    assert sender.posts == 1


async def test_a_message_that_a_newer_version_holds_is_left_to_it_and_holds_up_nobody_else(
    vault: CredentialVault, clock: Clock
) -> None:
    queue = server(vault, clock)
    await hold(queue, seconds=-1)
    key = RecordKey(ALICE, KIND, held_send_id(DRAFT))
    record = await vault.get_record(key)
    assert record is not None
    newer = json.dumps(json.loads(record.value) | {"later": "of a newer version"}).encode()
    await vault.replace_record(key, newer)
    due = datetime.fromtimestamp(NOW - 1, UTC)
    his = MessageId(Handle("his"))
    assert await queue.hold_draft(BOB, None, session="session", draft=his, check="abcd2345", due=due)
    for _ in range(2):
        assert [held.user for held in await queue.store.open_ones()] == [BOB]
    with pytest.raises(RecordBroken, match="another version"):
        await queue.store.of_user(ALICE)
