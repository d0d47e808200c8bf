"""Reports that a message was not delivered, or late: for whom and why (RFC 3464)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.mail.files import type_of
from outlook_mcp.mail.models import Message, RecipientReport
from outlook_mcp.text.lazy import shared_processes

# The report stands before the message that it is about, which may be large.
_BEGINNING_BYTES = 64_000
_MOST_MESSAGES = 5
_READ_MAIL = "outlook_mcp.mail.mime.job"
_REPORT_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
# Of Exchange and of Exim.
_REPORT_HEADERS = frozenset({"x-ms-exchange-message-is-ndr", "x-failed-recipients"})


def is_delivery_report(message: Message) -> bool:
    """Whether it says of itself that it is one; needs its headers and attachments."""
    if any(type_of(attachment) in _REPORT_TYPES for attachment in message.attachments):
        return True
    headers = {header.name.lower(): (header.value or "").lower() for header in message.internet_message_headers}
    content_type = headers.get("content-type", "")
    return not _REPORT_HEADERS.isdisjoint(headers) or ("report-type" in content_type and "delivery" in content_type)


class DeliveryReports:
    """The reports among the messages of one mailbox."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def reports_of(self, messages: Sequence[Message]) -> dict[MessageId, list[RecipientReport]]:
        """By message id, of the first five of these reports; without those that cannot be read."""
        found = {}
        for message in messages[:_MOST_MESSAGES]:
            try:
                source = await self._beginning(message.id)
                written = await shared_processes().run(_READ_MAIL, "report", source=source)
                found[message.id] = msgspec.json.decode(written, type=list[RecipientReport])
            except (OutlookError, msgspec.DecodeError):
                continue
        return {message_id: reports for message_id, reports in found.items() if reports}

    async def _beginning(self, message_id: MessageId) -> bytes:
        request = self._graph.value_request(self._graph.me.messages.by_message_id(checked_id(message_id)))
        source = bytearray()
        async with self._graph.stream_of(request, limit=self._graph.settings.max_body_bytes) as body:
            async for piece in body:
                source += piece
                if len(source) >= _BEGINNING_BYTES:
                    break
        return bytes(source[:_BEGINNING_BYTES])
