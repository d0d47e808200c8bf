"""What the calendar says of invitations in the mail: when and where, the answer, and what is at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import msgspec

from outlook_mcp.calendar.models import SENT, Event, Invitation, SentMessage
from outlook_mcp.calendar.reading import EXPAND_EVENT
from outlook_mcp.calendar.times import EventTime, event_time, is_before
from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Page
from outlook_mcp.net.clock import UtcClock, utc_now
from outlook_mcp.text.dates import graph_time

_OVERLAPPING = (
    "id",
    "type",
    "subject",
    "start",
    "end",
    "isAllDay",
    "isCancelled",
    "showAs",
    "responseStatus",
    "seriesMasterId",
)
_ANSWER = "#microsoft.graph.eventmessageresponse"
_RESPONSES = {
    "meetingaccepted": "accepted",
    # Graph's own spelling.
    "meetingtenativelyaccepted": "tentativelyAccepted",
    "meetingtentativelyaccepted": "tentativelyAccepted",
    "meetingdeclined": "declined",
}
# Of a longer conversation not all is looked at.
_MOST_SENT = 50
# More events at one time are not told apart.
_MOST_OVERLAPPING = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationState:
    """One meeting, its time in the zone of the user; `start` is None when its event is in the calendar no more.

    `response` is then the answer that Sent Items have, none where they have none.
    `overlapping` are the subjects of events that take the user's time at the same time.
    """

    start: datetime | None = None
    end: datetime | None = None
    is_all_day: bool = False
    place: str = ""
    response: str = "none"
    is_cancelled: bool = False
    is_out_of_date: bool = False
    is_series: bool = False
    is_delegated: bool = False
    overlapping: Sequence[str] = ()


class InvitationStates:
    """Asks the calendar of one mailbox."""

    def __init__(self, graph: GraphClient, zone: tzinfo, *, clock: UtcClock = utc_now) -> None:
        self._graph = graph
        self._zone = zone
        self._clock = clock

    async def states_of(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, InvitationState]:
        """By message id; without those that cannot be read."""
        try:
            invitations = await self._invitations(message_ids)
            states = {message_id: self._state(invitation) for message_id, invitation in invitations.items()}
            states |= await self._with_sent_answers(invitations, states)
            return states | await self._with_overlapping(invitations, states)
        except (GraphError, msgspec.DecodeError):
            # The messages themselves are what matters.
            return {}

    async def _invitations(self, message_ids: Sequence[MessageId]) -> dict[MessageId, Invitation]:
        messages = self._graph.me.messages
        requests = [
            self._graph.request(messages.by_message_id(checked_id(message_id)), query={"$expand": EXPAND_EVENT})
            for message_id in message_ids
        ]
        answers = await self._graph.answers_to(requests)
        return {
            message_id: answer.decode(Invitation)
            for message_id, answer in zip(message_ids, answers, strict=True)
            if answer.is_success
        }

    def _state(self, invitation: Invitation) -> InvitationState:
        event = invitation.event
        if invitation.is_delegated:
            return InvitationState(is_delegated=True)
        is_out_of_date = bool(invitation.is_out_of_date)
        time = event_time(event, self._zone) if event else None
        if event is None or time is None:
            return InvitationState(is_out_of_date=is_out_of_date)
        return InvitationState(
            start=time.start,
            end=time.end,
            is_all_day=time.is_all_day,
            place=(event.location and event.location.display_name) or "",
            response=event.response,
            is_cancelled=bool(event.is_cancelled),
            is_out_of_date=is_out_of_date,
            is_series=event.type == "seriesMaster",
        )

    async def _with_sent_answers(
        self, invitations: Mapping[MessageId, Invitation], states: Mapping[MessageId, InvitationState]
    ) -> dict[MessageId, InvitationState]:
        """The states of meetings that left the calendar, with the last answer that the user sent in the conversation.

        A meeting that is declined leaves the calendar: https://learn.microsoft.com/graph/api/event-decline
        """
        gone = [
            message_id
            for message_id, state in states.items()
            if invitations[message_id].event is None and not state.is_out_of_date and not state.is_delegated
        ]
        asked = {message_id: invitations[message_id] for message_id in gone if invitations[message_id].conversation_id}
        folder = self._graph.me.mail_folders.by_mail_folder_id("sentitems").messages
        requests = [self._graph.request(folder, query=_conversation(invitation)) for invitation in asked.values()]
        answers = await self._graph.answers_to(requests) if requests else []
        sent: dict[MessageId, MessageId] = {}
        for (message_id, invitation), answer in zip(asked.items(), answers, strict=True):
            if answer.is_success and (found := _last_answer(answer.decode(Page[SentMessage]).value, invitation)):
                sent[message_id] = found
        # There is no $select for the properties of a message of a meeting.
        builder = self._graph.me.messages
        requests = [self._graph.request(builder.by_message_id(checked_id(found))) for found in sent.values()]
        answers = await self._graph.answers_to(requests) if requests else []
        return {
            message_id: replace(states[message_id], response=_RESPONSES.get(kind, "none"))
            for message_id, answer in zip(sent, answers, strict=True)
            if answer.is_success
            for kind in [(answer.decode(Invitation).meeting_message_type or "").lower()]
        }

    async def _with_overlapping(
        self, invitations: Mapping[MessageId, Invitation], states: Mapping[MessageId, InvitationState]
    ) -> dict[MessageId, InvitationState]:
        """The states of meetings that may still take place, with what is at that time (of a series, its first date)."""
        asked: dict[MessageId, tuple[Event, EventTime]] = {}
        for message_id, state in states.items():
            event = invitations[message_id].event
            time = event_time(event, self._zone) if event else None
            is_open = state.start and not (state.is_cancelled or state.is_out_of_date or state.is_all_day)
            if event and time and is_open and is_before(self._clock(), time.end):
                asked[message_id] = event, time
        requests = [self._graph.request(self._graph.me.calendar_view, query=_view(time)) for _, time in asked.values()]
        answers = await self._graph.answers_to(requests) if requests else []
        found: dict[MessageId, InvitationState] = {}
        for (message_id, (event, time)), answer in zip(asked.items(), answers, strict=True):
            others = answer.decode(Page[Event]).value if answer.is_success else []
            overlapping = [other.subject or "" for other in others if self._is_in_the_way(other, event, time)]
            found[message_id] = replace(states[message_id], overlapping=overlapping)
        return found

    def _is_in_the_way(self, other: Event, event: Event, time: EventTime) -> bool:
        if other.id == event.id or other.series_master_id == event.id or other.is_all_day or not other.takes_time:
            return False
        span = event_time(other, self._zone)
        return span is not None and span.overlaps(time)


def _conversation(invitation: Invitation) -> dict[str, object]:
    members = f"conversationId eq {literal(invitation.conversation_id or '')}"
    return {"$filter": members, "$select": SENT, "$top": _MOST_SENT}


def _last_answer(sent: Sequence[SentMessage], invitation: Invitation) -> MessageId | None:
    """The last answer that was sent after the invitation came."""
    since = invitation.received_date_time
    answers = [
        (message.sent_date_time, message.id)
        for message in sent
        if message.odata_type.lower() == _ANSWER and message.sent_date_time
        if since is None or message.sent_date_time >= since
    ]
    return max(answers)[1] if answers else None


def _view(time: EventTime) -> dict[str, object]:
    return {
        "startDateTime": graph_time(time.start),
        "endDateTime": graph_time(time.end),
        "$select": _OVERLAPPING,
        "$orderby": "start/dateTime",
        "$top": _MOST_OVERLAPPING,
    }
