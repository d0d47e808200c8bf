"""A message as table rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.mime.calendar import read_event
from outlook_mcp.sandbox.store.core import times
from outlook_mcp.sandbox.store.mail.fulltext import indexable, preview
from outlook_mcp.sandbox.store.mail.rows import dump_addresses

# The types of meeting messages by the METHOD of their calendar part (RFC 5546).
_ITEM_TYPES = {
    "REQUEST": "eventMessageRequest",
    "CANCEL": "eventMessage",
    **dict.fromkeys(("REPLY", "COUNTER"), "eventMessageResponse"),
}


def completed(message: Message, domain: str) -> Message:
    """A copy with the times and the Message-ID that a mailbox gives when they are missing."""
    received = message.received or datetime.now(UTC)
    return replace(
        message,
        received=received,
        sent=message.sent or received,
        sender=message.sender or message.from_,
        internet_message_id=message.internet_message_id or f"<{uuid4().hex}@{domain}>",
    )


def plain_text(message: Message) -> str:
    return html_to_text(message.body) if message.body_type == "html" else message.body


def message_columns(message: Message, text: str) -> dict[str, Any]:
    """The columns of a completed message in the table `message`; `text` is its plain text."""
    return {
        "subject": message.subject,
        "preview": preview(text),
        **_person("sender", message.sender),
        **_person("from", message.from_),
        "to_recipients": dump_addresses(message.to),
        "cc_recipients": dump_addresses(message.cc),
        "bcc_recipients": dump_addresses(message.bcc),
        "reply_to": dump_addresses(message.reply_to),
        "received": times.write_time(message.received or datetime.now(UTC)),
        "sent": times.write_time(message.sent or datetime.now(UTC)),
        "internet_message_id": message.internet_message_id,
        "is_draft": int(message.is_draft),
        **mark_columns(message),
        "size": _size(message),
    }


def mark_columns(message: Message) -> dict[str, Any]:
    """The columns that may change on a message that is no draft."""
    return {
        "importance": message.importance,
        "is_read": int(message.is_read),
        "flag_status": message.flag_status,
        "categories": json.dumps(message.categories, ensure_ascii=False),
    }


def attachment_columns(message: Message) -> dict[str, Any]:
    """Inline parts do not make `has_attachments` true."""
    return {
        "has_attachments": int(any(not attachment.is_inline for attachment in message.attachments)),
        "item_type": item_type(message),
    }


def content_columns(message: Message) -> dict[str, Any]:
    return {
        "body": message.body,
        "body_type": message.body_type,
        "in_reply_to": message.in_reply_to,
        "reference_ids": json.dumps(message.references, ensure_ascii=False),
        "headers": json.dumps(message.headers, ensure_ascii=False),
        "mime": message.mime,
    }


def text_columns(mailbox: int, message: Message, text: str) -> tuple[str, ...]:
    """The row of the full-text index: owner, subject, sender, to, cc, bcc, body, attachment names."""
    senders = [person for person in (message.from_, message.sender) if person]
    return (
        owner_token(mailbox),
        indexable(message.subject),
        _people(senders),
        _people(message.to),
        _people(message.cc),
        _people(message.bcc),
        indexable(text),
        indexable("\n".join(attachment.name for attachment in message.attachments)),
    )


def owner_token(mailbox: int) -> str:
    """The word that scopes a full-text query to one mailbox."""
    return f"mailbox{mailbox}"


def _person(role: str, person: Address | None) -> dict[str, Any]:
    return {
        f"{role}_address": person.address if person else None,
        f"{role}_name": (person.name or person.address) if person else None,
    }


def _people(people: list[Address]) -> str:
    return "\n".join(indexable(f"{person.name} {person.address}") for person in people)


def _size(message: Message) -> int:
    if message.mime is not None:
        return len(message.mime)
    return len(message.body.encode("utf-8", "replace")) + sum(
        len(attachment.content) for attachment in message.attachments
    )


def item_type(message: Message) -> str:
    """The type below microsoft.graph that a message has: message, or the one of a meeting message."""
    event = read_event(message.calendar) if message.calendar else None
    return _ITEM_TYPES.get(event.method, "message") if event else "message"
