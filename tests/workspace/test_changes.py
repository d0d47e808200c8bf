"""What came into a folder, changed in it or left it since a cursor."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.lazy import changes_answer
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.sync.changes import MailChanges
from outlook_mcp.mail.sync.cursor import ChangesCursors
from outlook_mcp.mail.sync.delta import DeltaRounds
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import CONTEXT
from tests.workspace.conftest import World, requests_of

NOTHING = "0 new, 0 changed, 0 gone in Inbox since"
_CURSOR = re.compile(r"since=(\S+)$")


@pytest.fixture
def seeded() -> bool:
    return False


async def told(mailbox: EmailWorkspace, since: str | None = None, folder: str | None = None) -> str:
    context = AnswerContext(mailbox.handles, CONTEXT.zone, CONTEXT.now, mailbox.config.address)
    return changes_answer(context, await mailbox.changes.changes_since(since, folder))


def cursor_in(answer: str) -> str:
    found = _CURSOR.search(answer)
    assert found, answer
    return found[1]


async def begun(mailbox: EmailWorkspace, folder: str | None = None) -> str:
    answer = await told(mailbox, folder=folder)
    assert answer.startswith("From now on changes in")
    return cursor_in(answer)


async def test_what_came_was_read_moved_and_erased_is_told_once(world: World, alice: EmailWorkspace) -> None:
    earlier = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    read, moved, erased = (world.deliver(subject=subject, date=earlier) for subject in ("Read", "Moved", "Erased"))
    cursor = await begun(alice)
    assert NOTHING in await told(alice, cursor)
    world.deliver(subject="Fresh")
    await alice.messages.update_messages([read], MessageChange(read=True))
    await alice.messages.move_messages([moved], "archive")
    await alice.messages.delete_messages([erased], permanent=True)
    answer = await told(alice, cursor)
    new, _, rest = answer.partition("Changed (read, marked or moved here):")
    changed, _, gone = rest.partition("Gone:")
    assert "New:" in new
    assert "Fresh" in new
    assert re.search(r"\d\d:\d\d Grace Green <grace@partner.example>: Read", changed)
    assert re.search(r"\d+ to Archive: .* Moved", gone)
    assert "was not found" in gone
    assert "1 new, 1 changed, 2 gone in Inbox since" in answer
    assert NOTHING in await told(alice, cursor_in(answer))


def changes_in_parts(mailbox: EmailWorkspace) -> MailChanges:
    """Reads few messages at a time."""
    cursors = ChangesCursors(mailbox.shared.selections, mailbox.user, mailbox.connection)
    rounds = DeltaRounds(mailbox.mail, page=10)
    return MailChanges(rounds, requests_of(mailbox), mailbox.folders, cursors, most_changes=20, most_at_first=20)


@pytest.mark.parametrize("written", ["yesterday", "last weekend", "since monday"])
async def test_a_time_in_place_of_a_cursor_is_answered_with_the_search_for_it(
    alice: EmailWorkspace, written: str
) -> None:
    with pytest.raises(InvalidInput, match="and no time") as refused:
        await changes_in_parts(alice).changes_since(written)
    assert f'mail_search(after="{written}")' in refused.value.next_step


async def test_many_changes_and_a_large_folder_are_read_in_several_calls(world: World, alice: EmailWorkspace) -> None:
    changes = changes_in_parts(alice)
    known = [world.deliver() for _ in range(25)]
    began = await changes.changes_since(None)
    assert (began.since, began.has_more) == (None, True)
    began = await changes.changes_since(began.cursor)
    assert (began.since, began.has_more) == (None, False)
    arrived, found = {world.deliver() for _ in range(25)}, began
    told_ids: list[str] = []
    for is_last in (False, True):
        found = await changes.changes_since(found.cursor)
        told_ids += [message.id for message in (*found.arrived, *found.changed)]
        assert found.has_more is not is_last
    assert sorted(told_ids) == sorted(arrived)
    await alice.messages.delete_messages(known)
    gone = await changes.changes_since(found.cursor)
    assert (len(gone.gone), gone.more_gone) == (20, 0)
    assert len((await changes.changes_since(gone.cursor)).gone) == 5


async def test_a_cursor_is_short_and_the_last_call_can_be_repeated_with_it(alice: EmailWorkspace) -> None:
    first = await begun(alice)
    second = cursor_in(await told(alice, first))
    assert NOTHING in await told(alice, first)
    third = cursor_in(await told(alice, f" {second.upper()} "))
    assert NOTHING in await told(alice, second)
    assert [len(cursor) for cursor in (first, second, third)] == [8, 8, 8]
    with pytest.raises(InvalidInput, match="too old"):
        await told(alice, first)


async def test_a_cursor_is_of_one_folder_and_one_mailbox(world: World, alice: EmailWorkspace) -> None:
    bob, cursor = await world.mailbox("bob"), await begun(alice, "archive")
    assert "in Archive since" in await told(alice, cursor)
    assert "in Archive since" in await told(alice, cursor, "archive")
    with pytest.raises(InvalidInput, match="of another folder"):
        await told(alice, cursor, "inbox")
    for mailbox, text in ((bob, cursor), (alice, cursor[:-2] + "AA"), (alice, "x"), (alice, "A" * 9000)):
        with pytest.raises(InvalidInput, match="no cursor of this mailbox"):
            await told(mailbox, text)


async def test_changes_that_graph_has_forgotten_are_not_taken_for_none(world: World, alice: EmailWorkspace) -> None:
    cursor = await begun(alice)
    world.sandbox.store.mailbox(world.user("alice").oid).changes.forget()
    with pytest.raises(InvalidInput, match="no longer knows what changed since then"):
        await told(alice, cursor)
    for code in ("SyncStateNotFound", "ErrorInvalidSyncStateData"):
        world.faults({"route": "*delta*", "status": 400, "body": {"error": {"code": code, "message": "No."}}})
        with pytest.raises(InvalidInput, match="no longer knows"):
            await told(alice, cursor)
