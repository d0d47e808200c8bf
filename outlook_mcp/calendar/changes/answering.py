"""Answers invitations and cancels meetings, each at most once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import anyio
import msgspec
from pydantic import SecretStr

from outlook_mcp.calendar.changes.fields import EventToChange, PeopleToInvite
from outlook_mcp.calendar.changes.requests import Action, EventWriting
from outlook_mcp.calendar.changes.results import Sent
from outlook_mcp.calendar.changes.sending import SEND_PERMISSION, SendQuota, seen_unsent
from outlook_mcp.calendar.models import Invitation
from outlook_mcp.calendar.times import event_time
from outlook_mcp.calendar.writing_times import WrittenSpan, written_span
from outlook_mcp.errors import Conflict, InvalidInput, OutcomeUnknown, OutlookError
from outlook_mcp.identity.shared_store import Marks

Answer = Literal["accept", "tentative", "decline", "cancel"]
_ACTIONS: dict[Answer, Action] = {
    "accept": "accept",
    "tentative": "tentativelyAccept",
    "decline": "decline",
    "cancel": "cancel",
}
_RESPONSES = {"accept": "accepted", "tentative": "tentativelyAccepted", "decline": "declined"}
_WORDS = {"accept": "accepted", "tentative": "tentatively accepted", "decline": "declined", "cancel": "cancelled"}
_PURPOSE = "meeting_answer"
_MARK_S = 600.0
_LONGEST_COMMENT = 5_000
_CALLED_OFF = "This meeting was called off by its organizer, so there is nothing to answer. Nothing was sent."


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAnswer:
    """What a caller wants to say to a meeting; `invitation` is the message whose id was given."""

    event: EventToChange
    answer: Answer
    comment: str = ""
    proposed_start: str | None = None
    invitation: Invitation | None = None


class MeetingAnswers:
    """Answers for one calendar, whose owner reads times in `zone`."""

    def __init__(
        self,
        writing: EventWriting,
        people: PeopleToInvite,
        marks: Marks,
        quota: SendQuota,
        *,
        owner: str,
        zone: ZoneInfo,
        now: datetime,
    ) -> None:
        self._writing = writing
        self._people = people
        self._marks = marks
        self._quota = quota
        self._owner = owner
        self._zone = zone
        self._now = now

    async def send_answer(self, wanted: MeetingAnswer) -> Sent:
        """Raises InvalidInput for a meeting that cannot be answered so.

        Raises Conflict when the same answer was sent just now, OutcomeUnknown when it may or may not have been sent.
        """
        event = wanted.event
        if len(wanted.comment) > _LONGEST_COMMENT:
            raise InvalidInput("The comment is too long.", next_step="Write it shorter, or send mail.")
        _check_answerable(wanted)
        proposed = self._proposed(wanted) if wanted.proposed_start is not None else None
        body, told = self._body_of(wanted, proposed)
        if wanted.answer != "cancel":
            await self._check_organizer(told)
        mark = SecretStr(self._mark_of(wanted))
        if told:
            await self._quota.count_send(len(told))
        with anyio.CancelScope(shield=True):
            if not await self._marks.mark_handle(_PURPOSE, mark, lifetime_s=_MARK_S):
                await self._uncount(told)
                raise _said_before(wanted)
            try:
                was_verified = await self._send_once(wanted, body)
            except OutcomeUnknown as unknown:
                unknown.recipients = tuple(told)
                raise
            except OutlookError:
                # Refused, or seen not to be made: the next call may try at once.
                await self._marks.discard_ticket(_PURPOSE, mark)
                await self._uncount(told)
                raise
        return Sent(
            what=_WORDS[wanted.answer],
            told=told,
            event=event,
            event_id=event.id,
            proposed=proposed,
            was_verified=was_verified,
        )

    async def _check_organizer(self, told: list[str]) -> None:
        """Raises InvalidInput for one whose address looks like that of somebody to whom the user has written."""
        try:
            await self._people.check_addresses(told)
        except InvalidInput as refused:
            refused.message = f"{refused.message} Nothing was sent."
            refused.next_step = "Tell the user; if it is this one, let them answer the meeting in Outlook."
            raise

    async def _uncount(self, told: list[str]) -> None:
        if told:
            await self._quota.uncount_send(len(told))

    def _body_of(self, wanted: MeetingAnswer, proposed: WrittenSpan | None) -> tuple[dict[str, Any], list[str]]:
        """The JSON, and the addresses of those who get mail."""
        event = wanted.event
        if wanted.answer == "cancel":
            return {"comment": wanted.comment}, event.others
        if event.response_requested is False:
            if wanted.comment or wanted.proposed_start:
                raise InvalidInput(
                    "The organizer asks for no answer, so neither a comment nor another time can be sent.",
                    next_step="Answer without them, or write to the organizer with draft_save.",
                )
            return {"sendResponse": False}, []
        body: dict[str, Any] = {"comment": wanted.comment, "sendResponse": True}
        if proposed is not None:
            body["proposedNewTime"] = {name: proposed.json()[name] for name in ("start", "end")}
        organizer = event.organizer.email_address if event.organizer else None
        return body, [organizer.address] if organizer and organizer.address else []

    def _proposed(self, wanted: MeetingAnswer) -> WrittenSpan:
        event = wanted.event
        if wanted.answer in ("accept", "cancel"):
            who = "accepts" if wanted.answer == "accept" else "cancels"
            raise InvalidInput(
                f"Whoever {who} proposes no other time. Nothing was sent.",
                next_step="Use tentative or decline with it.",
            )
        if event.allow_new_time_proposals is False:
            raise InvalidInput("The organizer takes no proposals of other times.", next_step="Say it in the comment.")
        time = event_time(event, self._zone)
        if time is None or time.unknown_zone or time.is_all_day:
            raise InvalidInput("To this meeting no other time can be proposed.", next_step="Say it in the comment.")
        length = time.end.astimezone(UTC) - time.start.astimezone(UTC)
        span = written_span(wanted.proposed_start or "", None, self._zone, self._now, length=length)
        if span.is_all_day:
            raise InvalidInput("Propose a day with a time.", next_step="Write 2026-11-30T14:00.")
        if span.start <= self._now:
            raise InvalidInput("The proposed time is over. Nothing was sent.", next_step="Propose a coming one.")
        return span

    def _mark_of(self, wanted: MeetingAnswer) -> str:
        event = wanted.event
        # With its time: after the organizer has moved the meeting, the same answer is another one. The etag would not
        # do, as it changes with the answer itself.
        times = [event.start, event.end, event.recurrence]
        said = [self._owner, event.id, wanted.answer, wanted.comment, wanted.proposed_start, times]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()

    async def _send_once(self, wanted: MeetingAnswer, body: dict[str, Any]) -> bool:
        """Whether the answer was lost and a look showed that it was sent."""
        event = wanted.event
        request = self._writing.action_on(event.id, _ACTIONS[wanted.answer], body)
        try:
            await self._writing.graph.send_mail(request, permission=SEND_PERMISSION)
        except OutcomeUnknown as lost:
            try:
                is_made = await self._is_made(wanted)
            except OutlookError:
                raise lost from None
            if not is_made:
                raise seen_unsent(lost) from None
            return True
        return False

    async def _is_made(self, wanted: MeetingAnswer) -> bool:
        if wanted.answer in ("cancel", "decline"):
            # A declined meeting goes to Deleted Items.
            return await self._writing.is_gone(wanted.event.id) or (
                wanted.answer == "decline" and await self._has_response(wanted)
            )
        return await self._has_response(wanted)

    async def _has_response(self, wanted: MeetingAnswer) -> bool:
        """Whether the event has the answer. One that it had before tells nothing."""
        before = wanted.event.response
        for pause in (0.0, self._writing.look_again_s):
            await anyio.sleep(pause)
            event = await self._writing.event(wanted.event.id)
            if event.response == _RESPONSES[wanted.answer] and (
                event.response != before or _answered_anew(event, wanted)
            ):
                return True
        return False


def _said_before(wanted: MeetingAnswer) -> Conflict:
    """Another call has marked the same; whether it came through is seen in the event, which was read since."""
    if wanted.event.response == _RESPONSES.get(wanted.answer):
        return Conflict(
            "The same was sent within the last ten minutes. This call sent nothing.", next_step="Tell the user."
        )
    return Conflict(
        "Another call began to send the same within the last ten minutes, and the meeting does not show it. This call "
        "sent nothing.",
        next_step="Look at the meeting with event_read; where it shows no answer after ten minutes, send it again.",
    )


def _answered_anew(event: EventToChange, wanted: MeetingAnswer) -> bool:
    """Whether its etag shows that the event was written since."""
    return bool(event.etag) and event.etag != wanted.event.etag


def _check_answerable(wanted: MeetingAnswer) -> None:
    """Raises InvalidInput for a meeting that cannot be answered, or be cancelled."""
    event, invitation = wanted.event, wanted.invitation
    if wanted.answer == "cancel":
        if not event.is_organizer:
            raise InvalidInput("Only its organizer can cancel a meeting.", next_step='Use action="decline".')
        if not event.is_meeting:
            raise InvalidInput("Nobody is invited, so there is nobody to tell.", next_step="Use event_delete.")
        return
    if event.is_organizer:
        raise InvalidInput(
            "The user is the organizer of this event, so there is nothing to answer.",
            next_step='Change it with event_save, also to a time that an attendee proposes, or use action="cancel".',
        )
    kind = ((invitation and invitation.meeting_message_type) or "").lower()
    if event.is_cancelled or kind == "meetingcancelled":
        raise InvalidInput(_CALLED_OFF, next_step="Remove it with event_delete if the user wants.")
    if invitation is not None and (invitation.is_out_of_date or kind not in ("", "meetingrequest")):
        raise InvalidInput(
            "This message is not the latest request of the meeting, so it is not answered. Nothing was sent.",
            next_step="Read the meeting with event_read, and answer by the id of the event.",
        )
    is_same = event.response == _RESPONSES[wanted.answer]
    if is_same and not wanted.comment and not wanted.proposed_start:
        raise Conflict(
            f"This meeting is {_WORDS[wanted.answer]} already. Nothing was sent.", next_step="Tell the user."
        )
