"""Sends a prepared change: marked as used before its one request, and looked into when its answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import anyio

from outlook_mcp.calendar.changes.fields import EventToChange
from outlook_mcp.calendar.changes.prepared import PreparedChange, PreparedChanges
from outlook_mcp.calendar.changes.requests import EventWriting
from outlook_mcp.calendar.changes.results import Sent
from outlook_mcp.calendar.models import EventId
from outlook_mcp.errors import (
    Conflict,
    GraphError,
    NotFound,
    OutcomeUnknown,
    OutlookError,
    SendQuotaExceeded,
    SignInError,
    Throttled,
)
from outlook_mcp.graph.errors import after_looking

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

SEND_PERMISSION = "Calendars.ReadWrite"
NOT_SENT = "A look afterwards shows that it was not made, so nobody was told."
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
        self, writing_of: Callable[[PreparedChange], EventWriting], prepared: PreparedChanges, quota: SendQuota
    ) -> None:
        self._writing_of = writing_of
        self._prepared = prepared
        self._quota = quota

    async def send_change(self, code: str) -> Sent:
        """Raises Conflict for one that was used or whose event was changed since; OutcomeUnknown when it may or may not
        have been sent. When the call is cancelled after it was taken, it ends only when the outcome is known."""
        change = await self._prepared.find_change(code)
        try:
            await self._quota.count_send(len(change.told))
        except SendQuotaExceeded as exceeded:
            exceeded.message = exceeded.message.replace(" The draft is kept.", " The prepared change is kept.")
            raise
        with anyio.CancelScope(shield=True):
            try:
                await self._prepared.take_change(code)
            except OutlookError:
                await self._quota.uncount_send(len(change.told))
                raise
            outcome = await self._send_once(code, change)
            await self._prepared.note_state(code, "sent")
        return Sent(
            what="sent",
            told=change.told,
            event=outcome.event,
            event_id=outcome.event.id,
            mailbox=change.mailbox,
            was_verified=outcome.was_verified,
            is_not_online=change.wants_online and not outcome.event.is_online_meeting,
        )

    async def _send_once(self, code: str, change: PreparedChange) -> _Outcome:
        try:
            return await (self._changed(change) if change.event_id else self._created(change))
        except OutcomeUnknown as unknown:
            await self._prepared.note_state(code, "unknown")
            unknown.recipients = tuple(change.told)
            raise
        except OutlookError as error:
            await self._quota.uncount_send(len(change.told))
            if isinstance(error, Throttled | SignInError):
                await self._prepared.give_back(code, change)
            else:
                await self._prepared.note_state(code, "unsent")
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
        if change.event_id:
            seen = await writing.changed(EventId(change.event_id), change.body)
        else:
            seen = await writing.created(change.transaction_id)
    except OutlookError:
        raise lost from None
    if seen is None:
        raise seen_unsent(lost) from None
    return _Outcome(seen, was_verified=True)


async def _sent_event(writing: EventWriting, request: RequestInformation) -> EventToChange:
    return await writing.graph.answer_to_send(request, EventToChange, permission=SEND_PERMISSION)


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
        error.message = "The event is in the calendar no more, so nothing was sent."
    return error
