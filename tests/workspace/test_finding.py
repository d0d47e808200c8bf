"""Where a search looks, what it does where nothing is found, and what it says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import GraphUnavailable
from outlook_mcp.mail.lazy import found_answer
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import unmarked
from tests.workspace.conftest import World


@pytest.fixture
def seeded() -> bool:
    return False


async def told(mailbox: EmailWorkspace, cursor: str | None = None, **asked: Any) -> str:
    """The answer to a search, in UTC."""
    found = await mailbox.search.search_messages(MailQuery(**{"folder": "inbox", **asked}), cursor)
    return found_answer(AnswerContext(mailbox.handles, UTC, datetime.now(UTC)), found)


async def test_an_answer_says_in_which_folder_it_looked(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Harvest")
    assert "1 message in Inbox; the list is complete." in await told(alice)
    assert "1 message in Inbox; the list is complete." in await told(alice, text="harvest")
    assert "1 message in the whole mailbox; the list is complete." in await told(alice, folder="all")
    assert await told(alice, folder="archive") == "No message in Archive; the list is complete."
    assert await told(alice, unread=False) == "No message in Inbox; the list is complete."
    assert "1 message in Inbox since Sun 1 Nov 2020 00:00;" in await told(alice, after="2020-11-01T00:00Z")


async def test_what_is_in_no_folder_that_was_asked_for_is_looked_for_everywhere(
    world: World, alice: EmailWorkspace
) -> None:
    world.sandbox.store.mailbox(world.user("alice").oid).ensure_folder("Projects/Aurora")
    for subject, folder in (("Harvest one", "Projects/Aurora"), ("Harvest two", "trash"), ("Harvest three", "junk")):
        await alice.messages.move_messages([world.deliver(subject=subject)], folder)
    answer = await told(alice, text="harvest")
    lead = "No message in Inbox, so the whole mailbox was searched: 3 messages (1 in Junk Email, 1 in Deleted Items);"
    assert lead in answer
    for place, subject in (("Projects/Aurora", "one"), ("Deleted", "two"), ("Junk", "three")):
        assert f"[{place}] Grace Green" in answer
        assert f"Harvest {subject}" in answer
    assert lead in await told(alice, sender="grace@partner.example")
    assert lead.replace("Inbox", "Archive") in await told(alice, folder="archive", subject="harvest")
    assert "3 messages in the whole mailbox (1 in Junk Email, 1 in Deleted Items);" in await told(
        alice, folder="all", text="harvest"
    )


async def test_a_list_of_the_whole_mailbox_goes_on_there(world: World, alice: EmailWorkspace) -> None:
    for number in range(5):
        await alice.messages.move_messages([world.deliver(subject=f"Harvest {number}")], "archive")
    query = MailQuery(folder="inbox", text="harvest", limit=3)
    first = await alice.search.search_messages(query)
    rest = await alice.search.search_messages(query, first.cursor)
    assert first.nothing_in is not None
    assert (len(first.messages), len(rest.messages), rest.is_complete) == (3, 2, True)
    assert len({message.id for message in [*first.messages, *rest.messages]}) == 5
    assert "2 messages in the whole mailbox; the list is complete." in await told(
        alice, first.cursor, text="harvest", limit=3
    )


async def test_a_list_that_was_emptied_before_it_went_on_stays_in_its_folder(
    world: World, alice: EmailWorkspace
) -> None:
    found = [world.deliver(subject=f"Harvest {number}") for number in range(3)]
    query = MailQuery(folder="inbox", text="harvest", limit=2)
    first = await alice.search.search_messages(query)
    (last,) = {*found} - {message.id for message in first.messages}
    await alice.messages.move_messages([last], "archive")
    assert (await told(alice, first.cursor, text="harvest", limit=2)).startswith("No message in Inbox; the list is")


async def test_what_is_nowhere_is_said_to_be_nowhere(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Harvest")
    answer = await told(alice, text="absent")
    assert answer.startswith("No message in Inbox, nor anywhere else in the mailbox.")


async def test_operators_in_the_text_are_answered_by_graph(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Invoice 12", sender="Bob <bob@else.example>")
    read = world.deliver(subject="Receipt 77", sender="Erin Evans <erin@fabrikam.example>")
    world.deliver(subject="As promised", text="See the file.", attachments=[("Budget-2027-final.pdf", "a/pdf", b"x")])
    await alice.messages.update_messages([read], MessageChange(read=True, flag="flagged", add_categories=("Red",)))
    cases = {
        "invoice OR receipt": "Invoice 12, Receipt 77",
        "from:erin subject:receipt": "Receipt 77",
        "from:(bob OR erin)": "Invoice 12, Receipt 77",
        "from:*@fabrikam.example": "Receipt 77",
        "-from:erin -from:bob": "As promised",
        "NOT (invoice OR receipt)": "As promised",
        "receipt is:read": "Receipt 77",
        "receipt is:unread": "",
        "is:flagged OR has:attachment": "As promised, Receipt 77",
        "category:Red": "Receipt 77",
        "(receipt is:read) OR (invoice is:unread)": "Invoice 12, Receipt 77",
        "from:erin OR is:flagged": "Receipt 77",
        "Budget-2027-final.pdf": "As promised",
        "filename:budget": "As promised",
        "budget -filename:final": "",
        "invoice newer_than:1d": "Invoice 12",
        "invoice older_than:1d": "",
        "larger:100M": "",
        "importance:high": "",
    }
    for text, expected in cases.items():
        found = await alice.search.search_messages(MailQuery(text=text, folder="all"))
        subjects = sorted({message.subject or "" for message in found.messages})
        assert ", ".join(subjects) == expected, text


async def test_a_domain_finds_no_address_that_only_contains_it(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Theirs", sender="Erin <erin@fabrikam.example>")
    world.deliver(subject="Not theirs", sender="Eve <eve@fabrikam.example.evil.example>")
    for sender in ("*@fabrikam.example", "@fabrikam.example"):
        found = await alice.search.search_messages(MailQuery(sender=sender))
        assert [message.subject for message in found.messages] == ["Theirs"]
    others = await alice.search.search_messages(MailQuery(text="subject:theirs -from:*@fabrikam.example"))
    assert [message.subject for message in others.messages] == ["Not theirs"]


async def test_what_was_ignored_is_named_with_what_is_understood(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Harvest")
    answer = await told(alice, text="harvest label:work")
    assert "Ignored: `label:work`. `text` understands from:" in answer


async def test_a_category_that_nothing_has_is_answered_with_those_there_are(
    world: World, alice: EmailWorkspace
) -> None:
    world.deliver(subject="Harvest")
    for asked in ({"category": "Rot"}, {"text": "harvest category:Rot"}):
        answer = await told(alice, **asked)
        assert answer.startswith("No message in Inbox, nor anywhere else in the mailbox.")
        assert "Categories of this mailbox: {Red category, Orange category" in unmarked(answer)
    world.faults({"route": "/v1.0/$batch", "status": 503})
    assert await told(alice, category="Rot") == "No message in Inbox, nor anywhere else in the mailbox."


async def test_files_in_the_text_are_said_not_to_count_as_attachments(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Harvest")
    assert "Exchange does not count files that stand in the text" in await told(alice, text="has:attachment")
    assert "Exchange does not count" not in await told(alice, text="harvest")


UNSERVED = {"status": 503, "body": {"error": {"code": "ErrorInternalServerError", "message": "x"}}}


@pytest.fixture
def without_search(world: World) -> None:
    """$search is answered as in mailboxes that do not serve it; anything else works."""
    world.faults(
        *({"route": f"/v1.0/me/{place}messages", "query": "$search=", **UNSERVED} for place in ("", "mailFolders/*/"))
    )


@pytest.mark.usefixtures("without_search")
async def test_where_the_index_does_not_answer_what_a_list_shows_is_looked_at(
    world: World, alice: EmailWorkspace
) -> None:
    for number in range(3):
        world.deliver(subject=f"Invoice {number}")
    world.deliver(subject="Other")
    answer = await told(alice, text="invoice")
    assert "3 messages in Inbox; texts were searched in part only." in answer
    assert "The search index of this mailbox did not answer" in answer
    query = MailQuery(folder="inbox", text="invoice", limit=2)
    first = await alice.search.search_messages(query)
    rest = await alice.search.search_messages(query, first.cursor)
    assert sorted(str(message.subject) for message in [*first.messages, *rest.messages]) == [
        "Invoice 0",
        "Invoice 1",
        "Invoice 2",
    ]


async def test_a_list_whose_index_fails_midway_does_not_start_again(world: World, alice: EmailWorkspace) -> None:
    for number in range(3):
        world.deliver(subject=f"Invoice {number}")
    query = MailQuery(folder="inbox", text="invoice", limit=2)
    first = await alice.search.search_messages(query)
    world.faults({"route": "/v1.0/me/mailFolders/*/messages", "query": "$search=", **UNSERVED})
    with pytest.raises(GraphUnavailable):
        await alice.search.search_messages(query, first.cursor)


@pytest.mark.usefixtures("without_search")
async def test_what_only_the_index_knows_fails_with_the_error_of_the_index(alice: EmailWorkspace) -> None:
    with pytest.raises(GraphUnavailable):
        await told(alice, text="filename:a.pdf")
