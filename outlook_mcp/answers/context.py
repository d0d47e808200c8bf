"""For whom an answer is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from outlook_mcp.answers.errors import error_text, explain_refusal
from outlook_mcp.errors import AccessDenied, OutlookError
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_and_time

_LONGEST_ID = 200


class ShortIds(Protocol):
    """Shortens the ids of one mailbox."""

    def short(self, full_id: Any, /) -> str:
        """The short form, or the id itself when it has none."""


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """The caller's mailbox: its ids, its time zone, its address and the time of the call (aware).

    `on_shown` is called with the short id of every item that the answer shows. `read_on_with` is the call that gives
    the rest of a long answer, when the one that is answered takes no offset. `is_granted` tells whether Microsoft
    granted a Graph permission for the mailbox, None when that is not known. `unknown_zone` is the name of the mailbox's
    time zone when it is not known here, and `zone` is UTC instead. `answers_meetings`: the caller may answer
    invitations with event_send.
    """

    handles: ShortIds
    zone: tzinfo
    now: datetime
    mailbox_address: str = ""
    read_on_with: str = ""
    on_shown: Callable[[str], None] | None = None
    is_granted: Callable[[str], bool | None] | None = None
    unknown_zone: str = ""
    answers_meetings: bool = False

    def is_me(self, address: str | None) -> bool:
        """Whether this is the address of the mailbox."""
        return bool(address) and (address or "").lower() == self.mailbox_address.lower()

    def handle(self, full_id: str) -> str:
        """The short id; one short line also for what is no id, since a caller may have written it."""
        short = self.handles.short(full_id)
        if self.on_shown is not None:
            self.on_shown(short)
        return short if short.isdecimal() else one_line(short, _LONGEST_ID)

    @property
    def zone_name(self) -> str:
        """The zone of all times in the answer, and why it is UTC where the mailbox has another one."""
        if not self.unknown_zone:
            return str(self.zone)
        return f"{self.zone} (the time zone of the mailbox, {one_line(self.unknown_zone, 60)}, is not known)"

    def error_text(self, error: OutlookError) -> str:
        """One line on what failed. It says that a permission is missing only when that was not granted."""
        if isinstance(error, AccessDenied) and self.is_granted is not None:
            explain_refusal(error, self.is_granted(error.permission))
        return error_text(error)

    def day(self, moment: datetime) -> str:
        """`Mon 23 Nov 2026` in the caller's zone."""
        return self.time(moment).rpartition(" ")[0]

    def time(self, moment: datetime) -> str:
        """`Mon 23 Nov 2026 14:05` in the caller's zone."""
        return day_and_time(moment, self.zone)
