"""Requests for attachments by their full ids: metadata, bytes, and the text of those that hold some."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import AttachmentId, MessageId, checked_id
from outlook_mcp.graph.models import Body, Page
from outlook_mcp.mail.files import charset_label, is_binary, is_html, is_smime
from outlook_mcp.mail.models import ATTACHMENT, AttachedItem, Attachment, FileInside
from outlook_mcp.text.charsets import label_in_html
from outlook_mcp.text.decoding import decode
from outlook_mcp.text.isolated.processes import shared_processes

MOST_BYTES = 150 * 2**20
MOST_TEXT_BYTES = 8 * 2**20
# Files of a mail that is attachment 2 are asked for as 201, 202 and so on.
INSIDE = 100
_OPEN_IT = "Ask the user to open it in Outlook."
_READ_MAIL = "outlook_mcp.mail.mime.job"


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """`charset` is how the bytes were read; with `is_guess` nothing told it."""

    body: Body
    charset: str
    is_guess: bool = False


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
        self, message_id: MessageId, attachment_id: AttachmentId, *, limit: int = MOST_TEXT_BYTES
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

    async def fetch_text(self, message_id: MessageId, attachment: Attachment) -> AttachmentText | None:
        """The content of a file that `is_text`; None if it is none after all. InvalidInput when it is too large."""
        return await text_of(attachment, await self._small_file(message_id, attachment))

    async def fetch_mail(self, message_id: MessageId, attachment: Attachment) -> AttachedItem | None:
        """The mail in an attachment that is one, in a file that `is_mail`, or in one that is signed.

        None for a file of S/MIME that is not only signed. InvalidInput when it is too large or costs too much to read.
        """
        return await mail_in(attachment, await self._small_file(message_id, attachment))

    async def fetch_file_inside(
        self, message_id: MessageId, attachment: Attachment, number: int
    ) -> tuple[Attachment, bytes]:
        """File `number` of the mail that an attachment is or holds, and its content. InvalidInput if there is none."""
        raw = await self._small_file(message_id, attachment)
        written = await shared_processes().run(_READ_MAIL, *_kind(attachment), str(number), source=raw)
        try:
            found = msgspec.msgpack.decode(written, type=tuple[FileInside, bytes] | None)
        except msgspec.DecodeError:
            found = None
        if found is None:
            raise InvalidInput("The attached mail has no such file.", next_step="Read the attached mail to see them.")
        file, content = found
        inside = Attachment(
            id=attachment.id,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            is_inline=file.is_inline,
        )
        return inside, content

    async def _small_file(self, message_id: MessageId, attachment: Attachment) -> bytes:
        if (attachment.size or 0) > MOST_TEXT_BYTES:
            raise InvalidInput(
                f"This attachment is larger than the {MOST_TEXT_BYTES // 2**20} MB that are read.", next_step=_OPEN_IT
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


async def text_of(attachment: Attachment, raw: bytes) -> AttachmentText | None:
    """The text of a file that `is_text`; None if its bytes say that it is another kind of file."""
    if is_binary(raw):
        return None
    html = is_html(attachment)
    text = await decode(raw, charset_label(attachment) or label_in_html(raw))
    body = Body(content_type="html" if html else "text", content=text.text)
    return AttachmentText(body, text.charset, text.is_guess)


async def mail_in(attachment: Attachment, raw: bytes) -> AttachedItem | None:
    """See `AttachmentRequests.fetch_mail`."""
    written = await shared_processes().run(_READ_MAIL, *_kind(attachment), source=raw)
    try:
        return msgspec.json.decode(written, type=AttachedItem | None)
    except msgspec.DecodeError:
        raise InvalidInput("This attachment is a mail that cannot be read.", next_step=_OPEN_IT) from None


def _kind(attachment: Attachment) -> tuple[str, ...]:
    return ("signed",) if attachment.kind == "file" and is_smime(attachment) else ()
