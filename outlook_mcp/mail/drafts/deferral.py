"""Messages that Exchange holds until a time: the time on the draft, and taking one back before it.

Exchange sends a message no earlier than its PidTagDeferredSendTime says (MS-OXOMSG 2.2.3.13), also when no client runs;
it may be some minutes later. Until then the message stands in the Outbox or among the drafts, under its immutable id.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from outlook_mcp.errors import Conflict, GraphError, InvalidInput, NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import still_unknown
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.drafts.sent_lookup import SentLookup
from outlook_mcp.mail.models import Message
from outlook_mcp.net.clock import UtcClock, utc_now
from outlook_mcp.text.dates import graph_time

DEFERRED_SEND_TIME = "SystemTime 0x3FEF"
EXPAND_DEFERRAL = f"singleValueExtendedProperties($filter=id eq '{DEFERRED_SEND_TIME}')"
_STATE = ("id", "isDraft", "parentFolderId", "subject")
# A message that is sent within this time cannot be taken back for certain.
_TOO_LATE = timedelta(seconds=5)


def deferred_until(message: Message, now: datetime) -> datetime | None:
    """The time ahead until which Exchange holds the message; None for none. It has to be read with EXPAND_DEFERRAL."""
    for extended in message.single_value_extended_properties:
        try:
            moment = datetime.fromisoformat(extended.value or "")
        except ValueError:
            continue
        if moment.tzinfo is not None and moment > now:
            return moment
    return None


class Deferral:
    """Those of one mailbox."""

    def __init__(self, graph: GraphClient, lookup: SentLookup, clock: UtcClock = utc_now) -> None:
        self._graph = graph
        self._lookup = lookup
        self._clock = clock

    async def set_time(self, draft: Message, moment: datetime) -> None:
        """Writes the time on the draft, which still is what was read, or raises."""
        fields = {"singleValueExtendedProperties": [{"id": DEFERRED_SEND_TIME, "value": graph_time(moment)}]}
        headers = {"If-Match": draft.etag} if draft.etag else None
        builder = self._graph.me.messages.by_message_id(draft.id)
        await self._graph.answer_to(self._graph.request(builder, "PATCH", json=fields, headers=headers), Message)

    async def take_back(self, message_id: MessageId) -> Message:
        """Moves a message that Exchange holds into Deleted Items, and so stops it.

        Raises InvalidInput when it holds none, and Conflict when it was sent or is just being sent.
        """
        until = await self._until(message_id)
        if until is None or until < self._clock() + _TOO_LATE:
            raise _sent_already()
        try:
            await self._graph.perform(self._graph.request(self._builder(message_id), "DELETE"))
        except GraphError as error:
            if error.outcome_is_known:
                raise
            await self._raise_unless_moved(message_id, error)
        now = await self._lookup.fetch_message(message_id, _STATE)
        if not now.is_draft:
            raise Conflict(
                "Exchange sent this message while it was being taken back; its copy is in Deleted Items.",
                next_step="Tell the user; a follow-up can still be sent.",
            )
        return now

    async def _until(self, message_id: MessageId) -> datetime | None:
        try:
            message = await self._lookup.fetch_message(message_id, _STATE, {"$expand": EXPAND_DEFERRAL})
        except NotFound:
            raise _sent_already() from None
        until = deferred_until(message, self._clock())
        if until is None and message.is_draft:
            raise InvalidInput("This draft is not waiting to be sent.", next_step="There is nothing to take back.")
        return until

    async def _raise_unless_moved(self, message_id: MessageId, error: GraphError) -> None:
        try:
            folder = self._graph.me.mail_folders.by_mail_folder_id("deleteditems")
            now = await self._lookup.fetch_message(message_id, _STATE)
            if now.parent_folder_id == (await self._lookup.folder_id(folder)):
                return
        except OutlookError:
            pass
        raise still_unknown(error, "Look for it with mail_search in drafts, sent and deleted, then take it back again.")

    def _builder(self, message_id: MessageId) -> Any:
        return self._graph.me.messages.by_message_id(message_id)


def _sent_already() -> Conflict:
    return Conflict(
        "This message was sent already, or is just being sent, so it was not taken back.",
        next_step='Look in Sent Items (mail_search with folder="sent") and tell the user.',
    )
