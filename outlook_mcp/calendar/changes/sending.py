"""Sends a prepared change: marked as used before its one request, and looked into when its answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import anyio

from outlook_mcp.calendar.changes.fields import EventToChange
from outlook_mcp.calendar.changes.prepared import PreparedChange, PreparedChanges, UsedChange
from outlook_mcp.calendar.changes.requests import EventWriting
from outlook_mcp.calendar.changes.results import Sent
from outlook_mcp.calendar.models import EventId
from outlook_mcp.errors import (
    Conflict,
    GraphError,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    OutlookError,
    SendQuotaExceeded,
    SignInError,
    Throttled,
)
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.net.clock import UtcClock

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

SEND_PERMISSION = "Calendars.ReadWrite"
NOT_SENT = "A look afterwards shows that it was not made, so nobody was told."
# Longer than a call takes that tries again and looks: until then it may be under way on another server.
_UNDER_WAY_S = 300.0
_ENDED = "the call that was to send it ended without an answer, and "
_TELL = "Tell the user."
_SEND_AGAIN = "Call event_send with it again to send it."
# Exchange answers so to a transaction id that it has for another body, which ours never has.
_KNOWN_TRANSACTION = "errorduplicatetransactionid"


class SendQuota(Protocol):
    """How much one user may send in an hour."""

    async def count_send(self, recipients: int) -> None:
        """Raises SendQuotaExceeded, counting nothing, when it is too much."""

    async def uncount_send(self, recipients: int) -> None:
        """Counts a message no more that was not sent."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    event: EventToChange
    was_verified: bool = False


class PreparedSending:
    """Sends what one client prepared. `writing_of` gives what writes into the mailbox and calendar of a change."""

    def __init__(
        self,
        writing_of: Callable[[PreparedChange], EventWriting],
        prepared: PreparedChanges,
        quota: SendQuota,
        clock: UtcClock,
    ) -> None:
        self._writing_of = writing_of
        self._prepared = prepared
        self._quota = quota
        self._clock = clock

    async def send_change(self, code: str, *, tells_others: bool = True) -> Sent:
        """Raises InvalidInput for one that others hear of where it is not to, Conflict for one that was used, after a
        look where the call that used it could not say what became of it, or whose event was changed since;
        OutcomeUnknown when it may or may not have been sent. When the call is cancelled after it was taken, it ends
        only when the outcome is known."""
        change = await self._prepared.find_change(code)
        told = (change.change if isinstance(change, UsedChange) else change).told
        if told and not tells_others:
            raise InvalidInput(
                "Others would get mail of this change, so nothing was changed.",
                next_step=f'Once the user agreed: event_send(id="{code}", action="send").',
            )
        if isinstance(change, UsedChange):
            raise await self._used(code, change)
        await self._check_unchanged(change)
        try:
            await self._count(change)
        except SendQuotaExceeded as exceeded:
            exceeded.message = exceeded.message.replace(" The draft is kept.", " The prepared change is kept.")
            raise
        with anyio.CancelScope(shield=True):
            try:
                used = await self._prepared.take_change(code, change)
            except OutlookError:
                await self._uncount(change)
                raise
            outcome = await self._send_once(code, used)
            await self._prepared.note_state(code, used, "sent")
        return Sent(
            what="sent" if change.told else "saved",
            told=change.told,
            event=outcome.event,
            event_id=outcome.event.id,
            mailbox=change.mailbox,
            was_verified=outcome.was_verified,
            is_not_online=change.wants_online and not outcome.event.is_online_meeting,
        )

    async def _count(self, change: PreparedChange) -> None:
        if change.told:
            await self._quota.count_send(len(change.told))

    async def _uncount(self, change: PreparedChange) -> None:
        if change.told:
            await self._quota.uncount_send(len(change.told))

    async def _check_unchanged(self, change: PreparedChange) -> None:
        """Raises Conflict for an event that was changed since. Else a look after a lost answer could find what somebody
        else made of it, and take it for this change."""
        if not change.event_id:
            return
        try:
            event = await self._writing_of(change).event(EventId(change.event_id))
        except NotFound as missing:
            raise _told_plainly(missing) from None
        except OutlookError as error:
            error.message = f"{error.message} Nothing was sent, and the prepared change is kept."
            raise
        if event.etag != change.etag:
            raise _told_plainly(Conflict(""))

    async def _used(self, code: str, used: UsedChange) -> Conflict:
        """What became of a change that another call took."""
        if used.state == "sent":
            return _conflict("This change was sent already", _TELL)
        if used.state == "unsent":
            return _conflict(
                "This change was refused when it was sent, and is used up", "Prepare it again with event_save."
            )
        try:
            seen = await _seen(used.change, self._writing_of(used.change))
        except OutlookError as error:
            why = (
                error.message if isinstance(error, Conflict) else f"no look was possible ({error.message.rstrip('.')})"
            )
            return _conflict(
                f"This change was handed to Exchange by another call, and may or may not have been sent: {why}",
                "Look at the event (event_read, calendar_list), or call event_send with it again to look once more.",
            )
        if seen is not None:
            await self._prepared.note_state(code, used, "sent")
            return _conflict(f"This change was sent already: {_ENDED}a look shows that it was made, once", _TELL)
        if used.state == "begun" and self._clock().timestamp() < used.begun_at + _UNDER_WAY_S:
            return _conflict(
                "Another call began to send this change less than five minutes ago, and the calendar does not show it "
                "yet",
                "Call event_send with it again in five minutes, to look once more.",
            )
        if await self._prepared.give_back(code, used.change):
            await self._uncount(used.change)
        if not used.change.event_id:
            return _conflict(
                f"This change was not sent, unless somebody deleted the event since: {_ENDED}a look shows none",
                f"Ask the user whether they deleted it. If not: {_SEND_AGAIN}",
            )
        return _conflict(
            f"This change was not sent: {_ENDED}a look shows that it was not made, so nobody was told", _SEND_AGAIN
        )

    async def _send_once(self, code: str, used: UsedChange) -> _Outcome:
        change = used.change
        try:
            return await (self._changed(change) if change.event_id else self._created(change))
        except OutcomeUnknown as unknown:
            await self._prepared.note_state(code, used, "unknown")
            unknown.recipients = tuple(change.told)
            raise
        except OutlookError as error:
            await self._uncount(change)
            if isinstance(error, Throttled | SignInError):
                await self._prepared.give_back(code, change)
            else:
                await self._prepared.note_state(code, used, "unsent")
            raise _told_plainly(error) from None

    async def _created(self, change: PreparedChange) -> _Outcome:
        writing = self._writing_of(change)
        try:
            return _Outcome(await _sent_event(writing, writing.creation_of(change.body)))
        except OutcomeUnknown as unknown:
            lost = unknown
        try:
            # The same transaction id with the same body makes no second event, and invites nobody again.
            return _Outcome(await _sent_event(writing, writing.creation_of(change.body)), was_verified=True)
        except OutlookError:
            return await _looked_for(lost, change, writing)

    async def _changed(self, change: PreparedChange) -> _Outcome:
        writing = self._writing_of(change)
        try:
            request = writing.change_of(EventId(change.event_id), change.body, change.etag)
            return _Outcome(await _sent_event(writing, request))
        except OutcomeUnknown as lost:
            return await _looked_for(lost, change, writing)


