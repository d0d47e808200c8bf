"""What the view `new` leaves out: only history of a reply that the reader has as messages of their own."""

from __future__ import annotations

from html import escape

import pytest

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World

HEADERS = "From: {who}\nSent: Friday, November 27, 2026 10:15 AM\nTo: Erin <erin@partner.example>\nSubject: Chairs\n"
OLD = "We would like 40 chairs by Friday."


def history(who: str) -> str:
    return f"\n\n-----Original Message-----\n{HEADERS.format(who=who)}\n{OLD}\n"


async def new_text(mailbox: EmailWorkspace, message: str) -> str:
    (item,) = (await mailbox.messages.read_messages([message])).items  # type: ignore[list-item]
    return item.text.text


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("FW: Chairs", "Can you take this?" + history("Jane <jane@customer.example>")),
        ("WG: Chairs", "Bitte." + history("Jane <jane@customer.example>")),
        ("New enquiry", f"An enquiry:\n\n{HEADERS.format(who='Jane')}\n{OLD}"),
        # A reply between others, to which the reader was added.
        ("RE: Chairs", "Adding Alice." + history("Jane <jane@customer.example>")),
        ("Chairs", "No prefix." + history("Alice <alice@contoso.example>")),
    ],
)
async def test_what_the_reader_has_nowhere_else_is_shown(
    world: World, alice: EmailWorkspace, subject: str, text: str
) -> None:
    assert OLD in await new_text(alice, world.deliver(subject=subject, text=text))


async def test_a_form_with_the_subject_of_an_earlier_one_is_shown_whole(world: World, alice: EmailWorkspace) -> None:
    world.deliver(subject="New enquiry", text="First.", date="Fri, 27 Nov 2026 09:00:00 +0000")
    second = f"An enquiry:\n\n{HEADERS.format(who='Jane')}\n{OLD}"
    later = world.deliver(subject="New enquiry", text=second, date="Fri, 27 Nov 2026 11:00:00 +0000")
    assert OLD in await new_text(alice, later)


@pytest.mark.parametrize("subject", ["RE: Chairs", "Chairs"])
async def test_history_that_the_mailbox_has_is_left_out(world: World, alice: EmailWorkspace, subject: str) -> None:
    first = {"subject": "Chairs", "text": OLD, "message_id": "<first@partner.example>"}
    world.deliver(**first, date="Fri, 27 Nov 2026 09:00:00 +0000")
    text = "Yes." + history("Jane <jane@customer.example>")
    reply = world.deliver(
        subject=subject, text=text, reply_to="<first@partner.example>", date="Fri, 27 Nov 2026 11:00:00 +0000"
    )
    (item,) = (await alice.messages.read_messages([reply])).items
    assert item.text.text == "Yes."
    assert item.text.cut_chars > 0


async def test_a_quote_of_a_lost_message_of_the_reader_is_cut_and_said_to_be_compared_with_none(
    world: World, alice: EmailWorkspace
) -> None:
    reply = world.deliver(subject="AW: Chairs", text="Yes." + history("alice@contoso.example"))
    (item,) = (await alice.messages.read_messages([reply])).items
    assert (item.text.text, item.text.differing_lines) == ("Yes.", None)


PRICE = (
    "We met on Monday and spoke of the chairs.\nThe price is 5000 francs.\n\nThe order is due on Friday & not later."
)
QUOTES = {
    "as it was": (PRICE, None),
    "wrapped again": (PRICE.replace("spoke of", "spoke\nof").replace("francs.\n\n", "francs. "), None),
    "edited": (PRICE.replace("5000", "9000"), "> The price is 9000 francs."),
    "with a line between": (PRICE.replace("\n\n", "\n\nBOB: No.\n\n"), "> BOB: No."),
}


@pytest.mark.parametrize("program", ["plain", "Gmail"])
@pytest.mark.parametrize("quote", QUOTES)
async def test_the_lines_of_a_quote_that_stand_in_no_known_message_are_shown(
    world: World, alice: EmailWorkspace, quote: str, program: str
) -> None:
    world.deliver(
        subject="Chairs", text=PRICE, message_id="<first@partner.example>", date="Fri, 27 Nov 2026 09:00:00 +0000"
    )
    quoted, shown = QUOTES[quote]
    said = "On Fri, 27 Nov 2026 at 10:15, Alice <alice@contoso.example> wrote:"
    text = f"I agree.\n\n{said}\n" + "\n".join(f"> {line}" for line in quoted.split("\n"))
    if program == "Gmail":
        lines = escape(quoted).replace("\n", "<br>")
        above = f'<div class="gmail_attr">{escape(said)}</div>'
        block = f'{above}<blockquote class="gmail_quote">{lines}</blockquote>'
        text = f'<div>I agree.</div><div class="gmail_quote">{block}</div>'
    head = "From: g@partner.example\nTo: alice@contoso.example\nSubject: Re: Chairs\nMIME-Version: 1.0\n"
    head += "Date: Fri, 27 Nov 2026 11:00:00 +0000\nIn-Reply-To: <first@partner.example>\n"
    head += f"Content-Type: text/{'html' if program == 'Gmail' else 'plain'}; charset=utf-8\n\n"
    reply = world.deliver_mime("alice", (head + text).encode())
    expected = ("I agree." + (f"\n\n{shown}" if shown else ""), int(bool(shown)))
    for whole in (False, True):
        item = (await alice.messages.read_messages([reply], whole_conversation=whole)).items[-1]
        assert (item.text.text, item.text.differing_lines) == expected
        assert item.text.cut_chars > 0


