"""Lists and searches: filters, pages, cursors, and honesty about what is complete."""

from __future__ import annotations

import base64
import string
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from pydantic import SecretBytes

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import InvalidInput
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.lazy import found_answer
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.search.cursor import Cursor, CursorFormat, page_url, paging_of
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.search import SearchResult
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import CURSOR_KEY, World

ALICE = UserKey("contoso", "alice")


@pytest.fixture
def seeded() -> bool:
    return False


def subjects(result: SearchResult) -> list[str]:
    return [message.subject or "" for message in result.messages]


async def walk(mailbox: EmailWorkspace, query: MailQuery) -> list[str]:
    """Every subject, cursor by cursor."""
    found: list[str] = []
    cursor = None
    for _ in range(100):
        result = await mailbox.search.search_messages(query, cursor)
        found += subjects(result)
        cursor = result.cursor
        assert result.is_complete == (cursor is None)
        if cursor is None:
            return found
    raise AssertionError("the cursors never end")


def fill(world: World, number: int, subject: str = "n") -> None:
    for index in range(number):
        world.deliver(
            subject=f"{subject}{index:03}", date=f"Mon, 02 Nov 2026 09:{index // 60:02}:{index % 60:02} +0000"
        )


async def test_a_short_list_is_complete_and_newest_first(world: World, alice: EmailWorkspace) -> None:
    fill(world, 3)
    result = await alice.search.search_messages(MailQuery(folder="inbox"))
    assert subjects(result) == ["n002", "n001", "n000"]
    assert (result.is_complete, result.cursor) == (True, None)
    assert result.folder
    assert result.folder.name == "Inbox"


async def test_cursors_lead_through_the_whole_list_without_gap_or_repeat(world: World, alice: EmailWorkspace) -> None:
    fill(world, 60)
    everything = [f"n{index:03}" for index in range(59, -1, -1)]
    assert await walk(alice, MailQuery(folder="inbox", limit=25)) == everything
    assert await walk(alice, MailQuery(folder="all", limit=7, after="2026-11-01")) == everything


@pytest.mark.parametrize("number", [30, 130])
async def test_nothing_is_missed_when_messages_leave_the_list_between_its_pages(
    world: World, alice: EmailWorkspace, number: int
) -> None:
    for index in range(number):
        world.deliver(subject=f"n{index:03}", date=f"Mon, 02 Nov 2026 09:{index // 20:02}:00 +0000")
    found: list[str] = []
    query, cursor = MailQuery(folder="inbox", unread=True, limit=7), None
    while True:
        page = await alice.search.search_messages(query, cursor)
        found += subjects(page)
        await alice.messages.update_messages([message.id for message in page.messages], MessageChange(read=True))
        if page.is_complete:
            break
        cursor = page.cursor
    assert sorted(found) == [f"n{index:03}" for index in range(number)]


async def test_more_messages_in_one_second_than_a_cursor_names_are_paged_through(
    world: World, alice: EmailWorkspace
) -> None:
    for index in range(130):
        world.deliver(subject=f"n{index:03}", date="Mon, 02 Nov 2026 09:00:00 +0000")
    everything = [f"n{index:03}" for index in range(130)]
    assert sorted(await walk(alice, MailQuery(folder="inbox", limit=40))) == everything
    now = format_datetime(datetime.now(UTC))
    wanted = [f"wanted{index:03}" for index in range(200) if index % 10 == 0 or 70 <= index < 130]
    for index in range(200):
        subject = f"wanted{index:03}"
        world.deliver(subject=subject if subject in wanted else "other", date=now)
    assert sorted(await walk(alice, MailQuery(folder="inbox", subject="wanted", after="30min", limit=7))) == wanted


