"""Creates and changes events: at once where nobody hears of it and no date of a series is lost, else as a prepared
change."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date
from typing import Any

from outlook_mcp.calendar.calendars import OneCalendar
from outlook_mcp.calendar.changes.composing import Composed, Composer
from outlook_mcp.calendar.changes.fields import EventFields, EventToChange, PeopleToInvite
from outlook_mcp.calendar.changes.prepared import PreparedChange, PreparedChanges
from outlook_mcp.calendar.changes.preview import changed_event, mailed
from outlook_mcp.calendar.changes.requests import EventWriting, is_open
from outlook_mcp.calendar.changes.results import Prepared, Saved, Shown
from outlook_mcp.calendar.changes.rooms import booked_rooms, rooms_of
from outlook_mcp.calendar.changes.series import SeriesDivision, dates_restored, divided
from outlook_mcp.calendar.event_list import TimedEvent
from outlook_mcp.calendar.online_block import without_block
from outlook_mcp.calendar.writing_times import WrittenSpan
from outlook_mcp.errors import NOTHING_CHANGED, Conflict, InvalidInput, OutlookError
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.text.html import convert_body

# The events of the user from one moment to another, which may fail.
FindConflicts = Callable[[WrittenSpan], Awaitable[Sequence[TimedEvent]]]
_QUIET = frozenset({"isReminderOn", "reminderMinutesBeforeStart", "categories", "responseRequested"})
_NOT_MADE = "A look afterwards shows that it was not made."


class EventSaver:
    """For one calendar, whose owner has `address`."""

    def __init__(
        self,
        calendar: OneCalendar,
        writing: EventWriting,
        composer: Composer,
        prepared: PreparedChanges,
        people: PeopleToInvite,
        *,
        address: str,
        conflicts: FindConflicts,
    ) -> None:
        self._calendar = calendar
        self._writing = writing
        self._composer = composer
        self._prepared = prepared
        self._people = people
        self._address = address
        self._conflicts = conflicts

    async def create_event(self, fields: EventFields) -> Saved | Prepared:
        """Raises InvalidInput."""
        composed = await self._composer.new_event(fields)
        body = composed.json | {"transactionId": str(uuid.uuid4())}
        shown = await self._shown(None, composed, body)
        if shown.told:
            return Prepared(changes=[(await self._seal(shown), shown)])
        event, was_verified = await self._create_at_once(body)
        return Saved(shown=shown, event=event, was_verified=was_verified)

    async def change_event(
        self, event: EventToChange, fields: EventFields, from_day: date | None = None
    ) -> Saved | Prepared:
        """`event` is one event, one date of a series, or a series, of which `from_day` divides what is changed.

        Raises InvalidInput.
        """
        if not event.is_organizer and event.is_meeting and not fields.is_own_alone:
            raise InvalidInput(
                "Only its organizer can change this meeting; in your calendar only show_as, private and "
                "reminder_minutes can be changed.",
                next_step="Answer it with event_send, and write to the organizer with draft_save.",
            )
        if from_day is not None:
            return await self._change_from(event, fields, from_day)
        composed = await self._composer.changed_fields(event, fields)
        if not composed.json:
            raise InvalidInput(
                "The event is as you say already, so nothing was changed.", next_step="Say what differs."
            )
        shown = await self._shown(event, composed, composed.json)
        if shown.told or shown.restored:
            return Prepared(changes=[(await self._seal(shown), shown)])
        changed, was_verified = await self._change_at_once(event, composed.json)
        return Saved(shown=shown, event=changed, was_verified=was_verified)

    async def _change_from(self, series: EventToChange, fields: EventFields, day: date) -> Saved | Prepared:
        division: SeriesDivision = await divided(series, fields, day, self._composer, self._writing)
        new_body = division.rest.json | {"transactionId": str(uuid.uuid4())}
        begun = await self._shown(None, division.rest, new_body)
        ended = await self._shown(series, Composed(division.end), division.end)
        if begun.told or ended.told or division.undoes:
            # The new series first: if the second is never sent, both are there, and no date is lost.
            changes = [(await self._seal(shown), shown) for shown in (begun, ended)]
            return Prepared(changes=changes, lost=division.lost)
        event, was_verified = await self._create_at_once(new_body)
        try:
            await self._change_at_once(series, division.end)
        except OutlookError as error:
            raise _half_divided(
                error, self._calendar.ids.short(event.id), self._calendar.ids.short(series.id)
            ) from None
        return Saved(shown=begun, event=event, was_verified=was_verified, lost=division.lost)

    async def _shown(self, before: EventToChange | None, composed: Composed, body: dict[str, Any]) -> Shown:
        after = changed_event(before, body)
        invited, updated, called_off = mailed(before, body, quiet=_QUIET)
        told = [*invited, *updated, *called_off]
        # Nobody writes to a room.
        rooms = rooms_of(after)
        people = [address for address in told if address.lower() not in rooms]
        domain = self._address.rpartition("@")[2].lower()
        restored: Sequence[str] = ()
        if before is not None and before.series is not None and {"start", "end", "recurrence"} & body.keys():
            restored = await dates_restored(before, self._writing, self._composer.now, until=_last_day(body))
        return Shown(
            body=body,
            before=before,
            after=after,
            invited=invited,
            updated=updated,
            called_off=called_off,
            outside=[address for address in told if address.rpartition("@")[2].lower() != domain],
            never_written_to=await self._people.never_written_to(people) if people else (),
            conflicts=await self._conflicts_of(before, composed),
            restored=restored,
            booked=await booked_rooms(self._writing.graph, before, after) if told else (),
            text=await _new_text(body) if told else None,
            old_text=await _old_text(before) if told and before and "body" in body else "",
        )

    async def _conflicts_of(self, before: EventToChange | None, composed: Composed) -> Sequence[TimedEvent]:
        span = composed.span
        if span is None or span.is_all_day or composed.json.get("showAs") == "free":
            return ()
        try:
            found = await self._conflicts(span)
        except OutlookError:
            # They only help to decide.
            return ()
        own = {before.id, before.series_master_id} if before else set()
        begin, end = span.start.astimezone(UTC), span.end.astimezone(UTC)
        return [
            item
            for item in found
            if item.event.takes_time
            and not item.time.is_all_day
            and not own & {item.event.id, item.event.series_master_id}
            and item.time.start.astimezone(UTC) < end
            and begin < item.time.end.astimezone(UTC)
        ]

    async def _seal(self, shown: Shown) -> str:
        before = shown.before

        def make(connection: str | None, client: str) -> PreparedChange:
            return PreparedChange(
                connection=connection,
                client=client,
                body=shown.body,
                told=shown.told,
                subject=shown.after.subject or "",
                mailbox=self._calendar.mailbox,
                calendar_id=self._calendar.calendar_id,
                event_id=before.id if before else "",
                etag=(before.etag or "") if before else "",
                transaction_id=shown.body.get("transactionId", ""),
                wants_online=bool(shown.body.get("isOnlineMeeting")),
            )

        return await self._prepared.seal_change(make)

    async def _create_at_once(self, body: dict[str, Any]) -> tuple[EventToChange, bool]:
        """The event, and whether the answer was lost. It is for nobody else, so the same POST may be made again."""
        request = self._writing.creation_of(body)
        try:
            return await self._writing.graph.answer_to(request, EventToChange), False
        except OutlookError as error:
            if not is_open(error):
                raise
            lost = error
        try:
            return await self._writing.graph.answer_to(self._writing.creation_of(body), EventToChange), True
        except OutlookError:
            return await self._seen(lost, lambda: self._writing.created(body["transactionId"])), True

    async def _change_at_once(self, event: EventToChange, body: dict[str, Any]) -> tuple[EventToChange, bool]:
        # With its etag: if somebody was invited meanwhile, they must not be told.
        request = self._writing.change_of(event.id, body, event.etag)
        try:
            return await self._writing.graph.answer_to(request, EventToChange), False
        except OutlookError as error:
            if isinstance(error, Conflict):
                error.next_step = "Read the event (event_read), and save what is still to be changed."
            if not is_open(error):
                raise
            return await self._seen(error, lambda: self._writing.changed(event.id, body)), True

    async def _seen(self, lost: OutlookError, look: Callable[[], Awaitable[EventToChange | None]]) -> EventToChange:
        try:
            seen = await look()
        except OutlookError:
            raise lost from None
        if seen is None:
            raise after_looking(lost, _NOT_MADE) from None  # type: ignore[arg-type]
        return seen


def _last_day(body: Mapping[str, Any]) -> date | None:
    """The day on which a new recurrence ends: later dates of the series are none any more."""
    limits = (body.get("recurrence") or {}).get("range") or {}
    return date.fromisoformat(limits["endDate"]) if limits.get("type") == "endDate" else None


def _half_divided(error: OutlookError, new: str, old: str) -> OutlookError:
    """The new series is there, whatever became of the old one."""
    told = error.message.removesuffix(NOTHING_CHANGED).strip()
    error.message = f"The new series {new} was created, but that the old one, {old}, was ended is not certain: {told}"
    error.next_step = "Read both (event_read). Where the old one goes on, delete the new one, and try again."
    return error


async def _new_text(body: Mapping[str, Any]) -> str | None:
    """What people will read of the new text; None where it stays."""
    return await _text_of(body["body"]["content"], body["body"]["contentType"]) if "body" in body else None


async def _old_text(event: EventToChange) -> str:
    return await _text_of(event.body.content, event.body.content_type, event.join_url) if event.body else ""


async def _text_of(content: str | None, kind: str, join_url: str = "") -> str:
    """As its readers see it, without the part to join by, which stays as it is."""
    words = without_block(content or "", is_html=kind.lower() == "html", join_url=join_url)
    return (await convert_body(words, kind)).text