async def test_a_history_that_cannot_be_asked_for_is_shown(world: World, alice: EmailWorkspace) -> None:
    reply = world.deliver(subject="RE: Chairs", text="Yes." + history("Jane <jane@customer.example>"))
    await new_text(alice, reply)
    world.faults({"route": "*batch*", "status": 403})
    assert OLD in await new_text(alice, reply)


async def test_inline_files_are_told_though_exchange_does_not_count_them(world: World, alice: EmailWorkspace) -> None:
    pdf = "Content-Type: application/pdf\nContent-ID: <d@x>\nContent-Disposition: inline; filename=Invoice.pdf\n\n%PDF"
    body = "Content-Type: text/plain\n\nPlease see the file."
    head = "From: a@partner.example\nTo: alice@contoso.example\nSubject: Invoice\nMIME-Version: 1.0\n"
    raw = f"{head}Content-Type: multipart/mixed; boundary=b\n\n--b\n{body}\n--b\n{pdf}\n--b--\n"
    message = world.deliver_mime("alice", raw.encode())
    for whole in (False, True):
        found = await alice.messages.read_messages([message], whole_conversation=whole)
        assert [file.name for file in found.items[0].attachments] == ["Invoice.pdf"]
        assert found.items[0].message.has_attachments is False


def deliver_files(world: World) -> None:
    """Three messages: with a document in the text, with a picture in the text, and with an attachment."""
    head = "From: a@partner.example\nTo: alice@contoso.example\nSubject: {} file\nMIME-Version: 1.0\n"
    part = "Content-Type: {}\nContent-ID: <d@x>\nContent-Disposition: inline; filename=f\n\nx"
    for subject, kind in (("Inline", "application/pdf"), ("Logo", "image/png")):
        body = f"--b\nContent-Type: text/plain\n\nSee\n--b\n{part.format(kind)}\n--b--\n"
        raw = f"{head.format(subject)}Content-Type: multipart/mixed; boundary=b\n\n{body}"
        world.deliver_mime("alice", raw.encode())
    world.deliver(subject="Plain file", attachments=[("a.pdf", "application/pdf", b"%PDF")])


LISTS = {
    "a folder": (MailQuery(folder="inbox", limit=3), 0),
    "words": (MailQuery(subject="file"), 0),
    "checked messages": (MailQuery(subject="file", unread=True), 1),
}


@pytest.mark.parametrize("kind", LISTS)
async def test_a_list_tells_of_inline_files_but_not_of_pictures(world: World, alice: EmailWorkspace, kind: str) -> None:
    query, batches = LISTS[kind]
    deliver_files(world)
    await alice.search.search_messages(MailQuery(limit=1))
    world.sandbox.log.clear()
    found = await alice.search.search_messages(query)
    assert (len(world.requests("GET", "/messages")), len(world.requests("POST", "$batch"))) == (1, batches)
    assert {message.subject for message in found.messages if message.has_files} == {"Inline file", "Plain file"}


async def test_a_forward_lists_the_inline_files_that_go_out(world: World, alice: EmailWorkspace) -> None:
    deliver_files(world)
    found = await alice.search.search_messages(MailQuery(subject="file", limit=3))
    for message in found.messages:
        forward = await alice.drafts.save_draft(DraftContent(), kind="forward", of=Handle(message.id))
        assert [file.name for file in forward.attachments] == [{"Plain file": "a.pdf"}.get(message.subject or "", "f")]


async def test_where_a_list_cannot_be_expanded_its_inline_files_are_asked_for(
    world: World, alice: EmailWorkspace
) -> None:
    deliver_files(world)
    world.faults({"route": "*messages", "query": "$expand=", "status": 400})
    found = await alice.search.search_messages(MailQuery(folder="inbox", limit=3))
    assert {message.subject for message in found.messages if message.has_files} == {"Inline file", "Plain file"}


async def test_a_search_for_attachments_finds_mail_whose_only_file_is_inline(
    world: World, alice: EmailWorkspace
) -> None:
    deliver_files(world)
    found = await alice.search.search_messages(MailQuery(subject="file", attachments=True))
    assert {message.subject for message in found.messages} == {"Inline file", "Plain file"}
    assert all(message.has_files for message in found.messages)
    some = await alice.search.search_messages(MailQuery(subject="file", attachments=True, limit=1))
    assert any("does not count files that stand in the text" in note for note in some.notes)
