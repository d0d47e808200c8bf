"""What meeting messages say of their meeting: invitations, cancellations, and answers to invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import WireModel
from outlook_mcp.identity.time_zone import resolve_time_zone
from outlook_mcp.mail.models import Message


class ZonedTime(WireModel, frozen=True, kw_only=True):
    """Graph's dateTimeTimeZone: a local time with up to seven digits of a second, and the name of its zone."""

    date_time: str
    time_zone: str | None = None

    @property
    def moment(self) -> datetime | None:
        """None for a time that cannot be read."""
        try:
            found = datetime.fromisoformat(self.date_time[:19])
        except ValueError:
            return None
        return found.replace(tzinfo=resolve_time_zone(self.time_zone or "UTC"))


class Place(WireModel, frozen=True, kw_only=True):
    """Where a meeting is."""

    display_name: str | None = None


class Meeting(WireModel, frozen=True, kw_only=True):
    """The properties that microsoft.graph.eventMessage has besides those of a message."""

    meeting_message_type: str | None = None
    start_date_time: ZonedTime | None = None
    end_date_time: ZonedTime | None = None
    location: Place | None = None
    is_all_day: bool | None = False
    is_out_of_date: bool | None = False
    type: str | None = None


class Meetings:
    """The meetings that messages of one mailbox are about."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def meetings_of(self, messages: Sequence[Message]) -> dict[MessageId, Meeting]:
        """By message id; without those that are no meeting messages or cannot be read.

        They are asked for without $select, as Graph documents no $select for the properties of a derived type.
        """
        about = [message.id for message in messages if message.meeting_kind]
        if not about:
            return {}
        me = self._graph.me.messages
        requests = [self._graph.request(me.by_message_id(checked_id(message_id))) for message_id in about]
        try:
            answers = await self._graph.answers_to(requests)
            return {
                message_id: answer.decode(Meeting)
                for message_id, answer in zip(about, answers, strict=True)
                if answer.is_success
            }
        except (GraphError, msgspec.DecodeError):
            return {}
