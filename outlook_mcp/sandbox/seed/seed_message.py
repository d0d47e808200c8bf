"""A message of the demo data: written once, stored in the mailboxes of its author and of its recipients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from outlook_mcp.sandbox.message import Address, Attachment

Style = Literal["text", "outlook", "gmail", "html"]


@dataclass(frozen=True, slots=True)
class MailboxCopy:
    """The folder and the state of a message in the mailbox of one user."""

    folder: str = "inbox"
    is_read: bool = True
    flag_status: str = "notFlagged"
    categories: tuple[str, ...] = ()
    is_draft: bool = False


SENT = MailboxCopy("sentitems")
UNREAD = MailboxCopy(is_read=False)
DRAFT = MailboxCopy("drafts", is_draft=True)


@dataclass(frozen=True, slots=True)
class SeedMessage:
    """`text` is paragraphs with empty lines between them, or HTML in style html.

    `age` is how long ago it was sent. `replies_to` is the key of the message that it answers and quotes. `copies` says,
    by address, where a copy is that is not in Sent Items (the author) or read in the Inbox (the recipients).
    `calendar` is the iCalendar object of an invitation.
    """

    key: str
    author: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    age: timedelta
    style: Style = "text"
    cc: tuple[Address, ...] = ()
    replies_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    calendar: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    importance: str = "normal"
    copies: Mapping[str, MailboxCopy] = field(default_factory=dict)


def ago(days: float = 0, hours: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours)