async def _looked_for(lost: OutcomeUnknown, change: PreparedChange, writing: EventWriting) -> _Outcome:
    try:
        seen = await _seen(change, writing)
    except OutlookError:
        raise lost from None
    if seen is None:
        raise seen_unsent(lost) from None
    return _Outcome(seen, was_verified=True)


async def _seen(change: PreparedChange, writing: EventWriting) -> EventToChange | None:
    """The event as the change makes it; None when it is not so, also after a while.

    Raises Conflict for an event that has neither what the change makes of it nor what it had before."""
    if not change.event_id:
        return await writing.created(change.transaction_id)
    seen = await writing.changed(EventId(change.event_id), change.body)
    if seen is None and (await writing.event(EventId(change.event_id))).etag != change.etag:
        raise Conflict("the event was changed otherwise since")
    return seen


async def _sent_event(writing: EventWriting, request: RequestInformation) -> EventToChange:
    return await writing.graph.answer_to_send(request, EventToChange, permission=SEND_PERMISSION)


def _conflict(what: str, next_step: str) -> Conflict:
    return Conflict(f"{what}. This call sent nothing.", next_step=next_step)


def seen_unsent(lost: OutcomeUnknown) -> GraphError:
    """The error once a look has shown that it was not sent."""
    lost.message = lost.message.replace(", so the message may or may not have been sent.", ".")
    return after_looking(lost, NOT_SENT)


def _told_plainly(error: OutlookError) -> OutlookError:
    """With what to do about a prepared change that Exchange refused."""
    if isinstance(error, Conflict) or (
        isinstance(error, GraphError) and error.graph_code.lower() == _KNOWN_TRANSACTION
    ):
        error.message = "The event was changed since this was prepared, so nothing was sent."
        error.next_step = "Read it (event_read), prepare the change again with event_save, and show it to the user."
    elif isinstance(error, NotFound):
        # Without the code of Graph, with which it would be told as any item that is not found.
        return NotFound(
            "The event is in the calendar no more, so nothing was sent.",
            status=error.status,
            next_step="It may have been cancelled or deleted meanwhile: list again.",
        )
    return error
