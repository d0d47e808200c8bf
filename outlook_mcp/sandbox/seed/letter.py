"""A letter of the demo world: written once, kept by its author and by everyone who got it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from outlook_mcp.sandbox.message import Address, Attachment

Style = Literal["text", "outlook", "gmail", "html"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and in what state one user keeps a letter."""

    folder: str = "inbox"
    is_read: bool = True
    flag_status: str = "notFlagged"
    categories: tuple[str, ...] = ()
    is_draft: bool = False


SENT = Place("sentitems")
UNREAD = Place(is_read=False)
DRAFT = Place("drafts", is_draft=True)


@dataclass(frozen=True, slots=True)
class Letter:
    """`text` is paragraphs apart by empty lines, or HTML as it is in style html.

    `age` counts back from now. `answers` names the letter quoted below. `places` says by address who keeps it
    otherwise than in Sent Items (the author) or read in the Inbox (the others).
    """

    key: str
    author: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    age: timedelta
    style: Style = "text"
    cc: tuple[Address, ...] = ()
    answers: str | None = None
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    importance: str = "normal"
    places: Mapping[str, Place] = field(default_factory=dict)


def ago(days: float = 0, hours: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours)
