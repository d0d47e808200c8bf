"""Conversations in few words, sources in parts, and facts that have to be asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import InvalidInput, NotFound
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lazy import messages_answer
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import CONTEXT, tokens, unframed
from tests.mail.test_facts import EXCHANGE
from tests.workspace.conftest import World

FIRST = "First message from this address."


@pytest.fixture
def seeded() -> bool:
    return False


def context_of(mailbox: EmailWorkspace) -> AnswerContext:
    return CONTEXT.__class__(mailbox.handles, CONTEXT.zone, CONTEXT.now, mailbox.config.address)


async def read(mailbox: EmailWorkspace, *ids: Handle, **how: object) -> str:
    found = await mailbox.messages.read_messages(ids, **how)  # type: ignore[arg-type]
    return messages_answer(context_of(mailbox), found, 0)


def reply_texts(count: int) -> list[str]:
    """Each answers the one before and quotes the whole of it, as Outlook does."""
    texts: list[str] = []
    for number in range(count):
        new = f"Point {number}: " + " ".join(f"argument{number}x{word}" for word in range(25)) + "."
        quoted = (
            f"\n\n-----Original Message-----\nFrom: Grace Green <grace@partner.example>\nSent: Monday 2 November 2026"
            f" 09:0{number - 1}\nTo: Alice Archer\nSubject: Plan\n\n{texts[-1]}"
            if texts
            else ""
        )
        texts.append(new + quoted)
    return texts


async def test_a_thread_of_full_quoting_replies_costs_a_quarter_of_its_text_and_says_what_was_cut(
    world: World, alice: EmailWorkspace
) -> None:
    texts = reply_texts(8)
    for number, text in enumerate(texts):
        last = world.deliver(
            subject="Plan" if number == 0 else "RE: Plan",
            text=text,
            message_id=f"<{number}@partner.example>",
            reply_to=f"<{number - 1}@partner.example>" if number else None,
            date=f"Mon, 02 Nov 2026 09:0{number}:00 +0000",
        )
    answer = await read(alice, last, whole_conversation=True)
    positions = [answer.index(f"Point {number}:") for number in range(8)]
    assert positions == sorted(positions)
    assert all(answer.count(f"Point {number}:") == 1 for number in range(8))
    assert answer.count("characters of quoted mail left out") == 7
    assert answer.endswith('view="full" shows what was left out.')
    assert tokens(answer) <= 0.25 * tokens("\n".join(texts))


async def test_what_a_reply_of_the_same_second_quotes_is_earlier_mail(world: World, alice: EmailWorkspace) -> None:
    date = "Mon, 02 Nov 2026 09:00:00 +0000"
    world.deliver(subject="Plan", text="The old words.", message_id="<a@x.example>", date=date)
    quoted = "Yes.\n\nOn Monday, 2 November 2026 at 09:00, Grace <grace@partner.example> wrote:\n> The old words.\n"
    reply = world.deliver(subject="RE: Plan", text=quoted, reply_to="<a@x.example>", date=date)
    answer = await read(alice, reply)
    assert "Yes." in answer
    assert "The old words." not in answer


async def test_the_source_is_given_in_parts_that_make_the_whole(world: World, alice: EmailWorkspace) -> None:
    lines = [f"Line {number} of the letter, with an ä." for number in range(1200)]
    head = "From: a@x.example\r\nTo: alice@contoso.example\r\nSubject: Long\r\nX-Odd: 1\r\n"
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    raw = (head + kind + "\r\n".join(lines) + "\r\n").encode()
    message = world.deliver_mime("alice", raw)
    parts, offset = [], 0
    while True:
        found = await alice.messages.read_messages([message], view="original", offset=offset)
        assert found.source is not None
        parts.append(unframed(messages_answer(context_of(alice), found)).partition("\n")[2])
        if found.source.following is None:
            break
        offset = found.source.following
    assert len(parts) == 3
    assert "\n".join(part.removesuffix("\n") for part in parts).split("\n") == raw.decode().strip().split("\r\n")
    beyond = await alice.messages.read_messages([message], view="original", offset=10**6)
    assert messages_answer(context_of(alice), beyond) == "The source is shorter than offset=1000000."


async def test_bytes_of_no_charset_do_not_make_a_part_too_long(world: World, alice: EmailWorkspace) -> None:
    raw = b"From: a@x.example\r\nSubject: Odd\r\n\r\n" + b"\xff" * 30_000
    message = world.deliver_mime("alice", raw)
    found = await alice.messages.read_messages([message], view="original")
    assert found.source is not None
    assert len(found.source.text.encode()) <= 20_000
    assert found.source.following is not None


async def test_the_source_is_that_of_one_message(world: World, alice: EmailWorkspace) -> None:
    message = world.deliver()
    with pytest.raises(InvalidInput, match="one message at a time"):
        await read(alice, message, world.deliver(), view="original")
    with pytest.raises(InvalidInput, match="one message at a time"):
        await read(alice, message, view="original", whole_conversation=True)
    with pytest.raises(NotFound):
        await read(alice, Handle("999"), view="original")


async def test_a_bounce_says_for_whom_and_why(world: World, alice: EmailWorkspace) -> None:
    bounced = world.deliver_mime("alice", EXCHANGE.replace(b"\n", b"\r\n"))
    answer = await read(alice, bounced)
    assert "Not delivered to full@fabrikam.example: the mailbox is full (5.2.2)." in answer
    assert FIRST not in answer
    assert "tells for whom and why" not in answer
    world.faults({"route": "*$value", "status": 404})
    assert "Not delivered" not in await read(alice, bounced)


async def test_only_the_first_message_of_a_stranger_is_said_to_be_the_first(
    world: World, alice: EmailWorkspace
) -> None:
    first = world.deliver(date="Mon, 02 Nov 2026 09:00:00 +0000")
    second = world.deliver(date="Mon, 02 Nov 2026 10:00:00 +0000")
    assert FIRST in await read(alice, first)
    assert FIRST not in await read(alice, second)
    assert (await read(alice, first, second)).count(FIRST) == 1
    colleague = world.deliver(sender="Carol <carol@contoso.example>")
    newsletter = world.deliver_mime("alice", b"From: n@news.example\nList-Id: <n.news.example>\nSubject: News\n\nHi\n")
    assert FIRST not in await read(alice, colleague, newsletter)


@pytest.mark.parametrize(
    ("day", "told"), [(3, ", Tue 3 Nov 2026 09:00, unread"), (4, ", Wed 4 Nov 2026 09:00, dated Mon 2 Nov 2026 10:00,")]
)
async def test_a_date_of_the_sender_that_is_days_off_is_told_besides_when_the_message_came(
    world: World, alice: EmailWorkspace, day: int, told: str
) -> None:
    raw = b"From: Grace Green <grace@partner.example>\nDate: Mon, 02 Nov 2026 09:00:00 +0000\nSubject: Late\n\nHi\n"
    received = datetime(2026, 11, day, 8, 0, tzinfo=UTC)
    identifier = world.sandbox.deliver(world.user("alice"), raw, received=received)
    assert told in await read(alice, Handle(identifier))


async def test_who_cannot_be_asked_for_counts_as_known(world: World, alice: EmailWorkspace) -> None:
    message = world.deliver()
    world.faults({"route": "*/messages", "query": "emailAddress", "status": 403})
    assert FIRST not in await read(alice, message)
    world.faults()
    assert FIRST in await read(alice, message)
