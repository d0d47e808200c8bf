"""Carries the letters of the demo world into the mailboxes of those who keep them."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.mime import build, parse
from outlook_mcp.sandbox.seed.letter import SENT, Letter, Place
from outlook_mcp.sandbox.seed.writing import Written, body
from outlook_mcp.sandbox.store import Mailbox

_TRANSIT = timedelta(seconds=4)


def write(letters: Iterable[Letter], now: datetime) -> list[Written]:
    """All letters, oldest first, each quoting the one it answers."""
    written: dict[str, Written] = {}
    for letter in sorted(letters, key=lambda each: each.age, reverse=True):
        parent = written[letter.answers] if letter.answers else None
        moment = (now - letter.age).astimezone(UTC).replace(microsecond=0)
        written[letter.key] = Written(letter, _message(letter, parent, moment), moment)
    return list(written.values())


def carry(written: Written, mailboxes: dict[str, Mailbox]) -> None:
    """Into Sent Items of the author and the Inbox of the others, unless the letter says otherwise."""
    letter = written.letter
    draft = letter.places.get(letter.author.address, SENT).is_draft
    readers = [] if draft else [each.address for each in (*letter.to, *letter.cc)]
    for address in dict.fromkeys([letter.author.address, *readers]):
        mailbox = mailboxes.get(address)
        if mailbox is None:
            continue
        own = address == letter.author.address
        place = letter.places.get(address, SENT if own else Place())
        message = copy(written.message) if own else _delivered(written, address)
        _mark(message, place)
        mailbox.insert(message, place.folder)


def _message(letter: Letter, parent: Written | None, moment: datetime) -> Message:
    body_type, text = body(letter, parent)
    references: list[str] = []
    parent_id = None
    if parent:
        parent_id = parent.message.internet_message_id
        references = [*parent.message.references, *([parent_id] if parent_id else [])]
    return Message(
        subject=letter.subject,
        body=text,
        body_type=body_type,
        sender=letter.author,
        from_=letter.author,
        to=list(letter.to),
        cc=list(letter.cc),
        received=moment,
        sent=moment,
        internet_message_id=f"<{letter.key}.{moment:%Y%m%d%H%M}@{_domain(letter.author.address)}>",
        in_reply_to=parent_id,
        references=references,
        headers=list(letter.headers),
        attachments=list(letter.attachments),
        importance=letter.importance,
    )


def _delivered(written: Written, address: str) -> Message:
    """The copy that went over the wire and has the header to show for it."""
    arrival = written.moment + _TRANSIT
    sent = copy(written.message)
    hop = f"from mail.{_domain(written.letter.author.address)} by mail.{_domain(address)} with ESMTPS"
    sent.headers = [("Received", f"{hop}; {format_datetime(arrival)}"), *sent.headers]
    return parse(build(sent))


def _mark(message: Message, place: Place) -> None:
    message.is_read, message.is_draft = place.is_read, place.is_draft
    message.flag_status, message.categories = place.flag_status, list(place.categories)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
