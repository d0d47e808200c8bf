"""Answers about changes: what was done to which message, and what was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outlook_mcp.errors import AccessDenied, NotFound
from outlook_mcp.graph.errors import Purpose
from outlook_mcp.graph.ids import FolderId, Handle
from outlook_mcp.mail.answers.changes import deleted_answer, moved_answer, outcomes_answer, updated_answer
from outlook_mcp.mail.categories import CategoryList
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_changes import FollowUp, MessageChange
from outlook_mcp.mail.messages import DeletedMessages, MovedMessages, UpdatedMessages
from outlook_mcp.mail.models import Folder
from tests.ids import message_id
from tests.mail.shown import CONTEXT, HANDLES, message, person, unmarked


def test_changes_are_told_id_by_id() -> None:
    results = [
        MessageResult(HANDLES.full(Handle("1")), message(1)),
        MessageResult(HANDLES.full(Handle("2")), message(7)),
        MessageResult(message_id("no\nsuch"), error=NotFound("Nothing here.")),
    ]
    assert outcomes_answer(CONTEXT, results, "Moved to Archive").split("\n") == [
        "Moved to Archive: 1, 2 (now 7).",
        "Not changed no such: Nothing here. It may have been moved or deleted; search again.",
    ]
    assert outcomes_answer(CONTEXT, results[1:2], "Copied", new_id="copy") == "Copied: 2 (copy 7)."


@pytest.mark.parametrize(
    ("is_granted", "told"),
    [
        (True, "The permission Mail.ReadWrite was granted, so signing in again does not help"),
        (False, "The permission Mail.ReadWrite is missing: sign in again and accept it"),
        (None, "Either the permission"),
    ],
)
def test_of_single_messages_a_permission_is_missing_only_when_it_was_not_granted(
    is_granted: bool | None, told: str
) -> None:
    refused = AccessDenied("Refused.", next_step="Either the permission was not granted, or it is forbidden.")
    refused.permission = "Mail.ReadWrite"
    results = [
        MessageResult(HANDLES.full(Handle("1")), message(1)),
        MessageResult(HANDLES.full(Handle("2")), error=refused),
    ]
    answer = outcomes_answer(replace(CONTEXT, is_granted=lambda _: is_granted), results, "Moved to Archive")
    assert answer.split("\n")[1].startswith(f"Not changed 2: Refused. {told}")


def test_of_an_open_outcome_the_answer_says_what_may_have_happened_and_where_to_look() -> None:
    lost = Purpose("Mail.ReadWrite", is_change=True, look_first="Look with mail_read first.").unavailable("It broke.")
    results = [
        MessageResult(HANDLES.full(Handle("1")), message(1)),
        *(MessageResult(HANDLES.full(Handle(number)), error=lost) for number in "23"),
    ]
    assert outcomes_answer(CONTEXT, results, "Moved to Archive").split("\n")[1] == (
        "May or may not have been moved to Archive: 2, 3: It broke. Look with mail_read first."
    )


def test_mail_that_goes_out_by_marking_as_read_is_told() -> None:
    """Exchange sends the receipt itself, to whoever the sender named."""
    asking = {"is_read_receipt_requested": True}
    results = [
        MessageResult(HANDLES.full(Handle("1")), message(1, **asking)),
        MessageResult(HANDLES.full(Handle("2")), message(2)),
        MessageResult(HANDLES.full(Handle("3")), message(3, **asking, from_=person("", CONTEXT.mailbox_address))),
    ]
    told = "Exchange may have told the sender that it was read, as they asked for a receipt: 1."
    read = updated_answer(CONTEXT, UpdatedMessages(results, MessageChange(read=True)))
    assert read.split("\n") == ["Updated (read yes): 1, 2, 3.", told]
    assert told not in updated_answer(CONTEXT, UpdatedMessages(results, MessageChange(read=False)))


def test_an_answer_to_an_update_says_what_was_changed() -> None:
    done = [MessageResult(HANDLES.full(Handle("1")), message(1))]
    change = MessageChange(read=True, flag="done", add_categories=("Red", "Blue"), focused=False)
    told = "Updated (read yes; flag done; categories added Red, Blue; focused no): 1."
    assert updated_answer(CONTEXT, UpdatedMessages(done, change)) == told


def test_the_days_of_a_flag_are_told() -> None:
    done = [MessageResult(HANDLES.full(Handle("1")), message(1))]
    days = FollowUp(date(2026, 11, 30), date(2026, 12, 4), "UTC")
    told = "Updated (flag flagged from 2026-11-30 on, due 2026-12-04): 1."
    assert updated_answer(CONTEXT, UpdatedMessages(done, MessageChange(due="4d"), days=days)) == told


@pytest.mark.parametrize(
    ("removed", "absent", "told"),
    [
        (("*",), (), "Updated (categories removed all): 1."),
        (
            ("Red", "Blue"),
            ("Blue",),
            "Updated (categories removed Red): 1.\nNone of these messages had the category Blue",
        ),
        (("Blue",), ("Blue",), "Unchanged: 1.\nNone of these messages had the category Blue"),
    ],
)
def test_only_categories_that_were_there_are_said_to_be_removed(
    removed: tuple[str, ...], absent: tuple[str, ...], told: str
) -> None:
    done = [MessageResult(HANDLES.full(Handle("1")), message(1))]
    updated = UpdatedMessages(done, MessageChange(remove_categories=removed), absent)
    assert updated_answer(CONTEXT, updated).startswith(told)


def test_a_category_that_the_mailbox_does_not_list_is_told_with_those_it_lists() -> None:
    done = [MessageResult(HANDLES.full(Handle("1")), message(1))]
    change = MessageChange(add_categories=("red", "Rot"))
    updated = UpdatedMessages(done, change, category_list=CategoryList(["Red", "Blue"]))
    assert unmarked(updated_answer(CONTEXT, updated)).split("\n") == [
        "Updated (categories added red, Rot): 1.",
        "Not in the list of categories, so without a colour: Rot. Categories of this mailbox: {Red, Blue}.",
    ]


def test_an_answer_to_a_move_or_deletion_says_where_the_messages_are() -> None:
    done = [MessageResult(HANDLES.full(Handle("1")), message(1)), MessageResult(HANDLES.full(Handle("2")), message(7))]
    aurora = Folder(id=FolderId("a"), display_name="Aurora", path="Inbox/Aurora")
    moved = moved_answer(CONTEXT, MovedMessages(done, aurora, is_copy=False))
    copied = moved_answer(CONTEXT, MovedMessages(done[1:], aurora, is_copy=True))
    assert unmarked(moved) == "Moved to {Inbox/Aurora}: 1, 2 (now 7)."
    assert unmarked(copied) == "Copied to {Inbox/Aurora}: 2 (copy 7)."
    junk = Folder(id=FolderId("j"), display_name="Junk Email", path="Junk Email", well_known="junkemail")
    to_junk = moved_answer(CONTEXT, MovedMessages(done[:1], junk, is_copy=False))
    assert to_junk == "Moved to Junk Email: 1.\nTheir senders are not blocked."
    assert deleted_answer(CONTEXT, DeletedMessages(done[:1], is_permanent=False)) == "Moved to Deleted Items: 1."
    assert deleted_answer(CONTEXT, DeletedMessages(done[:1], is_permanent=True)) == "Deleted permanently: 1."
