"""Changes of many messages: what is confirmed is what was shown, and what stops goes on where it stopped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import anyio
import pytest

from outlook_mcp.errors import InvalidInput, StoreUnavailable, Throttled
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.bulk.changes import ChosenMessages, Confirmation, Rest
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.e2e.office import letter
from tests.effort import usually
from tests.large_mailbox import copy_messages
from tests.waiting import until
from tests.workspace.conftest import UserTicketsInMemory, World

GRACE = MailQuery(sender="grace@partner.example", folder="inbox")
BATCH = "/v1.0/$batch"


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(poll_s=0.01)


def deliver(world: World, count: int, to: str = "alice") -> list[Handle]:
    return [world.deliver(to, subject=f"Message {number}") for number in range(count)]


def code_of(chosen: ChosenMessages) -> Confirmation:
    assert chosen.code
    return Confirmation(chosen.code)


@dataclass
class Seen:
    """Notes what an observer is told."""

    begun: int = 0
    told: list[tuple[int, int]] = field(default_factory=list)

    def batch_began(self, ids: Sequence[MessageId]) -> None:
        self.begun += len(ids)

    async def batch_ended(self, results: Sequence[MessageResult], done: int, total: int) -> None:
        self.told.append((done, total))


async def test_what_is_confirmed_is_what_was_shown_whatever_arrived_since(world: World, alice: EmailWorkspace) -> None:
    ids = deliver(world, 23)
    chosen = await alice.messages.choose_for_move(GRACE, "Archive")
    assert set(chosen.found.ids) == set(ids)
    assert (len(chosen.shown), chosen.found.is_complete) == (10, True)
    assert world.requests("POST", "/move") == []
    late = world.deliver(subject="Late")
    moved = await alice.messages.move_messages(code_of(chosen), "archive")
    assert [result.is_done for result in moved.results] == [True] * 23
    left = await alice.search.search_messages(GRACE)
    assert [message.id for message in left.messages] == [late]


async def test_a_code_is_used_once(world: World, alice: EmailWorkspace) -> None:
    deliver(world, 2)
    code = code_of(await alice.messages.choose_for_deletion(GRACE))
    assert len((await alice.messages.delete_messages(code)).results) == 2
    with pytest.raises(InvalidInput, match="it was used, is older than 10 minutes, or is misspelt"):
        await alice.messages.delete_messages(code)


async def test_a_code_of_another_change_tool_mailbox_or_user_changes_nothing(
    world: World, alice: EmailWorkspace
) -> None:
    ids = deliver(world, 2)
    code = code_of(await alice.messages.choose_for_move(GRACE, "Archive"))
    with pytest.raises(InvalidInput, match="is for another change") as refused:
        await alice.messages.move_messages(code, "junk")
    assert "Repeat the arguments" in refused.value.next_step
    with pytest.raises(InvalidInput, match="is for another change"):
        await alice.messages.move_messages(code, "Archive", copy=True)
    with pytest.raises(InvalidInput, match="is for mail_move"):
        await alice.messages.delete_messages(code)
    with pytest.raises(InvalidInput, match="is for another change"):
        await alice.messages.move_messages(replace(code, query=MailQuery(sender="bob")), "Archive")
    other = replace(alice, connection="second")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="belongs to another mailbox"):
        await other.messages.move_messages(code, "Archive")
    bob = await world.mailbox("bob")
    with pytest.raises(InvalidInput, match="is not known"):
        await bob.messages.move_messages(code, "Archive")
    # None of them has used it up.
    assert len((await alice.messages.move_messages(replace(code, query=GRACE), "Archive")).results) == len(ids)


async def test_a_query_that_is_answered_in_part_only_is_refused(alice: EmailWorkspace) -> None:
    with pytest.raises(InvalidInput, match="cannot be answered: `label:work`"):
        await alice.messages.choose_for_deletion(MailQuery(text="invoice label:work", folder="inbox"))


async def test_nothing_is_looked_for_outside_the_named_folder(world: World, alice: EmailWorkspace) -> None:
    ids = deliver(world, 1)
    await alice.messages.move_messages(ids, "Archive")
    chosen = await alice.messages.choose_for_deletion(GRACE)
    assert (chosen.code, chosen.found.ids) == (None, [])


async def test_what_is_throttled_goes_on_with_the_same_code(world: World, alice: EmailWorkspace) -> None:
    deliver(world, 45)
    code = code_of(await alice.messages.choose_for_update(GRACE, MessageChange(read=True)))
    world.faults({"route": BATCH, "skip": 1, "status": 429, "headers": {"Retry-After": "150"}})
    seen = Seen()
    stopped = await alice.messages.update_messages(code, MessageChange(read=True), seen)
    assert sum(result.is_done for result in stopped.results) == 20
    assert isinstance(stopped.results[20].error, Throttled)
    assert (stopped.rest.left, stopped.rest.code) == (25, code.code)
    assert seen.told == [(20, 45), (40, 45)]
    world.faults()
    rest = await alice.messages.update_messages(code, MessageChange(read=True))
    assert [result.is_done for result in rest.results] == [True] * 25
    assert (rest.rest.left, rest.rest.changed) == (0, 20)
    assert (await alice.search.search_messages(MailQuery(unread=True, folder="inbox"))).messages == []


async def test_a_cancelled_change_of_named_messages_goes_on_when_the_call_is_repeated(
    world: World, alice: EmailWorkspace
) -> None:
    ids = deliver(world, 45)
    world.faults({"route": BATCH, "skip": 1, "times": 1, "delay_s": 30})
    before = len(world.requests("POST", "$batch"))
    seen = Seen()
    async with anyio.create_task_group() as calls:
        calls.start_soon(lambda: alice.messages.update_messages(ids, MessageChange(read=True), seen))
        await until(lambda: len(world.requests("POST", "$batch")) == before + 2)
        calls.cancel_scope.cancel()
    assert (seen.begun, seen.told) == (40, [(20, 45)])
    again = await alice.messages.update_messages(ids, MessageChange(read=True))
    assert (len(again.results), again.rest.changed) == (25, 20)
    assert len(world.requests("POST", "$batch")) - before == 4


async def test_a_move_of_many_sends_one_request_for_twenty_messages_and_lists_ids_only(
    world: World, alice: EmailWorkspace
) -> None:
    number = usually(100, thoroughly=1000)
    world.sandbox.store.mailbox(world.user("alice").oid).insert_many(letter(f"{count}") for count in range(number))
    await alice.folders.find_folder("inbox")
    # Whoever asks for more than ids here gets nothing.
    world.faults({"route": "/v1.0/me/mailFolders/*/messages", "query": "subject", "status": 500})
    before = len(world.requests())
    chosen = await alice.messages.choose_for_move(replace(GRACE, sender="bob@contoso.example"), "Archive")
    assert sum(is_request(path) for path in world.requests()[before:]) == 3
    before = len(world.requests())
    moved = await alice.messages.move_messages(code_of(chosen), "Archive")
    assert sum(result.is_done for result in moved.results) == number
    assert sum(is_request(path) for path in world.requests()[before:]) == number / 20
    assert all(result.message and result.message.body is None for result in moved.results)


async def test_a_change_that_takes_long_stops_in_time_and_says_what_is_left(
    world: World, alice: EmailWorkspace
) -> None:
    hurried = replace(alice, mail_settings=MailSettings(change_s=0))
    ids = deliver(world, 21)
    stopped = await hurried.messages.update_messages(ids, MessageChange(read=True))
    assert [result.is_done for result in stopped.results] == [True] * 20 + [False]
    assert "so that it could say what was done" in str(stopped.results[20].error)
    assert stopped.rest == Rest(left=1)


async def test_of_a_copy_that_was_cancelled_nothing_is_copied_twice(world: World, alice: EmailWorkspace) -> None:
    ids = deliver(world, 21)
    world.faults({"route": BATCH, "times": 1, "delay_s": 30})
    before = len(world.requests("POST", "$batch"))
    async with anyio.create_task_group() as calls:
        calls.start_soon(lambda: alice.messages.move_messages(ids, "Archive", copy=True))
        await until(lambda: len(world.requests("POST", "$batch")) > before)
        calls.cancel_scope.cancel()
    again = await alice.messages.move_messages(ids, "Archive", copy=True)
    assert (len(again.results), again.rest) == (1, Rest(unclear=20))


async def test_a_large_mailbox_gives_the_first_thousand_and_how_many_there_are(
    world: World, alice: EmailWorkspace
) -> None:
    mailbox = world.sandbox.store.mailbox(world.user("alice").oid)
    mailbox.insert_many(letter(f"{count}", minutes=count) for count in range(12))
    copy_messages(mailbox, written=12, copies=100)
    chosen = await alice.messages.choose_for_deletion(MailQuery(unread=True, folder="inbox"))
    found = chosen.found
    assert (len(found.ids), found.total, found.is_complete) == (1000, 1200, False)
    assert [message.subject for message in chosen.shown][:2] == ["0", "0"]


def is_request(path: str) -> bool:
    """Whether it is a request of its own; parts of batches are in the list of requests, too."""
    return not re.search(r"/me/messages/[^/]+(/move)?$", path)


@dataclass
class FailingStore(UserTicketsInMemory):
    """Answers so many times more."""

    answers: int = 100

    async def put_ticket(self, user: UserKey, purpose: str, name: str, value: bytes, /, *, lifetime_s: float) -> None:
        self._count()
        await super().put_ticket(user, purpose, name, value, lifetime_s=lifetime_s)

    async def discard_ticket(self, user: UserKey, purpose: str, name: str, /) -> bool:
        self._count()
        return await super().discard_ticket(user, purpose, name)

    def _count(self) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise StoreUnavailable("The store does not answer.")


async def test_what_was_done_is_told_when_the_store_fails_at_the_very_end(world: World, alice: EmailWorkspace) -> None:
    deliver(world, 45)
    store = FailingStore()
    alice = replace(alice, shared=replace(alice.shared, selections=store))
    code = code_of(await alice.messages.choose_for_update(GRACE, MessageChange(read=True)))
    # Taking the list and keeping the rest before each of three batches, but not forgetting the list.
    store.answers = 4
    updated = await alice.messages.update_messages(code, MessageChange(read=True))
    assert [result.is_done for result in updated.results] == [True] * 45
    assert updated.rest.left == 0
