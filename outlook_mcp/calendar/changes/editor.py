"""What callers do to events: save, delete, send and answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.answers.people import address_words
from outlook_mcp.calendar.area import Calendar, why_none
from outlook_mcp.calendar.calendars import OneCalendar
from outlook_mcp.calendar.changes.answering import Answer, MeetingAnswer, MeetingAnswers
from outlook_mcp.calendar.changes.composing import Composer
from outlook_mcp.calendar.changes.fields import EventFields, EventToChange, PeopleToInvite
from outlook_mcp.calendar.changes.prepared import PreparedChange, PreparedChanges, is_prepared_id
from outlook_mcp.calendar.changes.requests import EventWriting, is_open
from outlook_mcp.calendar.changes.results import Deleted, Prepared, Saved, Sent
from outlook_mcp.calendar.changes.saving import EventSaver
from outlook_mcp.calendar.changes.sending import PreparedSending, SendQuota
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.event_list import TimedEvent
from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.models import EventId, Invitation
from outlook_mcp.calendar.reading import EXPAND_EVENT
from outlook_mcp.calendar.writing_times import WrittenSpan
from outlook_mcp.errors import InvalidInput, NotFound, OutlookError, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.graph.ids import is_graph_id
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.shared_store import Marks, UserTicketStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UtcClock, utc_now

_NEAR = timedelta(hours=12)
_GONE = "It may have been declined, cancelled or deleted: list again, or write to its organizer with draft_save."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is, and which client asks. `unknown_zone` is the name of the one for which UTC stands."""

    user: UserKey
    connection: ConnectionId | None
    client: str
    address: str
    zone: ZoneInfo
    unknown_zone: str = ""


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
        store: UserTicketStore,
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
        self._look_again_s = look_again_s
        self._prepared = PreparedChanges(store, owner.user, owner.connection, owner.client, clock)

    async def save_event(
        self, fields: EventFields, event: str | None = None, *, from_here: bool = False, calendar: str | None = None
    ) -> Saved | Prepared | Sent:
        """Creates an event in this calendar, or changes the one of this id: an event, a date of a series, or a series.

        Mails nobody. `from_here` changes the series from this date on. `calendar` is named as for `list_events`.
        A prepared change of which nobody hears is made by its id.
        """
        if event is not None and is_prepared_id(event):
            if fields != EventFields() or from_here or calendar:
                raise _as_shown()
            return await self._sending().send_change(event, tells_others=False)
        if event is None:
            if from_here:
                raise InvalidInput("`from_here` changes a series.", next_step="Give the id of one of its dates.")
            place = await self._calendar.calendar_to_write(calendar)
            return replace(await self._saver(place).create_event(fields), calendar=place)
        if calendar is not None:
            raise InvalidInput(
                "An event stays in the calendar that it was created in. Nothing was changed.",
                next_step="Leave `calendar` out; or create it there, and delete this one.",
            )
        place, found = await self._event(event)
        saver = self._saver(place)
        if not from_here:
            return replace(await saver.change_event(found, fields), calendar=place)
        day = found.first_day_in(self._owner.zone)
        if not found.series_master_id or day is None:
            raise InvalidInput(
                "This is no date of a series.", next_step="Give the id of a date as calendar_list shows."
            )
        series = await self._writing(place).event(found.series_master_id)
        return replace(await saver.change_event(series, fields, day), calendar=place)

    async def delete_events(self, handles: Sequence[str]) -> Deleted:
        """Deletes those of which nobody hears. Raises the error when none could be deleted."""
        done: list[tuple[str, EventToChange]] = []
        failed: list[tuple[str, OutlookError]] = []
        for handle in dict.fromkeys(handles):
            try:
                done.append((handle, await self._delete_event(handle)))
            except OutlookError as error:
                failed.append((handle, error))
        if not done:
            raise why_none(failed)
        return Deleted(
            done=[(handle, not event.is_organizer) for handle, event in done],
            series=[handle for handle, event in done if event.recurrence],
            failed=failed,
        )

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
                raise _as_shown()
            return await self._sending().send_change(handle)
        event, invitation = await self._meeting(handle)
        owner = f"{self._owner.user.tid}:{self._owner.user.oid}:{self._owner.connection}"
        writing = self._writing(self._calendar.own())
        answers = MeetingAnswers(
            writing, self._people, self._marks, self._quota, owner=owner, zone=self._owner.zone, now=self._clock()
        )
        answer: Answer = action  # type: ignore[assignment]
        return await answers.send_answer(
            MeetingAnswer(
                event=event, answer=answer, comment=comment, proposed_start=proposed_start, invitation=invitation
            )
        )

    def _sending(self) -> PreparedSending:
        return PreparedSending(self._writing_of, self._prepared, self._quota, self._clock)

    async def _delete_event(self, handle: str) -> EventToChange:
        """The event that was deleted."""
        place, event = await self._event(handle)
        writing = self._writing(place)
        if event.is_organizer and event.is_meeting:
            cancels = 'Cancel it with event_send and action="cancel" once the user agreed.'
            raise InvalidInput(
                "Others are invited and would be told, so it was not deleted.",
                next_step=f"Ask {address_words(place.owner)}, who alone can cancel it." if place.owner else cancels,
            )
        try:
            await writing.graph.perform(writing.deletion_of(event))
        except NotFound:
            # It was there a moment ago: a DELETE that the network layer repeats is answered so.
            if not await writing.is_gone(event.id):
                raise
        except OutlookError as error:
            if not is_open(error):
                raise
            if not await writing.is_gone(event.id):
                raise after_looking(error, "A look afterwards shows that it was not deleted.") from None  # type: ignore[arg-type]
        return event

    async def _meeting(self, handle: str) -> tuple[EventToChange, Invitation | None]:
        """The event of this id, or the one that the message of this id is about."""
        full = self._own_id(handle)
        writing = self._writing(self._calendar.own())
        try:
            return _checked_private(self._calendar.own(), await writing.event(full)), None
        except (NotFound, RequestRejected) as error:
            if not is_graph_id(full):
                raise
            missing = error
        try:
            builder = self._graph.me.messages.by_message_id(full)
            request = self._graph.request(builder, query={"$expand": EXPAND_EVENT})
            invitation = await self._graph.answer_to(request, Invitation)
        except OutlookError:
            raise NotFound(
                f"There is no event {handle[:40]!r} in this calendar, and no invitation. Nothing was sent.",
                next_step=_GONE,
            ) from missing
        if invitation.is_delegated:
            raise InvalidInput(
                "This invitation is for somebody else, as whose delegate the user got it, so an answer would be in "
                "their name. Nothing was sent.",
                next_step="Read it (mail_read): it tells for whom. Let the user answer it in Outlook.",
            )
        if invitation.event is None:
            kind = (invitation.meeting_message_type or "").lower()
            if not kind:
                raise InvalidInput("The message is not about a meeting. Nothing was sent.", next_step="Read it first.")
            raise InvalidInput("The calendar has no event of this message. Nothing was sent.", next_step=_GONE)
        try:
            return await writing.event(EventId(invitation.event.id)), invitation
        except NotFound:
            raise NotFound(
                "The meeting of this message is in the calendar no more. Nothing was sent.", next_step=_GONE
            ) from None

    def _own_id(self, handle: str) -> EventId:
        """The id of an event of this calendar. Raises InvalidInput for one that stands in the calendar of others."""
        own, address = self._ids.parted(handle)
        if address:
            raise InvalidInput(
                f"This event stands in the calendar of {address[:100]}, who alone answers and cancels its meetings. "
                "Nothing was sent.",
                next_step="Ask its owner, or use the event of the user's own calendar.",
            )
        return self._ids.full(own)

    async def _event(self, handle: str) -> tuple[OneCalendar, EventToChange]:
        """The event with this short or full id, and where it is. Raises InvalidInput where it may not be changed."""
        place, own = await self._calendar.calendar_of(handle)
        try:
            event = await self._writing(place).event(place.ids.full(own))
        except NotFound as missing:
            raise NotFound(
                f"There is no event {handle[:40]!r} in this calendar.",
                status=missing.status,
                next_step="It may have been moved or deleted; list again.",
            ) from None
        return place, _checked_private(place, event)

    def _saver(self, place: OneCalendar) -> EventSaver:
        address = place.owner or self._owner.address
        zone, unknown = self._owner.zone, self._owner.unknown_zone
        composer = Composer(self._people, address=address, zone=zone, now=self._clock(), unknown_zone=unknown)

        async def events_near(span: WrittenSpan) -> Sequence[TimedEvent]:
            bounds = (span.start - _NEAR, span.end + _NEAR)
            return await self._calendar.events_in(place, *(bound.isoformat(timespec="minutes") for bound in bounds))

        writing = self._writing(place)
        return EventSaver(
            place, writing, composer, self._prepared, self._people, address=address, conflicts=events_near
        )

    def _writing(self, place: OneCalendar) -> EventWriting:
        return EventWriting(place.graph, look_again_s=self._look_again_s, calendar_id=place.calendar_id)

    def _writing_of(self, change: PreparedChange) -> EventWriting:
        graph = self._graph.for_shared_mailbox(change.mailbox, CALENDAR) if change.mailbox else self._graph
        return EventWriting(graph, look_again_s=self._look_again_s, calendar_id=change.calendar_id)


def _as_shown() -> InvalidInput:
    return InvalidInput(
        "A prepared change is made as it was shown, without anything else. Nothing was sent.",
        next_step="Prepare another one with event_save.",
    )


def _checked_private(place: OneCalendar, event: EventToChange) -> EventToChange:
    if place.is_foreign and event.is_private:
        raise InvalidInput(
            "This event is private to the owner of the calendar, so it is not changed.", next_step="Ask its owner."
        )
    return event
