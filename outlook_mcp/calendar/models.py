"""The wire-to-model boundary of the calendar: what is read from Graph, with the `$select` list beside each reader.

A field is optional where Graph may leave it out or send null: an event may have no subject, and an imported one no
organizer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NewType

import msgspec

from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import Address, Body, WireModel, ZonedTime

EventId = NewType("EventId", str)
CalendarId = NewType("CalendarId", str)
# What Graph shows an event as while its time can still be given to another one.
_NOT_BUSY = frozenset({"free", "workingElsewhere"})

# What a line of a list shows. `onlineMeeting` comes in a list only with `isOnlineMeeting` selected too.
EVENT_LISTING = (
    "id",
    "type",
    "subject",
    "start",
    "end",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "showAs",
    "sensitivity",
    "responseStatus",
    "organizer",
    "attendees",
    "location",
    "isOnlineMeeting",
    "onlineMeetingProvider",
)
# The same where words are looked for: Graph has no $search for events. The preview is looked at, never shown.
EVENT_SEARCH = (*EVENT_LISTING, "bodyPreview")
# Everything that is told of one event.
EVENT_FULL = (
    *EVENT_LISTING,
    "onlineMeeting",
    "body",
    "recurrence",
    "seriesMasterId",
    "hasAttachments",
    "hideAttendees",
    "responseRequested",
    "categories",
    "importance",
)
# What is told of the series that an event is a date of.
SERIES = ("id", "type", "recurrence")
SENT = ("id", "sentDateTime")
CALENDAR = ("id", "name", "owner", "isDefaultCalendar", "canEdit")


class EventResponse(WireModel, frozen=True, kw_only=True):
    """Graph's responseStatus: `response` is one of none, organizer, accepted, tentativelyAccepted, declined and
    notResponded."""

    response: str | None = None


class Attendee(WireModel, frozen=True, kw_only=True):
    """Somebody invited: `type` is required, optional or resource, which is a room or a device."""

    type: str | None = "required"
    status: EventResponse | None = None
    email_address: Address | None = None

    @property
    def folded_address(self) -> str:
        """The address in small letters; "" for whoever has none, as a list of contacts has."""
        return ((self.email_address and self.email_address.address) or "").lower()

    @property
    def response(self) -> str:
        return (self.status and self.status.response) or "none"

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing is known of an answer."""
        return self.response in ("none", "notResponded")

    @property
    def is_room(self) -> bool:
        """Whether it is a room or a device, which answers by itself, and later than a person may expect."""
        return (self.type or "").lower() == "resource"


class Organizer(WireModel, frozen=True, kw_only=True):
    """Who called the meeting; in a list of Graph's the `emailAddress` may be null."""

    email_address: Address | None = None


class Place(WireModel, frozen=True, kw_only=True):
    """Where an event takes place, as its organizer wrote it."""

    display_name: str | None = None


class OnlineMeeting(WireModel, frozen=True, kw_only=True):
    """How to take part by the network."""

    join_url: str | None = None


class Event(WireModel, frozen=True, kw_only=True):
    """Read with EVENT_LISTING, EVENT_SEARCH or EVENT_FULL; what was not selected keeps its default.

    `type` is singleInstance, occurrence, exception or seriesMaster. Graph gives `start` and `end` in UTC whatever zone
    the event was made in, which the `original…` names tell; of an all-day event they are the dates alone.
    """

    id: EventId
    etag: str | None = msgspec.field(name="@odata.etag", default=None)
    type: str | None = None
    subject: str | None = None
    start: ZonedTime | None = None
    end: ZonedTime | None = None
    original_start_time_zone: str | None = None
    original_end_time_zone: str | None = None
    is_all_day: bool | None = False
    is_cancelled: bool | None = False
    is_organizer: bool | None = True
    show_as: str | None = "busy"
    sensitivity: str | None = "normal"
    response_status: EventResponse | None = None
    organizer: Organizer | None = None
    attendees: list[Attendee] = []
    location: Place | None = None
    is_online_meeting: bool | None = False
    online_meeting_provider: str | None = None
    online_meeting: OnlineMeeting | None = None
    series_master_id: EventId | None = None
    recurrence: Any = None
    has_attachments: bool | None = False
    hide_attendees: bool | None = False
    response_requested: bool | None = True
    categories: list[str] = []
    importance: str | None = "normal"
    # Looked at for words, never shown: styles may hide a part of it.
    body_preview: str | None = None
    body: Body | None = None

    @property
    def join_url(self) -> str:
        """The address to take part by the network; "" when there is none. It is one of the organizer's choice."""
        return (self.online_meeting and self.online_meeting.join_url) or ""

    @property
    def response(self) -> str:
        """The answer of the owner of the calendar."""
        return (self.response_status and self.response_status.response) or "none"

    @property
    def is_private(self) -> bool:
        return (self.sensitivity or "").lower() in ("private", "confidential")

    @property
    def is_unanswered(self) -> bool:
        """Whether the owner of the calendar was invited and has not answered."""
        was_invited = bool(self.attendees) and not self.is_organizer and not self.is_cancelled
        return was_invited and self.response in ("none", "notResponded")

    @property
    def takes_time(self) -> bool:
        """Whether its owner is not free then: it is not called off, declined, shown as free or as work elsewhere."""
        return not self.is_cancelled and self.show_as not in _NOT_BUSY and self.response != "declined"


class Invitation(WireModel, frozen=True, kw_only=True):
    """A message of a meeting with its event, which it has no more once that left the calendar.

    A message that is none has no event and no meeting message type.
    """

    odata_type: str = msgspec.field(name="@odata.type", default="")
    meeting_message_type: str | None = None
    conversation_id: str | None = None
    received_date_time: datetime | None = None
    is_out_of_date: bool | None = False
    is_delegated: bool | None = False
    event: Event | None = None


class SentMessage(WireModel, frozen=True, kw_only=True):
    """Read with SENT: a message of Sent Items, which may be the answer to an invitation."""

    id: MessageId
    odata_type: str = msgspec.field(name="@odata.type", default="")
    sent_date_time: datetime | None = None


class CalendarInfo(WireModel, frozen=True, kw_only=True):
    """Read with CALENDAR: one calendar of the mailbox, or one that was shared with its owner."""

    id: CalendarId
    name: str | None = None
    owner: Address | None = None
    is_default_calendar: bool | None = False
    can_edit: bool | None = False
