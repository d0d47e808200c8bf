"""Parses a mail in MIME form into what Graph would give for it."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from outlook_mcp.graph.models import Address, Body, Recipient
from outlook_mcp.mail.models import AttachedItem
from outlook_mcp.text.charsets import charset_of

_MOST_PEOPLE = 500


def read_mail(raw: bytes) -> AttachedItem:
    """Headers and body; whatever is missing or broken is left out. It has no limits of its own: see `job`."""
    message = email.message_from_bytes(raw)
    senders = _people(message, "From")
    return AttachedItem(
        subject=_decoded(_header(message, "Subject")) or None,
        from_=senders[0] if senders else None,
        to_recipients=_people(message, "To"),
        cc_recipients=_people(message, "Cc"),
        sent_date_time=_date(_header(message, "Date")),
        body=_body(message),
    )


def _header(message: Message, name: str) -> str:
    """The raw header, unfolded. Bytes beyond ASCII are decoded like text without a charset."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            raw = " ".join(str(value).split()).encode("utf-8", "surrogateescape")
            return raw.decode(charset_of(raw, None), "replace")
    return ""


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _people(message: Message, name: str) -> list[Recipient]:
    found = getaddresses([_header(message, name)])[:_MOST_PEOPLE]
    people = [Address(name=_decoded(name) or None, address=address or None) for name, address in found]
    return [Recipient(email_address=person) for person in people if person.name or person.address]


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _body(message: Message) -> Body | None:
    """The first HTML part, else the first plain text part, that is not an attachment."""
    leaves = [leaf for leaf in _leaves(message) if leaf.get_content_disposition() != "attachment"]
    for kind, content_type in (("text/html", "html"), ("text/plain", "text")):
        for leaf in leaves:
            if leaf.get_content_type() == kind:
                payload = leaf.get_payload(decode=True)
                raw = payload if isinstance(payload, bytes) else b""
                content = raw.decode(charset_of(raw, leaf.get_content_charset()), "replace")
                return Body(content_type=content_type, content=content)
    return None


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that are not multipart, without those of a mail inside the mail."""
    parts = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(parts, list):
        for part in parts:
            if isinstance(part, Message):
                yield from _leaves(part)
    elif message.get_content_maintype() != "message":
        yield message