async def test_filters_reach_graph(world: World, alice: EmailWorkspace) -> None:
    fill(world, 5)
    read = world.deliver(subject="read one", sender="Ann <ann@else.example>")
    await alice.messages.update_messages([read], MessageChange(read=True, flag="flagged", add_categories=("Red",)))
    world.deliver(subject="file", attachments=[("a.txt", "text/plain", b"A")])
    cases = {
        "read one": [
            MailQuery(unread=False),
            MailQuery(flagged=True),
            MailQuery(category="Red"),
            MailQuery(sender="ann@else.example"),
            MailQuery(sender="Ann"),
            MailQuery(subject="read one"),
        ],
        "file": [MailQuery(attachments=True), MailQuery(text="file")],
    }
    for expected, queries in cases.items():
        for query in queries:
            assert subjects(await alice.search.search_messages(query)) == [expected], query


async def test_what_the_index_cannot_say_is_filtered_afterwards(world: World, alice: EmailWorkspace) -> None:
    fill(world, 40, "report ")
    flagged = [message.id for message in (await alice.search.search_messages(MailQuery(limit=40))).messages[5:38:8]]
    await alice.messages.update_messages(flagged, MessageChange(flag="flagged"))
    query = MailQuery(subject="report", flagged=True, limit=2)
    assert len(await walk(alice, query)) == len(flagged)
    narrow = MailQuery(subject="report", after="2026-11-02T09:00:10Z", before="2026-11-02T09:00:13Z")
    assert subjects(await alice.search.search_messages(narrow)) == ["report 012", "report 011", "report 010"]


async def test_a_search_that_meets_the_limit_of_the_index_does_not_claim_to_be_complete(
    world: World, alice: EmailWorkspace
) -> None:
    alice = replace(alice, mail_settings=MailSettings(most_search_results=250))
    fill(world, 250, "many ")
    query = MailQuery(subject="many", limit=100)
    pages = [await alice.search.search_messages(query)]
    while pages[-1].cursor:
        pages.append(await alice.search.search_messages(query, pages[-1].cursor))
    assert [len(page.messages) for page in pages] == [100, 100, 50]
    assert (pages[-1].is_complete, pages[-1].stopped_after) == (False, 250)
    assert any("250" in note for note in pages[-1].notes)


async def test_a_scan_that_gives_up_says_how_far_it_looked_and_goes_on(world: World, alice: EmailWorkspace) -> None:
    alice = replace(alice, mail_settings=MailSettings(most_scanned=100))
    for number in range(120):
        world.deliver(subject=f"n{number}")
    query = MailQuery(subject="absent", after="30min")
    given_up = await alice.search.search_messages(query)
    assert (given_up.messages, given_up.is_complete, given_up.stopped_after) == ([], False, 100)
    told = found_answer(context(alice), given_up)
    looked = "No message among the 100 looked at in the whole mailbox since "
    assert told.startswith(looked)
    assert told.endswith(f"; not complete. Go on with cursor={given_up.cursor}")
    rest = await alice.search.search_messages(query, given_up.cursor)
    assert (rest.messages, rest.is_complete, rest.stopped_after) == ([], True, None)


def context(mailbox: EmailWorkspace) -> AnswerContext:
    return AnswerContext(mailbox.handles, UTC, datetime.now(UTC))


async def test_short_pages_are_followed_until_the_list_is_full(world: World, alice: EmailWorkspace) -> None:
    fill(world, 10)
    short = {"@odata.context": "x", "value": []}
    link = f"{world.sandbox.graph_url}/me/messages?$skip=0&$top=25"
    world.faults({"route": "/v1.0/me/messages", "times": 1, "body": {**short, "@odata.nextLink": link}})
    assert len((await alice.search.search_messages(MailQuery())).messages) == 10


async def test_a_next_link_to_another_host_is_refused(world: World, alice: EmailWorkspace) -> None:
    body = {"@odata.context": "x", "value": [], "@odata.nextLink": "https://evil.example/v1.0/me/messages?$skip=1"}
    world.faults({"route": "/v1.0/me/messages", "body": body})
    with pytest.raises(Exception, match="nothing was sent"):
        await alice.search.search_messages(MailQuery())


