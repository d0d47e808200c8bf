"""What can be asked besides words: names of files, attachments, conversations, the order, fields of other programs."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import InvalidInput, NotFound
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.search import SearchResult
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World
from tests.workspace.test_finding import told


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
def mail_settings() -> MailSettings:
    return MailSettings(most_search_results=4)


def subjects(result: SearchResult) -> list[str]:
    return [message.subject or "" for message in result.messages]


async def found(mailbox: EmailWorkspace, **asked: Any) -> list[str]:
    return subjects(await mailbox.search.search_messages(MailQuery(**{"folder": "inbox", **asked})))


def deliver_at(world: World, minute: int, subject: str, **fields: Any) -> Any:
    return world.deliver(subject=subject, date=f"Mon, 02 Nov 2026 09:{minute:02}:00 +0000", **fields)


def deliver_files(world: World) -> None:
    for minute, names in enumerate((["Report.PDF", "b.txt"], ["report.pdf.exe"], ["plan[1].docx"], [])):
        files = [(name, "application/octet-stream", b"x") for name in names]
        deliver_at(world, minute, names[0] if names else "None", attachments=files)


@pytest.mark.parametrize("refuses_to_expand", [False, True])
async def test_names_of_files_are_compared_whole_and_shown(
    world: World, alice: EmailWorkspace, refuses_to_expand: bool
) -> None:
    deliver_files(world)
    if refuses_to_expand:
        world.faults({"route": "*messages", "query": "$expand=", "status": 400})
    answer = await told(alice, has_file="*.pdf")
    assert "Report.PDF [Report.PDF]" in answer
    assert "1 message in Inbox" in answer
    assert await found(alice, has_file="report") == ["report.pdf.exe", "Report.PDF"]
    assert await found(alice, has_file="plan[1].docx") == ["plan[1].docx"]
    assert await found(alice, has_file="plan?.docx") == []
    assert await found(alice, has_file="*", subject="Report") == ["report.pdf.exe", "Report.PDF"]
    assert await found(alice, has_file="*.pdf", subject="Report") == ["Report.PDF"]


async def test_inline_files_are_found_by_name_too(world: World, alice: EmailWorkspace) -> None:
    part = "Content-Type: application/pdf\nContent-ID: <d@x>\nContent-Disposition: inline; filename={}.pdf\n\nx"
    for name in ("scan", "other"):
        body = f"--b\nContent-Type: text/plain\n\nSee\n--b\n{part.format(name)}\n--b--\n"
        head = f"From: a@partner.example\nTo: alice@contoso.example\nSubject: {name}\nMIME-Version: 1.0\n"
        world.deliver_mime("alice", f"{head}Content-Type: multipart/mixed; boundary=b\n\n{body}".encode())
    assert await found(alice, has_file="scan.pdf") == ["scan"]


async def test_words_are_looked_for_in_attachments_alone(world: World, alice: EmailWorkspace) -> None:
    deliver_files(world)
    deliver_at(world, 9, "The report")
    assert await found(alice, text="report", within="attachments") == ["report.pdf.exe", "Report.PDF"]
    with pytest.raises(InvalidInput, match="where `text` is looked for"):
        await found(alice, within="attachments")


async def test_a_conversation_is_listed_from_all_folders_and_from_one_that_is_named(
    world: World, alice: EmailWorkspace
) -> None:
    first = deliver_at(world, 1, "Plan", message_id="<1@x>")
    second = deliver_at(world, 2, "Re: Plan", reply_to="<1@x>")
    deliver_at(world, 3, "Other")
    await alice.messages.move_messages([second], "archive")
    short = alice.handles.short(first)
    assert await found(alice, thread_of=short) == ["Re: Plan", "Plan"]
    assert await found(alice, thread_of=short, oldest_first=True) == ["Plan", "Re: Plan"]
    assert await found(alice, thread_of=short, folder="archive") == ["Re: Plan"]
    assert await found(alice, thread_of=short, unread=True, text="subject:Plan", folder="all") == ["Re: Plan", "Plan"]
    with pytest.raises(NotFound):
        await found(alice, thread_of="999")


async def test_the_oldest_come_first_page_by_page(world: World, alice: EmailWorkspace) -> None:
    for minute in range(3):
        deliver_at(world, minute, f"note {minute}")
    for subject in (None, "note"):
        query, cursor, seen = MailQuery(folder="inbox", oldest_first=True, limit=2, subject=subject), None, []
        for _ in range(2):
            result = await alice.search.search_messages(query, cursor)
            seen += subjects(result)
            cursor = result.cursor
        assert (seen, cursor, result.is_complete) == (["note 0", "note 1", "note 2"], None, True)


async def test_an_index_that_gives_not_all_is_said_to_lack_the_oldest(world: World, alice: EmailWorkspace) -> None:
    for minute in range(6):
        deliver_at(world, minute, f"note {minute}")
    answer = await told(alice, subject="note", oldest_first=True)
    assert "Of the index the newest 4 messages were put in order; older ones may be missing." in answer
    assert "complete" not in answer


async def test_people_with_or_between_them_are_any_of_them(world: World, alice: EmailWorkspace) -> None:
    for name in ("Ann Ames <ann@one.example>", "Ben Bell <ben@two.example>", "Cid Cole <cid@three.example>"):
        world.deliver(sender=name, subject=name[:3])
    assert sorted(await found(alice, sender="Ann OR *@two.example")) == ["Ann", "Ben"]
    assert sorted(await found(alice, text="{from:ann@one.example from:cid@three.example}")) == ["Ann", "Cid"]


async def test_a_message_is_found_by_its_id_of_the_internet(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="Mine", message_id="<mine@x.example>")
    world.deliver(subject="Yours")
    assert await found(alice, text="rfc822msgid:mine@x.example") == ["Mine"]


@pytest.mark.parametrize("text", ["foo:harvest", "harvest label:work"])
async def test_finding_nothing_by_a_text_that_was_not_understood_is_no_complete_list(
    world: World, alice: EmailWorkspace, text: str
) -> None:
    answer = await told(alice, text=text)
    assert "but a part of the search may have been meant otherwise" in answer
    assert "complete" not in answer
