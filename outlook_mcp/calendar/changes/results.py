"""What became of a call that changes events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.calendar.calendars import OneCalendar
from outlook_mcp.calendar.changes.fields import EventToChange
from outlook_mcp.calendar.event_list import TimedEvent
from outlook_mcp.calendar.models import EventId
from outlook_mcp.calendar.writing_times import WrittenSpan
from outlook_mcp.errors import OutlookError


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One change as it is shown: of `before`, None for a new event, to `after`.

    `invited`, `updated` and `called_off` are the addresses of those who get mail. `outside` are those of another domain
    than the mailbox, `never_written_to` those to whom the user has not written lately. `conflicts` are events of the
    user at that time. `restored` are dates of the series that were changed or left out, and which the change undoes.
    `booked` are the addresses of its rooms that are taken at that time. `text` is the new text as its readers will see
    it, without the part to join by; None where it stays. `old_text` is the one in its place before.
    """

    body: dict[str, Any]
    after: EventToChange
    before: EventToChange | None = None
    invited: Sequence[str] = ()
    updated: Sequence[str] = ()
    called_off: Sequence[str] = ()
    outside: Sequence[str] = ()
    never_written_to: Sequence[str] = ()
    conflicts: Sequence[TimedEvent] = ()
    restored: Sequence[str] = ()
    booked: Sequence[str] = ()
    text: str | None = None
    old_text: str = ""

    @property
    def told(self) -> list[str]:
        """Everybody who gets mail."""
        return [*self.invited, *self.updated, *self.called_off]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The change was made, and nobody was told. `was_verified`: its answer was lost, and a look showed it.

    `lost` says what a series that was divided loses. `calendar` is the one it is in.
    """

    shown: Shown
    event: EventToChange
    was_verified: bool = False
    lost: str = ""
    calendar: OneCalendar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Nothing was changed and nobody was told: the changes wait under their ids, to be sent in this order."""

    changes: Sequence[tuple[str, Shown]]
    lost: str = ""
    calendar: OneCalendar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent: the addresses in `told` get mail. `was_verified` as in `Saved`.

    `what` is what was done in one word: sent, accepted, tentatively accepted, declined or cancelled. `mailbox` is the
    address of another mailbox that the event is in. `proposed` is the other time that was proposed. `is_not_online`: a
    meeting online was asked for in vain.
    """

    what: str
    told: Sequence[str]
    event: EventToChange | None = None
    event_id: EventId | None = None
    mailbox: str = ""
    proposed: WrittenSpan | None = None
    was_verified: bool = False
    is_not_online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """The events that were deleted, with whether another person called the meeting, and why others were not.

    `series` are those among them that were series, with all their dates.
    """

    done: Sequence[tuple[str, bool]]
    series: Sequence[str] = ()
    failed: Sequence[tuple[str, OutlookError]] = ()