async def test_a_cursor_serves_only_its_own_query_mailbox_and_user(world: World, alice: EmailWorkspace) -> None:
    fill(world, 10)
    for index in range(10):
        world.deliver("bob", subject=f"bob {index}")
    query = MailQuery(limit=3)
    cursor = (await alice.search.search_messages(query)).cursor
    assert cursor
    bob = await world.mailbox("bob")
    for mailbox, other in ((bob, query), (alice, MailQuery(limit=3, unread=True)), (alice, MailQuery(limit=4))):
        with pytest.raises(InvalidInput, match="not one of this search"):
            await mailbox.search.search_messages(other, cursor)


@pytest.mark.parametrize("bad", ["", "x", "%%%", "é", "AAAA" * 2000, base64.urlsafe_b64encode(b"\x93\x01").decode()])
async def test_a_cursor_that_is_none_is_refused(world: World, alice: EmailWorkspace, bad: str) -> None:
    if bad:
        with pytest.raises(InvalidInput):
            await alice.search.search_messages(MailQuery(), bad)
    else:
        assert (await alice.search.search_messages(MailQuery(), bad)).is_complete


async def test_a_cursor_with_one_wrong_letter_is_refused(world: World, alice: EmailWorkspace) -> None:
    fill(world, 4)
    query = MailQuery(limit=2)
    cursor = (await alice.search.search_messages(query)).cursor
    assert cursor
    asked = len(world.requests())
    for place, letter in enumerate(cursor):
        wrong = "A" if letter != "A" else "B"
        with pytest.raises(InvalidInput, match="copied wrong"):
            await alice.search.search_messages(query, cursor[:place] + wrong + cursor[place + 1 :])
    for damaged in (cursor[:-1], cursor + "A", cursor[1:], cursor.swapcase()):
        with pytest.raises(InvalidInput, match="copied wrong"):
            await alice.search.search_messages(query, damaged)
    assert len(world.requests()) == asked


def test_a_cursor_is_taken_by_every_server_with_the_same_key_and_by_no_other() -> None:
    query, cursor = MailQuery(limit=2), Cursor(1_700_000_000, 25, 0, {"$skip": "25"})
    written = CursorFormat(CURSOR_KEY, ALICE, None).encode(cursor, query)
    assert CursorFormat(CURSOR_KEY, ALICE, None).decode(written, query) == cursor
    for other in (
        CursorFormat(SecretBytes(bytes(32)), ALICE, None),
        CursorFormat(CURSOR_KEY, UserKey("contoso", "bob"), None),
        CursorFormat(CURSOR_KEY, ALICE, ConnectionId("other")),
    ):
        with pytest.raises(InvalidInput):
            other.decode(written, query)


def test_no_letter_of_a_cursor_can_be_changed_into_any_other() -> None:
    query, cursors = MailQuery(limit=2), CursorFormat(CURSOR_KEY, ALICE, None)
    written = cursors.encode(Cursor(1_700_000_000, 25, 0, {"$skip": "25"}), query)
    for place, right in enumerate(written):
        for letter in set(string.ascii_letters + string.digits + "-_+/= ") - {right}:
            with pytest.raises(InvalidInput):
                cursors.decode(written[:place] + letter + written[place + 1 :], query)


async def test_a_cursor_is_short(world: World, alice: EmailWorkspace) -> None:
    fill(world, 4)
    cursor = (await alice.search.search_messages(MailQuery(limit=2))).cursor
    assert cursor
    assert len(cursor) <= 60


def test_only_the_paging_of_a_next_link_is_kept_and_the_query_stays() -> None:
    first = "https://g.example/v1.0/me/messages?%24filter=a%20eq%20%27b%26c%27&%24top=25&%24select=id,subject"
    link = first + "&%24skip=25&$skiptoken=a%2Bb%3D"
    assert paging_of(link) == {"$top": "25", "$skip": "25", "$skiptoken": "a+b="}
    again = page_url(first, paging_of(link))
    assert "filter=a%20eq%20%27b%26c%27" in again
    assert paging_of(again) == paging_of(link)
