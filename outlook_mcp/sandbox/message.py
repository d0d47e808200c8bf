"""A message before it is stored in a mailbox, from MIME, from a request or from the demo data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Address:
    """A mail address and its display name; a name without an address has an empty `address`."""

    address: str
    name: str = ""


@dataclass(slots=True)
class Attachment:
    """`kind` is file, item or reference (source_url is set).

    The content of an item is a MIME message, an iCalendar event or a vCard, as its content type says.
    """

    name: str
    content_type: str
    content: bytes
    is_inline: bool = False
    content_id: str | None = None
    kind: str = "file"
    source_url: str | None = None


@dataclass(slots=True)
class Message:
    """All that a mailbox stores of a message; times are aware and in UTC, ids come from the mailbox.

    `calendar` is the iCalendar part of a meeting message, `mime` the message as it was received.
    """

    subject: str = ""
    body: str = ""
    body_type: str = "text"
    sender: Address | None = None
    from_: Address | None = None
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)
    reply_to: list[Address] = field(default_factory=list)
    received: datetime | None = None
    sent: datetime | None = None
    internet_message_id: str | None = None
    in_reply_to: str | None = None
    references: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    importance: str = "normal"
    is_read: bool = False
    is_draft: bool = False
    flag_status: str = "notFlagged"
    categories: list[str] = field(default_factory=list)
    calendar: str | None = None
    mime: bytes | None = None
