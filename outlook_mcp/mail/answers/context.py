"""For whom an answer is shaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from outlook_mcp.graph.handles import Handles
from outlook_mcp.mail.models import Message
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_and_time

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """The caller's mailbox: its ids, its time zone, its address and the time of the call (aware).

    `places` says what to call folders, by their ids, where messages of several stand together. `read_on_with` is the
    call that takes an offset, where the answer comes of none. `on_shown` hears the short id of each message shown.
    """

    handles: Handles
    zone: tzinfo
    now: datetime
    mailbox_address: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    read_on_with: str = ""
    on_shown: Callable[[str], None] | None = None

    def is_me(self, address: str | None) -> bool:
        return bool(address) and (address or "").casefold() == self.mailbox_address.casefold()

    def handle(self, message_id: str) -> str:
        """The short id; what a caller wrote in place of an id stays one short line."""
        short = self.handles.short(message_id)
        if self.on_shown is not None:
            self.on_shown(short)
        return short if short.isdecimal() else one_line(short, 200)

    def place(self, message: Message) -> str:
        """`Junk`, `Deleted` or `Sent`; nothing where mail is ordinarily."""
        return self.places.get(message.parent_folder_id or "", "")

    def when(self, message: Message) -> str:
        """`Mon 23 Nov 2026 14:05` in the caller's zone."""
        return day_and_time(moment_of(message), self.zone)


def moment_of(message: Message) -> datetime:
    """Its own, so that a broken message has a place in a list too."""
    return message.moment or _NO_TIME
