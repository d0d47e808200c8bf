"""What meeting messages say of their meeting: invitations, cancellations, and answers to invitations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import WireModel, ZonedTime
from outlook_mcp.mail.models import Message

# PidTagReceivedRepresentingSmtpAddress (MS-OXPROPS): for whom a delegate got the message.
_REPRESENTED = "singleValueExtendedProperties($filter=id eq 'String 0x5D08')"


class Place(WireModel, frozen=True, kw_only=True):
    """Where a meeting is."""

    display_name: str | None = None


class Span(WireModel, frozen=True, kw_only=True):
    """Graph's timeSlot."""

    start: ZonedTime | None = None
    end: ZonedTime | None = None


class ExtendedProperty(WireModel, frozen=True, kw_only=True):
    """A MAPI property of the message."""

    value: str | None = None


class Meeting(WireModel, frozen=True, kw_only=True):
    """The properties that eventMessage, eventMessageRequest and eventMessageResponse have besides those of a message.

    The previous ones are told by a request that changes a meeting, the proposed ones by an answer to an invitation.
    """

    meeting_message_type: str | None = None
    response_type: str | None = None
    start_date_time: ZonedTime | None = None
    end_date_time: ZonedTime | None = None
    location: Place | None = None
    is_all_day: bool | None = False
    is_out_of_date: bool | None = False
    type: str | None = None
    recurrence: Any = None
    meeting_request_type: str | None = None
    previous_start_date_time: ZonedTime | None = None
    previous_end_date_time: ZonedTime | None = None
    previous_location: Place | None = None
    proposed_new_time: Span | None = None
    is_delegated: bool | None = False
    single_value_extended_properties: list[ExtendedProperty] = []

    @property
    def represented(self) -> str:
        """The address of the person for whom the user got it as their delegate; "" where that is not told."""
        found = (extended.value or "" for extended in self.single_value_extended_properties)
        return next((address for address in found if "@" in address), "")


class Meetings:
    """The meetings that messages of one mailbox are about."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def meetings_of(self, messages: Sequence[Message]) -> dict[MessageId, Meeting]:
        """By message id, of meeting messages; without those that cannot be read.

        They are asked for without $select, as Graph documents no $select for the properties of a derived type.
        """
        me = self._graph.me.messages
        requests = [
            self._graph.request(me.by_message_id(checked_id(message.id)), query={"$expand": _REPRESENTED})
            for message in messages
        ]
        try:
            answers = await self._graph.answers_to(requests)
            return {
                message.id: answer.decode(Meeting)
                for message, answer in zip(messages, answers, strict=True)
                if answer.is_success
            }
        except (GraphError, msgspec.DecodeError):
            return {}
