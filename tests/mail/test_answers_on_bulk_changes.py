"""What a change of many messages would reach, and what is told of a thousand of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outlook_mcp.errors import NotFound
from outlook_mcp.graph.ids import FolderId, Handle
from outlook_mcp.mail.answers.changes import deleted_answer, moved_answer
from outlook_mcp.mail.bulk.changes import ChosenMessages, Rest
from outlook_mcp.mail.bulk.listing import FoundIds
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.messages import DeletedMessages, MovedMessages
from outlook_mcp.mail.models import Folder
from outlook_mcp.mail.search.plan import Plan
from tests.mail.shown import CONTEXT, HANDLES, message, tokens, unframed

INBOX = Folder(id=FolderId("i"), display_name="Inbox", path="Inbox", well_known="inbox")
PLAN = Plan(kind="filter", params={}, since=datetime(2026, 11, 15, 23, 0, tzinfo=UTC), notes=("A note.",))


def chosen(number: int, *, is_complete: bool = True, total: int | None = None, looked_at: int | None = None) -> str:
    ids = [HANDLES.full(Handle(str(count + 1))) for count in range(number)]
    found = FoundIds(ids, PLAN, INBOX, is_complete, total, looked_at)
    shown = [message(count + 1) for count in range(min(number, 10))]
    return deleted_answer(CONTEXT, ChosenMessages("mail_delete", found, shown, "abcd2345" if ids else None))


def test_ten_of_the_messages_are_shown_with_their_number_and_a_code() -> None:
    answer = chosen(312)
    assert len(unframed(answer).split("\n")) == 11
    assert answer.split("\n")[-2:] == [
        "312 messages in Inbox since Mon 16 Nov 2026 00:00; 10 are shown. Nothing was changed yet. A note.",
        "To change exactly these 312 messages, call mail_delete within 10 minutes with the same arguments and "
        'confirm="abcd2345".',
    ]
    assert tokens(answer) < 350


def test_a_single_message_is_not_called_several() -> None:
    assert chosen(1).split("\n")[-2].startswith("1 message in Inbox since Mon 16 Nov 2026 00:00. Nothing was changed")
    assert "To change exactly this 1 message, call" in chosen(1)


def test_nothing_found_is_told_without_a_code() -> None:
    nothing = "No message in Inbox since Mon 16 Nov 2026 00:00 matches, so there is nothing to change. A note."
    assert chosen(0) == nothing
    told = "No message in Inbox since Mon 16 Nov 2026 00:00 matches among the 20,000 looked at"
    assert chosen(0, is_complete=False, looked_at=20_000).startswith(told)


@pytest.mark.parametrize(
    ("number", "total", "looked_at", "told"),
    [
        (1000, 2314, None, "The first 1,000 of 2,314 messages in Inbox"),
        (1000, None, None, "The first 1,000 messages (one call changes no more; repeat for the others) in Inbox"),
        (7, None, 20_000, "7 messages among the first 20,000 looked at in Inbox"),
        (998, None, None, "The first 998 messages (the search index gives no more; repeat for the others) in Inbox"),
    ],
)
def test_of_a_list_that_is_not_complete_it_is_told_why(
    number: int, total: int | None, looked_at: int | None, told: str
) -> None:
    assert f"\n{told} since" in chosen(number, is_complete=False, total=total, looked_at=looked_at)


def test_of_a_thousand_messages_the_first_are_named_and_each_reason_once() -> None:
    done = [MessageResult(HANDLES.full(Handle(str(number))), message(number)) for number in range(1, 981)]
    gone = [MessageResult(HANDLES.full(Handle(str(number))), error=NotFound("Gone.")) for number in range(981, 1001)]
    answer = moved_answer(CONTEXT, MovedMessages([*done, *gone], INBOX, is_copy=False))
    first, second = answer.split("\n")
    assert first == "Moved to Inbox: 980 messages (1, 2, 3, 4, 5 and 975 more)."
    assert second.startswith("Not changed 981, 982,")
    assert second.endswith("1000: Gone. It may have been moved or deleted; search again.")
    assert tokens(answer) < 150


def test_what_earlier_calls_did_and_what_is_left_are_told() -> None:
    done = DeletedMessages([MessageResult(HANDLES.full(Handle("1")), message(1))], is_permanent=False)
    rest = Rest(left=2, changed=40, unclear=20, code="abcd2345")
    assert deleted_answer(CONTEXT, replace(done, rest=rest)).split("\n") == [
        "Moved to Deleted Items: 1.",
        "Earlier calls had changed 40 messages of these.",
        "Whether an earlier call changed 20 messages more is not known: look there.",
        '2 messages left: repeat the call within 10 minutes with confirm="abcd2345" to go on with them.',
    ]
