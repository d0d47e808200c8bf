"""Requests for attachments by their full ids: metadata and bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import AttachmentId, MessageId, checked_id
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.file_contents import OPEN_IT
from outlook_mcp.mail.models import ATTACHMENT, Attachment

MOST_BYTES = 150 * 2**20
MOST_READ_BYTES = 25 * 2**20


class AttachmentRequests:
    """The attachments of one mailbox. Those of a message are counted from 1, in Graph's order, with the inline ones."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def list_attachments(self, message_id: MessageId) -> list[Attachment]:
        """Metadata of all attachments of a message."""
        request = self._graph.request(self._of(message_id), query={"$select": ATTACHMENT})
        page = await self._graph.answer_to(request, Page[Attachment])
        found = page.value
        while page.next_link:
            page = await self._graph.next_page(page.next_link, Page[Attachment])
            found += page.value
        return found

    async def nth_attachment(self, message_id: MessageId, number: int) -> Attachment:
        """The attachment with this number. Raises InvalidInput, which says how many there are, when there is none."""
        return nth_of(await self.list_attachments(message_id), number)

    async def bytes_of(
        self, message_id: MessageId, attachment_id: AttachmentId, *, limit: int = MOST_READ_BYTES
    ) -> bytes:
        """The content, which for an attached mail is its MIME form. AnswerUnreadable above `limit` bytes."""
        return await self._graph.bytes_of(self._value(message_id, attachment_id), limit=limit)

    def stream_of(
        self, message_id: MessageId, attachment_id: AttachmentId, *, limit: int = MOST_BYTES
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The content in pieces."""
        return self._graph.stream_of(self._value(message_id, attachment_id), limit=limit)

    async def fetch_item(self, message_id: MessageId, attachment_id: AttachmentId) -> Attachment:
        """An attached Outlook item with its own subject, people, time and body in `.item`."""
        builder = self._of(message_id).by_attachment_id(checked_id(attachment_id))
        query = {"$expand": "microsoft.graph.itemAttachment/item"}
        return await self._graph.answer_to(self._graph.request(builder, query=query), Attachment)

    async def small_file(self, message_id: MessageId, attachment: Attachment) -> bytes:
        """The content of a file that is small enough to be read here. InvalidInput when it is too large."""
        if (attachment.size or 0) > MOST_READ_BYTES:
            raise InvalidInput(
                f"This attachment is larger than the {MOST_READ_BYTES // 2**20} MB that are read.", next_step=OPEN_IT
            )
        return await self.bytes_of(message_id, attachment.id)

    def _of(self, message_id: MessageId) -> Any:
        return self._graph.me.messages.by_message_id(checked_id(message_id)).attachments

    def _value(self, message_id: MessageId, attachment_id: AttachmentId) -> Any:
        return self._graph.value_request(self._of(message_id).by_attachment_id(checked_id(attachment_id)))


def nth_of(attachments: list[Attachment], number: int) -> Attachment:
    """Attachment `number`, counted from 1. Raises InvalidInput when there is none."""
    if 1 <= number <= len(attachments):
        return attachments[number - 1]
    # Without their names: those come from the sender, and no error quotes a sender.
    next_step = f"It has {len(attachments)}, which mail_read lists." if attachments else "It has no attachments."
    raise InvalidInput(f"The message has no attachment {number}.", next_step=next_step)
