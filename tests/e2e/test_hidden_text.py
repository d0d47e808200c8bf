"""What a sender hides is told by nothing that a client asks for: no list, no conversation, no resource, no event."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from mcp import Client
from mcp.types import TextResourceContents

from outlook_mcp.sandbox.graph.calendar.shapes import read_event
from outlook_mcp.sandbox.message import Address, Attachment, Message
from tests.answers import text_of
from tests.effort import usually
from tests.faults.meetings import stored_event
from tests.faults.office import open_office
from tests.text.hidden.snippet import Snippet
from tests.text.hidden.test_hidden import TECHNIQUES, verdict

# Of the techniques, of which lists show none and conversations, files and events fewer.
STEP = usually(24, thoroughly=1)
LISTED = TECHNIQUES[:: max(1, STEP // 4)]
DROPPED = [snippet for snippet in TECHNIQUES[::STEP] if verdict(snippet) == "dropped"]
SUBJECT = "Offer"
CONVERSATION = UUID(int=7)
_MARKED = re.compile(r"\[may be hidden: [^\]]*\]")
_CURSOR = re.compile(r'(?:cursor|since)="?([^\s",.]+)')


def canary(number: int) -> str:
    return f"canary{number:04d}"


def canaries_in(answer: str) -> set[str]:
    return set(re.findall(r"canary\d{4}", _MARKED.sub("", answer)))


def mail(number: int, snippet: Snippet, **fields: Any) -> Message:
    sender = Address("grace@partner.example", "Grace Green")
    body = f"<address>Seen {number}.</address>{snippet.with_word(canary(number))}"
    when = datetime.now(UTC) - timedelta(minutes=number)
    return Message(
        subject=SUBJECT, body=body, body_type="html", from_=sender, sender=sender, received=when, sent=when, **fields
    )


def eml(snippets: list[Snippet]) -> list[bytes]:
    messages = []
    for number, snippet in enumerate(snippets):
        message = EmailMessage()
        message["Subject"], message["From"] = f"{SUBJECT} {number}", "Grace <grace@partner.example>"
        message.set_content(f"<address>Seen {number}.</address>{snippet.with_word(canary(number))}", subtype="html")
        messages.append(message.as_bytes())
    return messages


async def told(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, text_of(answer)
    return text_of(answer)


async def resource(client: Client, address: str) -> str:
    contents = (await client.read_resource(address)).contents
    return "".join(part.text for part in contents if isinstance(part, TextResourceContents))


async def test_no_list_shows_what_a_message_hides(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for number, snippet in enumerate(LISTED):
            office.alice.insert_message(mail(number, snippet))
        client = office.client
        for address in ("outlook://me/inbox", "outlook://me/messages?folder=inbox", "outlook://me/folders"):
            assert "canary" not in await resource(client, address), address
        for query in (
            {},
            {"text": "seen"},
            {"text": canary(0)},
            {"sender": "grace@partner.example"},
            {"subject": SUBJECT},
        ):
            assert "canary" not in (await told(client, "mail_search", **query)).replace(str(query.get("text")), ""), (
                query
            )
        listed, seen = await told(client, "mail_search", limit=100), 0
        while "canary" not in listed:
            seen += listed.count(SUBJECT)
            following = _CURSOR.search(listed)
            if following is None:
                break
            listed = await told(client, "mail_search", limit=100, cursor=following[1])
        assert seen >= len(LISTED)
        begun = await told(client, "mail_changes", folder="inbox")
        cursor = _CURSOR.search(begun)
        assert cursor is not None
        office.alice.insert_message(mail(1, LISTED[0]))
        changed = await told(client, "mail_changes", since=cursor[1])
        assert SUBJECT in changed
        assert "canary" not in begun + changed


async def test_no_conversation_shows_what_its_messages_hide(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        stored = [
            office.alice.insert_message(mail(number, snippet), conversation_id=CONVERSATION)
            for number, snippet in enumerate(DROPPED)
        ]
        handle = str(stored[0].row["counter"])
        shown = await told(office.client, "mail_read", ids=[handle], thread=True)
        shown += await told(office.client, "mail_read", ids=[handle], thread=True, view="full")
        shown += await resource(office.client, f"outlook://me/threads/{handle}")
        assert "Seen" in shown
        assert canaries_in(shown) == set()


async def test_no_attached_mail_shows_what_it_hides(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        kinds = ("item", "file")
        attachments = [
            Attachment(f"{number}.eml", "message/rfc822", content, kind=kinds[number % 2])
            for number, content in enumerate(eml(DROPPED[:10]))
        ]
        plain = office.alice.insert_message(Message(subject="Files", body="See below.", attachments=attachments))
        handle = str(plain.row["counter"])
        shown = await told(office.client, "mail_read", ids=[handle])
        for number in range(1, len(attachments) + 1):
            read = await told(office.client, "mail_attachment", id=handle, n=str(number))
            assert "Subject: Offer" in read
            shown += read
        assert canaries_in(shown) == set()


async def test_no_event_shows_what_its_text_hides(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        moments = {
            name: {"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}
            for name, at in (("start", start), ("end", start + timedelta(minutes=30)))
        }
        for number, snippet in enumerate(DROPPED[:10]):
            body = {"contentType": "html", "content": mail(number, snippet).body}
            fields = {"subject": f"{SUBJECT} {number}", "body": body, **moments}
            stored_event(office.alice, **read_event(fields, {}))
        day = start.date().isoformat()
        shown = await told(office.client, "calendar_list", start=day)
        shown += await told(office.client, "calendar_list", start=day, text="seen")
        ids = re.findall(r"^(\S+) .*Offer", shown, re.MULTILINE)
        assert len(set(ids)) == len(DROPPED[:10])
        read = await told(office.client, "event_read", ids=sorted(set(ids)))
        read += await resource(office.client, f"outlook://me/calendar/events/{ids[0]}")
        assert "Seen" in read
        assert canaries_in(shown + read) == set()
