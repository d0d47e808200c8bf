"""A change whose answer was lost is looked at before anything is said: what was done, what was not, what is open."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import GraphError, GraphUnavailable, NotFound
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World, requests_of

BATCH = "/v1.0/$batch"
LOST = {"cut": "after"}
REFUSED = {"status": 503}


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(poll_s=0.01)


def told(result: MessageResult) -> str:
    return "done" if result.error is None else "open" if result.is_open else "not done"


def tale(results: list[MessageResult]) -> list[str]:
    return [told(result) for result in results]


def deliver(world: World, count: int) -> list[Handle]:
    return [world.deliver(subject=f"Message {number}") for number in range(count)]


@pytest.mark.parametrize(("fault", "second"), [(LOST, "done"), (REFUSED, "not done")])
async def test_of_45_messages_what_each_batch_did_is_told(
    world: World, alice: EmailWorkspace, fault: dict[str, Any], second: str
) -> None:
    ids = deliver(world, 45)
    world.faults({"route": BATCH, "skip": 1, "times": 1, **fault})
    moved = await alice.messages.move_messages(ids, "Archive")
    assert tale(moved.results) == ["done"] * 20 + [second] * 20 + ["not done"] * 5
    now = await requests_of(alice).fetch_messages([result.id for result in moved.results], "summary")
    there = [result.message.parent_folder_id == moved.folder.id for result in now if result.message]
    assert there == [result.is_done for result in moved.results]


async def test_messages_are_looked_at_one_by_one_where_batches_fail_lastingly(
    world: World, alice: EmailWorkspace
) -> None:
    ids = deliver(world, 21)
    await alice.folders.find_folder("Archive")
    world.faults({"route": BATCH, "times": 1, **LOST}, {"route": BATCH, "status": 503, "headers": {"Retry-After": "0"}})
    moved = await alice.messages.move_messages(ids, "Archive")
    assert tale(moved.results) == ["done"] * 20 + ["not done"]


async def test_messages_erased_by_a_batch_without_an_answer_are_told_as_erased(
    world: World, alice: EmailWorkspace
) -> None:
    ids = deliver(world, 21)
    world.faults({"route": BATCH, "skip": 1, "times": 1, **LOST})
    # The second batch holds one message: it is a batch all the same.
    deleted = await alice.messages.delete_messages(ids, permanent=True)
    assert tale(deleted.results) == ["done"] * 21


@pytest.mark.parametrize(("fault", "outcome"), [(LOST, "done"), (REFUSED, "not done")])
@pytest.mark.parametrize(
    "change", [MessageChange(read=True, flag="flagged", importance="high"), MessageChange(add_categories=("Red",))]
)
async def test_a_marked_message_is_compared_with_what_was_asked(
    world: World, alice: EmailWorkspace, fault: dict[str, Any], outcome: str, change: MessageChange
) -> None:
    (message_id,) = deliver(world, 1)
    world.faults({"route": "/v1.0/me/messages/*", "method": "PATCH", "times": 1, **fault})
    (result,) = (await alice.messages.update_messages([message_id], change)).results
    assert told(result) == outcome


@pytest.mark.parametrize(("fault", "outcome"), [(LOST, "open"), (REFUSED, "not done")])
async def test_a_copy_that_is_seen_may_be_an_older_one(
    world: World, alice: EmailWorkspace, fault: dict[str, Any], outcome: str
) -> None:
    (message_id,) = deliver(world, 1)
    world.faults({"route": "/v1.0/me/messages/*/copy", "times": 1, **fault})
    (result,) = (await alice.messages.move_messages([message_id], "Archive", copy=True)).results
    assert told(result) == outcome
    assert ("holds a copy" in str(result.error)) is (outcome == "open")


async def test_a_message_that_was_deleted_in_between_is_not_found(world: World, alice: EmailWorkspace) -> None:
    (message_id,) = deliver(world, 1)
    world.faults(
        {"route": "/v1.0/me/messages/*/move", "times": 1, **REFUSED},
        {"route": "/v1.0/me/messages/*", "method": "GET", "times": 1, "status": 404},
    )
    (result,) = (await alice.messages.move_messages([message_id], "Archive")).results
    assert isinstance(result.error, NotFound)


async def test_what_cannot_be_looked_at_stays_open(world: World, alice: EmailWorkspace) -> None:
    (message_id,) = deliver(world, 1)
    await alice.folders.find_folder("Archive")
    world.faults(
        {"route": "/v1.0/me/messages/*/move", "times": 1, **LOST},
        {"route": "/v1.0/me/m*", "method": "GET", "status": 500},
    )
    (result,) = (await alice.messages.move_messages([message_id], "Archive")).results
    assert isinstance(result.error, GraphUnavailable)
    assert not result.error.outcome_is_known
    assert "may or may not have been made" in result.error.message


async def test_a_change_that_ends_late_is_seen_at_the_second_look(world: World, alice: EmailWorkspace) -> None:
    (message_id,) = deliver(world, 1)
    unread = {"id": message_id, "parentFolderId": "elsewhere"}
    await alice.folders.find_folder("Archive")
    world.faults(
        {"route": "/v1.0/me/messages/*/move", "times": 1, **LOST},
        {"route": "/v1.0/me/messages/*", "method": "GET", "times": 1, "body": unread},
    )
    (result,) = (await alice.messages.move_messages([message_id], "Archive")).results
    assert told(result) == "done"


async def test_an_outcome_that_was_looked_up_no_longer_says_may_or_may_not(world: World, alice: EmailWorkspace) -> None:
    (message_id,) = deliver(world, 1)
    world.faults({"route": "/v1.0/me/messages/*/move", "times": 1, **REFUSED})
    (result,) = (await alice.messages.move_messages([message_id], "Archive")).results
    assert isinstance(result.error, GraphError)
    assert result.error.message.endswith("A look afterwards shows that nothing was moved.")
    assert "may or may not" not in result.error.message
