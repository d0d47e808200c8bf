"""Messages are read and changed in numbers, and each id has its own outcome."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.errors import Conflict, GraphUnavailable, NotFound, Remedy, Throttled
from outlook_mcp.graph.ids import ConversationId
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.models import Message
from outlook_mcp.net.clock import utc_now
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.ids import message_id
from tests.workspace.conftest import World, requests_of

UNKNOWN = message_id("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A5-_EiuJKXBeRsqa_-3cBHQAAAAD__wAA")


def only(results: list[MessageResult]) -> Message:
    (result,) = results
    assert result.error is None
    assert result.message is not None
    return result.message


async def test_a_message_is_read_whole_with_its_new_part_and_addresses(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver(subject="Aurora", text="First line.\n")
    message = only(await requests_of(alice).fetch_messages([message_id]))
    assert message.subject == "Aurora"
    assert message.from_
    assert message.from_.email_address.address == "grace@partner.example"
    assert message.body
    assert "First line." in (message.body.content or "")
    assert message.unique_body
    assert message.received_date_time
    assert message.received_date_time.tzinfo


@pytest.mark.parametrize("number", [1, 2])
async def test_a_failed_read_is_never_said_to_have_changed_something(
    world: World, alice: EmailWorkspace, number: int
) -> None:
    ids = [world.deliver() for _ in range(number)]
    world.faults({"route": "/v1.0/me/messages/*", "method": "GET", "status": 500})
    for result in await requests_of(alice).fetch_messages(ids):
        assert isinstance(result.error, GraphUnavailable)
        assert "may or may not" not in str(result.error)
        assert result.error.remedy is Remedy.RETRY


async def test_a_view_decides_what_is_read(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    assert only(await requests_of(alice).fetch_messages([message_id], "summary")).body is None
    headers = only(await requests_of(alice).fetch_messages([message_id], "headers")).internet_message_headers
    assert "Subject" in {header.name for header in headers}


async def test_many_are_read_in_batches_in_the_order_asked_with_errors_in_their_place(
    world: World, alice: EmailWorkspace
) -> None:
    ids = [world.deliver(subject=f"n{number}") for number in range(23)]
    results = await requests_of(alice).fetch_messages(
        [*ids[::-1], UNKNOWN, message_id("no such id!"), ids[0]], "summary"
    )
    assert [result.id for result in results] == [*ids[::-1], UNKNOWN, "no such id!"]
    assert [result.message.subject for result in results[:23] if result.message] == [
        f"n{number}" for number in range(22, -1, -1)
    ]
    assert all(isinstance(result.error, NotFound) for result in results[23:])
    assert len(world.requests("POST", "$batch")) == 3


@pytest.mark.parametrize("bad", ["", "..", "a b", "x" * 600, "inbox/../me", "%2e%2e", "a?b=c"])
async def test_an_id_that_cannot_be_one_is_not_found_and_not_asked_for(
    world: World, alice: EmailWorkspace, bad: str
) -> None:
    before = len(world.requests())
    (result,) = await requests_of(alice).fetch_messages([message_id(bad)])
    assert isinstance(result.error, NotFound)
    assert len(world.requests()) == before


async def test_an_update_changes_what_is_given_and_leaves_the_rest(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    change = MessageChange(read=True, flag="flagged", importance="high", focused=False)
    changed = only((await alice.messages.update_messages([message_id], change)).results)
    assert (changed.is_read, changed.is_flagged, changed.importance) == (True, True, "high")
    assert changed.inference_classification == "other"
    again = only((await alice.messages.update_messages([message_id], MessageChange(flag="none"))).results)
    assert (again.is_read, again.is_flagged, again.importance) == (True, False, "high")


async def test_categories_are_added_and_removed_without_losing_others(world: World, alice: EmailWorkspace) -> None:
    ids = [world.deliver(), world.deliver()]
    await alice.messages.update_messages(ids, MessageChange(add_categories=("Red", "Blue")))
    change = MessageChange(add_categories=("Green", "red"), remove_categories=("BLUE",), read=True)
    for result in (await alice.messages.update_messages(ids, change)).results:
        assert result.message
        assert result.message.categories == ["Red", "Green"]
        assert result.message.is_read


async def test_all_categories_are_removed_and_names_that_no_message_had_are_told(
    world: World, alice: EmailWorkspace
) -> None:
    ids = [world.deliver(), world.deliver()]
    added = await alice.messages.update_messages(ids[:1], MessageChange(add_categories=("Red", "Blue")))
    assert "Red category" in added.category_list.names
    some = await alice.messages.update_messages(ids, MessageChange(remove_categories=("red", "Green")))
    assert (some.absent, some.category_list.names) == (("Green",), ())
    none = await alice.messages.update_messages(ids, MessageChange(remove_categories=("*",)))
    assert none.absent == ()
    assert [result.message.categories for result in none.results if result.message] == [[], []]


async def test_a_message_changed_meanwhile_is_read_again_and_then_told(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    conflict = {"route": "/v1.0/me/messages/*", "method": "PATCH", "status": 412}
    world.faults({**conflict, "times": 1})
    red, blue = MessageChange(add_categories=("Red",)), MessageChange(add_categories=("Blue",))
    assert only((await alice.messages.update_messages([message_id], red)).results).categories == ["Red"]
    world.faults(conflict)
    (result,) = (await alice.messages.update_messages([message_id], blue)).results
    assert isinstance(result.error, Conflict)
    world.faults()
    assert only(await requests_of(alice).fetch_messages([message_id])).categories == ["Red"]


async def test_a_move_keeps_the_id_and_a_copy_has_its_own(world: World, alice: EmailWorkspace) -> None:
    one, two = world.deliver(), world.deliver()
    archive = await alice.folders.find_folder("archive")
    moved = await requests_of(alice).move_messages([one, two], archive.id)
    assert [(result.id, result.message and result.message.id) for result in moved] == [(one, one), (two, two)]
    copied = only(await requests_of(alice).copy_messages([one], archive.id))
    assert copied.id != one
    assert copied.parent_folder_id == archive.id


async def test_partial_failure_of_a_move_is_told_per_id(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    archive = await alice.folders.find_folder("archive")
    done, missing = await requests_of(alice).move_messages([message_id, UNKNOWN], archive.id)
    assert done.is_done
    assert isinstance(missing.error, NotFound)


async def test_a_deleted_message_is_in_deleted_items_and_a_destroyed_one_nowhere(
    world: World, alice: EmailWorkspace
) -> None:
    one, two, three = world.deliver(), world.deliver(), world.deliver()
    assert (await requests_of(alice).delete_messages([one]))[0].is_done
    bin_ = await alice.folders.find_folder("trash")
    assert only(await requests_of(alice).fetch_messages([one])).parent_folder_id == bin_.id
    assert all(result.is_done for result in await requests_of(alice).delete_messages([two, three], permanent=True))
    assert [type(result.error) for result in await requests_of(alice).fetch_messages([two, three])] == [
        NotFound,
        NotFound,
    ]


async def test_a_throttled_part_is_waited_for_and_the_rest_is_not_repeated(world: World, alice: EmailWorkspace) -> None:
    ids = [world.deliver() for _ in range(3)]
    once = {"route": f"/v1.0/me/messages/{ids[1]}", "method": "PATCH", "status": 429}
    world.faults({**once, "times": 1, "headers": {"Retry-After": "0"}})
    results = (await alice.messages.update_messages(ids, MessageChange(read=True))).results
    assert all(result.message and result.message.is_read for result in results)
    assert len(world.requests("PATCH")) == 4
    world.faults({**once, "headers": {"Retry-After": "150"}})
    results = (await alice.messages.update_messages(ids, MessageChange(read=False))).results
    assert [type(result.error) for result in results] == [type(None), Throttled, type(None)]


async def test_a_thread_is_its_messages_oldest_first_each_once(world: World, alice: EmailWorkspace) -> None:
    first = world.deliver(message_id="<a@x.example>", subject="Plan", date="Mon, 02 Nov 2026 09:00:00 +0000")
    second = world.deliver(
        message_id="<b@x.example>", subject="Re: Plan", reply_to="<a@x.example>", date="Tue, 03 Nov 2026 09:00:00 +0000"
    )
    world.deliver(subject="Other")
    conversation = only(await requests_of(alice).fetch_messages([second])).conversation_id
    assert conversation
    await requests_of(alice).copy_messages([first], (await alice.folders.find_folder("archive")).id)
    thread = await requests_of(alice).fetch_conversation(conversation)
    assert [message.subject for message in thread.messages] == ["Plan", "Re: Plan"]
    assert thread.is_complete
    assert thread.messages[0].body


@pytest.mark.parametrize("arrived", ["abc", "cba", "bca"])
async def test_an_answer_of_the_same_second_comes_after_what_it_answers(
    world: World, alice: EmailWorkspace, arrived: str
) -> None:
    answered = {"a": None, "b": "<a@x.example>", "c": "<a@x.example> <b@x.example>"}
    for name in arrived:
        world.deliver(
            message_id=f"<{name}@x.example>",
            subject=f"Re: {name}",
            reply_to=answered[name],
            date="Mon, 02 Nov 2026 09:00:00 +0000",
        )
    last = (await requests_of(alice).fetch_messages([world.deliver(reply_to="<a@x.example>")]))[0].message
    assert last is not None
    thread = await requests_of(alice).fetch_conversation(last.conversation_id or ConversationId(""), "summary")
    assert [message.subject for message in thread.messages] == ["Re: a", "Re: b", "Re: c", "Hello"]


async def test_mail_of_one_second_that_is_no_answer_keeps_the_order_in_which_it_came(
    world: World, alice: EmailWorkspace
) -> None:
    for name in ("a", "b", "c"):
        shown = world.deliver(subject=f"Re: {name}", reply_to="<x@x.example>", date="Mon, 02 Nov 2026 09:00:00 +0000")
    conversation = only(await requests_of(alice).fetch_messages([shown])).conversation_id
    thread = await requests_of(alice).fetch_conversation(conversation or ConversationId(""), "summary")
    assert [message.subject for message in thread.messages] == ["Re: a", "Re: b", "Re: c"]


async def test_a_long_thread_says_that_it_is_not_whole(world: World, alice: EmailWorkspace) -> None:
    world.deliver(message_id="<a@x.example>", subject="Plan")
    for number in range(6):
        last = world.deliver(message_id=f"<{number}@x.example>", subject="Re: Plan", reply_to="<a@x.example>")
    conversation = only(await requests_of(alice).fetch_messages([last])).conversation_id
    thread = await requests_of(alice).fetch_conversation(conversation or ConversationId(""), "summary", limit=3)
    assert len(thread.messages) == 3
    assert not thread.is_complete


async def test_a_conversation_nobody_has_is_empty_whatever_it_is_called(alice: EmailWorkspace) -> None:
    assert (await requests_of(alice).fetch_conversation(ConversationId("x' or '1' eq '1"))).messages == []


async def test_a_flag_has_a_due_day_of_the_mailbox_until_it_is_taken_off(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    zone = alice.config.zone()
    flagged = only((await alice.messages.update_messages([message_id], MessageChange(due="3d"))).results)
    assert flagged.flag
    assert flagged.flag.due_date_time
    assert flagged.flag.due_date_time.moment == midnight_in(zone, days=3)
    done = only((await alice.messages.update_messages([message_id], MessageChange(flag="none"))).results)
    assert (done.flag and done.flag.due_date_time, done.is_flagged) == (None, False)


async def test_of_a_lost_flag_the_due_day_is_looked_at_too(world: World, alice: EmailWorkspace) -> None:
    message_id = world.deliver()
    patch = {"route": "/v1.0/me/messages/*", "method": "PATCH", "times": 1}
    world.faults({**patch, "cut": "after"})
    assert only((await alice.messages.update_messages([message_id], MessageChange(due="3d"))).results).is_flagged
    world.faults({**patch, "cut": "before"})
    (lost,) = (await alice.messages.update_messages([message_id], MessageChange(due="4d"))).results
    assert isinstance(lost.error, GraphUnavailable)


def midnight_in(zone: ZoneInfo, *, days: int) -> datetime:
    return datetime.combine(utc_now().astimezone(zone).date() + timedelta(days=days), time(), zone)
