"""Puts the messages of the demo data into the mailboxes of authors and recipients."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.mime import build, parse
from outlook_mcp.sandbox.seed.rendering import RenderedMessage, render_body
from outlook_mcp.sandbox.seed.seed_message import SENT, MailboxCopy, SeedMessage
from outlook_mcp.sandbox.store import Mailbox

_TRANSIT = timedelta(seconds=4)


def render(messages: Iterable[SeedMessage], now: datetime) -> list[RenderedMessage]:
    """All messages, oldest first, each quoting the one it replies to."""
    rendered: dict[str, RenderedMessage] = {}
    for source in sorted(messages, key=lambda source: source.age, reverse=True):
        parent = rendered[source.replies_to] if source.replies_to else None
        moment = (now - source.age).astimezone(UTC).replace(microsecond=0)
        rendered[source.key] = RenderedMessage(source, _message(source, parent, moment), moment)
    return list(rendered.values())


def deliver(rendered: RenderedMessage, mailboxes: dict[str, Mailbox]) -> None:
    """Into Sent Items of the author and the Inbox of the others, unless the message says otherwise."""
    source = rendered.source
    draft = source.copies.get(source.author.address, SENT).is_draft
    readers = [] if draft else [recipient.address for recipient in (*source.to, *source.cc)]
    for address in dict.fromkeys([source.author.address, *readers]):
        mailbox = mailboxes.get(address)
        if mailbox is None:
            continue
        own = address == source.author.address
        kept = source.copies.get(address, SENT if own else MailboxCopy())
        message = copy(rendered.message) if own else _delivered(rendered, address)
        _mark(message, kept)
        mailbox.insert_message(message, kept.folder)


def _message(source: SeedMessage, parent: RenderedMessage | None, moment: datetime) -> Message:
    body_type, text = render_body(source, parent)
    references: list[str] = []
    parent_id = None
    if parent:
        parent_id = parent.message.internet_message_id
        references = [*parent.message.references, *([parent_id] if parent_id else [])]
    return Message(
        subject=source.subject,
        body=text,
        body_type=body_type,
        sender=source.author,
        from_=source.author,
        to=list(source.to),
        cc=list(source.cc),
        received=moment,
        sent=moment,
        internet_message_id=f"<{source.key}.{moment:%Y%m%d%H%M}@{_domain(source.author.address)}>",
        in_reply_to=parent_id,
        references=references,
        headers=list(source.headers),
        attachments=list(source.attachments),
        calendar=source.calendar,
        importance=source.importance,
    )


def _delivered(rendered: RenderedMessage, address: str) -> Message:
    """The copy of a recipient, with a Received header, as it is read from MIME."""
    received_at = rendered.moment + _TRANSIT
    sent = copy(rendered.message)
    hop = f"from mail.{_domain(rendered.source.author.address)} by mail.{_domain(address)} with ESMTPS"
    sent.headers = [("Received", f"{hop}; {format_datetime(received_at)}"), *sent.headers]
    return parse(build(sent))


def _mark(message: Message, kept: MailboxCopy) -> None:
    message.is_read, message.is_draft = kept.is_read, kept.is_draft
    message.flag_status, message.categories = kept.flag_status, list(kept.categories)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
