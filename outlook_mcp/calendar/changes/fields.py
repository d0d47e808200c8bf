"""What a caller can say of an event, and an event as it is read before it is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from outlook_mcp.calendar.models import EVENT_FULL, Event
from outlook_mcp.calendar.times import floating_day
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.models import ZonedTime
from outlook_mcp.graph.recurrence import Recurrence
from outlook_mcp.identity.time_zone import known_time_zone

ShownAs = Literal["free", "tentative", "busy", "oof", "workingElsewhere"]
_SHOWN_AS: Mapping[str, ShownAs] = {
    "free": "free",
    "tentative": "tentative",
    "busy": "busy",
    "oof": "oof",
    "away": "oof",
    "out of office": "oof",
    "workingelsewhere": "workingElsewhere",
    "working elsewhere": "workingElsewhere",
}
EVENT_TO_CHANGE = (
    *EVENT_FULL,
    "transactionId",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "allowNewTimeProposals",
)
_UTC_NAMES = frozenset({"utc", "etc/utc", "gmt", "etc/gmt", "tzone://microsoft/utc"})


def shown_as(written: str) -> ShownAs:
    """How an event is to be shown to those who look for free times. Raises InvalidInput.

    >>> shown_as("Out of office")
    'oof'
    """
    try:
        return _SHOWN_AS[" ".join(written.casefold().split())]
    except KeyError:
        raise InvalidInput(
            f"show_as cannot be {written[:40]!r}.", next_step="Write free, tentative, busy, oof or workingElsewhere."
        ) from None


class Person(msgspec.Struct, frozen=True):
    """Somebody to invite, with an address."""

    address: str
    name: str = ""


class PeopleToInvite(Protocol):
    """Who is meant by what a caller writes, and what is known of the addresses."""

    async def people_named(self, written: Sequence[str]) -> Sequence[Person]:
        """Each with an address. Raises InvalidInput for a name that nobody or more than one person has."""

    async def check_addresses(self, addresses: Sequence[str]) -> None:
        """Raises InvalidInput for one that looks like the address of somebody else."""

    async def rooms_among(self, addresses: Sequence[str]) -> Sequence[Person]:
        """The addresses of meeting rooms, with their names; none where that cannot be known."""

    async def never_written_to(self, addresses: Sequence[str]) -> Sequence[str]:
        """The addresses to which the user has not written lately; none where that cannot be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFields:
    """Fields of an event as callers write them; None is not said, and changes nothing.

    `attendees` replaces those invited; `?` before one marks it as optional. `repeat` is an RRULE, or `none`.
    """

    subject: str | None = None
    start: str | None = None
    end: str | None = None
    zone: str | None = None
    place: str | None = None
    body: str | None = None
    attendees: Sequence[str] | None = None
    repeat: str | None = None
    online: bool | None = None
    show_as: ShownAs | None = None
    private: bool | None = None
    reminder_minutes: int | None = None

    @property
    def is_own_alone(self) -> bool:
        """Whether it changes nothing but what somebody invited keeps for themselves."""
        shared = (self.subject, self.start, self.end, self.zone, self.place, self.body, self.attendees, self.repeat)
        return all(value is None for value in (*shared, self.online))


class EventToChange(Event, frozen=True, kw_only=True):
    """Read with EVENT_TO_CHANGE."""

    transaction_id: str | None = None
    is_reminder_on: bool | None = None
    reminder_minutes_before_start: int | None = None
    allow_new_time_proposals: bool | None = True
    original_start: str | None = None

    @property
    def series(self) -> Recurrence | None:
        """The recurrence of a series. None for a single event, and where Graph tells the recurrence in new words."""
        try:
            return msgspec.convert(self.recurrence, Recurrence) if self.recurrence else None
        except msgspec.ValidationError:
            return None

    @property
    def others(self) -> list[str]:
        """The addresses of everybody invited, rooms too; the name of whoever has none, as a list of contacts has."""
        people = [person.email_address for person in self.attendees if person.email_address]
        return [called for person in people if (called := person.address or person.name)]

    @property
    def kinds(self) -> dict[str, str]:
        """By address in small letters: whether one invited is required, optional or a resource."""
        return {
            person.folded_address: (person.type or "required").lower()
            for person in self.attendees
            if person.folded_address
        }

    @property
    def is_meeting(self) -> bool:
        """Whether a change of it is mailed to somebody."""
        return bool(self.others)

    @property
    def own_zone_name(self) -> str:
        """The zone in which the event was made, as Graph calls it; "" when that is not told or only UTC."""
        name = self.original_start_time_zone or ""
        return "" if name.casefold() in _UTC_NAMES else name

    @property
    def has_unknown_zone(self) -> bool:
        return bool(self.own_zone_name) and known_time_zone(self.own_zone_name) is None

    def zone_in(self, mailbox_zone: ZoneInfo) -> ZoneInfo:
        """The zone in which the event was made, or that of the mailbox."""
        return (known_time_zone(self.own_zone_name) if self.own_zone_name else None) or mailbox_zone

    def first_day_in(self, mailbox_zone: ZoneInfo) -> date | None:
        """The day on which the event begins, by the clock of its own zone."""
        return day_of(self.start, self.zone_in(mailbox_zone), self) if self.start else None


def kinds_in(attendees: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What `EventToChange.kinds` tells, of attendees in JSON."""
    return {person["emailAddress"]["address"].lower(): person["type"] for person in attendees}


def day_of(given: ZonedTime, zone: ZoneInfo, event: EventToChange) -> date | None:
    """The local day of a time of the event."""
    if event.is_all_day:
        return floating_day(given, event.original_start_time_zone)
    moment = given.moment
    return moment.astimezone(zone).date() if moment else None
