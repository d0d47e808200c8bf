"""What callers do to events: save, delete, send and answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.area import Calendar
from outlook_mcp.calendar.changes.answering import Answer, Marks, MeetingAnswer, MeetingAnswers
from outlook_mcp.calendar.changes.composing import Composer
from outlook_mcp.calendar.changes.fields import EventFields, EventToChange, PeopleToInvite
from outlook_mcp.calendar.changes.prepared import PreparedChanges, TicketStore, is_prepared_id
from outlook_mcp.calendar.changes.requests import EventWriting, is_open
from outlook_mcp.calendar.changes.results import Deleted, Prepared, Saved, Sent
from outlook_mcp.calendar.changes.saving import EventSaver
from outlook_mcp.calendar.changes.sending import PreparedSending, SendQuota
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_list import TimedEvent
from outlook_mcp.calendar.models import EventId, Invitation
from outlook_mcp.calendar.reading import EXPAND_EVENT
from outlook_mcp.calendar.writing_times import WrittenSpan
from outlook_mcp.errors import InvalidInput, NotFound, OutlookError, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.graph.ids import is_graph_id
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UtcClock, utc_now

_NEAR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is, and which client asks."""

    user: UserKey
    connection: ConnectionId | None
    client: str
    address: str
    zone: ZoneInfo


class EventEditor:
    """Changes the calendar of one mailbox. Only `send` reaches other people."""

    def __init__(
        self,
        graph: GraphClient,
        ids: EventIds,
        owner: Owner,
        *,
        calendar: Calendar,
        people: PeopleToInvite,
        store: TicketStore,
        marks: Marks,
        quota: SendQuota,
        look_again_s: float,
        clock: UtcClock = utc_now,
    ) -> None:
        self._graph = graph
        self._ids = ids
        self._owner = owner
        self._calendar = calendar
        self._people = people
        self._marks = marks
        self._quota = quota
        self._clock = clock
        self._writing = EventWriting(graph, look_again_s=look_again_s)
        self._prepared = PreparedChanges(store, owner.user, owner.connection, owner.client)

    async def save_event(
        self, fields: EventFields, event: str | None = None, *, from_here: bool = False
    ) -> Saved | Prepared:
        """Creates an event, or changes the one of this id: an event, a date of a series, or a series. Mails nobody.

        `from_here` changes the series from this date on.
        """
        composer = Composer(self._people, address=self._owner.address, zone=self._owner.zone, now=self._clock())
        saver = EventSaver(
            self._writing,
            composer,
            self._prepared,
            self._people,
            address=self._owner.address,
            conflicts=self._events_near,
        )
        if event is None:
            return await saver.create_event(fields)
        found = await self._writing.event(self._own_id(event))
        if not from_here:
            return await saver.change_event(found, fields)
        day = found.first_day_in(self._owner.zone)
        if not found.series_master_id or day is None:
            raise InvalidInput(
                "This is no date of a series.", next_step="Give the id of a date as calendar_list shows."
            )
        return await saver.change_event(await self._writing.event(found.series_master_id), fields, day)

    async def delete_events(self, handles: Sequence[str]) -> Deleted:
        """Deletes those of which nobody hears. Raises the error when none could be deleted."""
        done: list[tuple[str, bool]] = []
        failed: list[tuple[str, OutlookError]] = []
        for handle in dict.fromkeys(handles):
            try:
                done.append((handle, await self._delete_event(handle)))
            except OutlookError as error:
                failed.append((handle, error))
        if not done:
            raise failed[0][1]
        return Deleted(done=done, failed=failed)

    async def send(
        self,
        handle: str,
        action: str,
        *,
        comment: str = "",
        proposed_start: str | None = None,
    ) -> Sent:
        """Sends a prepared change, or answers or cancels the meeting of this event or message."""
        if is_prepared_id(handle) != (action == "send"):
            told = "`send` is for a prepared change, the other actions for an event or the mail of an invitation."
            raise InvalidInput(f"{told} Nothing was sent.", next_step="Prepare a change with event_save.")
        if is_prepared_id(handle):
            if comment or proposed_start:
                raise InvalidInput(
                    "A prepared change is sent as it was shown, without anything else. Nothing was sent.",
                    next_step="Prepare another one with event_save.",
                )
            return await PreparedSending(self._writing, self._prepared, self._quota).send_change(handle)
        event, invitation = await self._meeting(handle)
        owner = f"{self._owner.user.tid}:{self._owner.user.oid}:{self._owner.connection}"
        answers = MeetingAnswers(
            self._writing, self._marks, self._quota, owner=owner, zone=self._owner.zone, now=self._clock()
        )
        answer: Answer = action  # type: ignore[assignment]
        return await answers.send_answer(
            MeetingAnswer(
                event=event, answer=answer, comment=comment, proposed_start=proposed_start, invitation=invitation
            )
        )

    async def _delete_event(self, handle: str) -> bool:
        """Whether somebody else called the meeting."""
        event = await self._writing.event(self._own_id(handle))
        if event.is_organizer and event.is_meeting:
            raise InvalidInput(
                "Others are invited and would be told, so it was not deleted.",
                next_step='Cancel it with event_send and action="cancel" once the user agreed.',
            )
        try:
            await self._graph.perform(self._writing.deletion_of(event))
        except NotFound:
            # It was there a moment ago: a DELETE that the network layer repeats is answered so.
            if not await self._writing.is_gone(event.id):
                raise
        except OutlookError as error:
            if not is_open(error):
                raise
            if not await self._writing.is_gone(event.id):
                raise after_looking(error, "A look afterwards shows that it was not deleted.") from None  # type: ignore[arg-type]
        return not event.is_organizer

    async def _meeting(self, handle: str) -> tuple[EventToChange, Invitation | None]:
        """The event of this id, or the one that the message of this id is about."""
        full = self._own_id(handle)
        try:
            return await self._writing.event(full), None
        except (NotFound, RequestRejected) as error:
            if not is_graph_id(full):
                raise
            missing = error
        try:
            builder = self._graph.me.messages.by_message_id(full)
            request = self._graph.request(builder, query={"$expand": EXPAND_EVENT})
            invitation = await self._graph.answer_to(request, Invitation)
        except OutlookError:
            raise NotFound(f"There is no event {handle[:40]!r} in this calendar, and no invitation.") from missing
        if invitation.event is None:
            kind = (invitation.meeting_message_type or "").lower()
            told = "called off or declined" if kind else "not about a meeting"
            raise InvalidInput(f"The message is {told}: no event of the calendar belongs to it. Nothing was sent.")
        return await self._writing.event(EventId(invitation.event.id)), invitation

    def _own_id(self, handle: str) -> EventId:
        """The id of an event of this calendar. Raises InvalidInput for one that stands in the calendar of others."""
        own, address = self._ids.parted(handle)
        if address:
            raise InvalidInput(
                f"This event stands in the calendar of {address[:100]}, and only events of the user's own are changed.",
                next_step="Ask its owner, or use the event of the user's own calendar.",
            )
        return self._ids.full(own)

    async def _events_near(self, span: WrittenSpan) -> Sequence[TimedEvent]:
        start, end = (
            (span.start - _NEAR).isoformat(timespec="minutes"),
            (span.end + _NEAR).isoformat(timespec="minutes"),
        )
        found = await self._calendar.list_events(start, end)
        return found.events
