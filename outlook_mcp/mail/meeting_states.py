"""What the user's calendar says of the meetings that messages are about; asked of the calendar by the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.models import Message


class MeetingState(Protocol):
    """One meeting: `start` and `end` are aware, or midnights of the user's zone for whole days.

    `start` is None when the event is in the calendar no more. `response` is the answer of the user as Graph names it,
    none where it is not known.
    `is_delegated`: the invitation is for somebody else, whose delegate the user is.
    `overlapping` are the subjects of events that take the user's time at the same time.
    """

    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def is_all_day(self) -> bool: ...
    @property
    def place(self) -> str: ...
    @property
    def response(self) -> str: ...
    @property
    def is_cancelled(self) -> bool: ...
    @property
    def is_out_of_date(self) -> bool: ...
    @property
    def is_delegated(self) -> bool: ...
    @property
    def is_series(self) -> bool: ...
    @property
    def overlapping(self) -> Sequence[str]: ...


class MeetingStates(Protocol):
    """The calendar of the mailbox, where the caller may read it."""

    async def states_of(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, MeetingState]:
        """By message id; without those that cannot be read. Raises no error of Graph."""


class NoMeetingStates:
    """The calendar may not be read."""

    async def states_of(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, MeetingState]:
        return {}


async def states_of_invitations(states: MeetingStates, messages: Sequence[Message]) -> Mapping[MessageId, MeetingState]:
    """The states of the invitations among these messages; answers to invitations tell all themselves."""
    about = [message.id for message in messages if message.meeting_kind == "invitation"]
    return await states.states_of(about) if about else {}
