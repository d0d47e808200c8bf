"""Messages that Exchange holds until a time: the time on the draft, and taking one back before it.

Exchange sends a message no earlier than its PidTagDeferredSendTime says (MS-OXOMSG 2.2.3.13), also when no client runs;
it may be some minutes later. Until then the message stands in the Outbox or among the drafts, under its immutable id.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import anyio

from outlook_mcp.errors import Conflict, GraphError, InvalidInput, NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking, still_unknown
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.deferred_send import DEFERRED_SEND_TIME, EXPAND_DEFERRAL, deferred_until
from outlook_mcp.mail.drafts.send_time import shown_send_time
from outlook_mcp.mail.drafts.sent_lookup import SentLookup
from outlook_mcp.mail.models import Message
from outlook_mcp.net.clock import utc_now
from outlook_mcp.text.dates import graph_time

_STATE = ("id", "isDraft", "parentFolderId", "subject")
# A message that is sent within this time cannot be taken back for certain.
_TOO_LATE = timedelta(seconds=5)
_LOOK = "Look for it with mail_search in drafts, sent and deleted, then take it back again."


class Deferral:
    """The messages of one mailbox that Exchange holds, and the time on drafts that it is to hold."""

    def __init__(self, graph: GraphClient, lookup: SentLookup, *, look_again_s: float) -> None:
        self._graph = graph
        self._look_again_s = look_again_s
        self._lookup = lookup

    async def set_time(self, draft: Message, moment: datetime) -> None:
        """Writes the time on the draft, which still is what was read. Raises GraphError; then nothing was sent."""
        fields = {"singleValueExtendedProperties": [{"id": DEFERRED_SEND_TIME, "value": graph_time(moment)}]}
        headers = {"If-Match": draft.etag} if draft.etag else None
        request = self._graph.request(self._builder(draft.id), "PATCH", json=fields, headers=headers)
        try:
            await self._graph.answer_to(request, Message)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            told = f"The draft may have {shown_send_time(moment)} as its time to be sent at."
            raise after_looking(error, told) from None

    async def take_back(self, message_id: MessageId) -> Message:
        """Moves a message that Exchange holds into Deleted Items, and so stops it.

        Raises InvalidInput when it holds none, and Conflict when it was sent or is just being sent.
        """
        until = await self._until(message_id)
        if until is None or until < utc_now() + _TOO_LATE:
            raise _sent_already()
        # No DELETE: the HTTP library would repeat it by itself when its answer is lost.
        builder, body = self._builder(message_id).move, {"destinationId": "deleteditems"}
        try:
            now = await self._graph.answer_to(self._graph.request(builder, "POST", json=body), Message)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            now = await self._moved_message(message_id, error)
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
        until = deferred_until(message, utc_now())
        if until is None and message.is_draft:
            raise InvalidInput("This draft is not waiting to be sent.", next_step="There is nothing to take back.")
        return until

    async def _moved_message(self, message_id: MessageId, error: GraphError) -> Message:
        """The message in Deleted Items, when the answer to its move was lost. Raises GraphError if it is not there."""
        try:
            deleted = await self._lookup.folder_id("deleteditems")
            for pause in (0.0, self._look_again_s):
                await anyio.sleep(pause)
                now = await self._lookup.fetch_message(message_id, _STATE)
                if now.parent_folder_id == deleted:
                    return now
        except OutlookError:
            raise still_unknown(error, _LOOK) from None
        raise after_looking(error, "A look afterwards shows that it was not taken back.") from None

    def _builder(self, message_id: MessageId) -> Any:
        return self._graph.me.messages.by_message_id(message_id)


def _sent_already() -> Conflict:
    return Conflict(
        "No such message waits: it was sent already, is just being sent, or was deleted. Nothing was done.",
        next_step='Look in Sent Items (mail_search with folder="sent") and tell the user.',
    )
