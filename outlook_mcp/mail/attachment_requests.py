"""Requests for attachments by their full ids: metadata, bytes, and the text of those that are text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import AttachmentId, MessageId, checked_id
from outlook_mcp.graph.models import Body, Page
from outlook_mcp.mail.models import ATTACHMENT, AttachedItem, Attachment
from outlook_mcp.text.charsets import charset_of
from outlook_mcp.text.isolated.processes import shared_processes

MOST_BYTES = 150 * 2**20
MOST_TEXT_BYTES = 8 * 2**20
_OPEN_IT = "Ask the user to open it in Outlook."
_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "application/x-yaml",
        "application/yaml",
        "application/javascript",
        "application/sql",
        "application/ics",
    }
)
_TEXT_ENDINGS = (".txt", ".csv", ".tsv", ".md", ".log", ".json", ".xml", ".yaml", ".yml", ".ics")


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """`charset` is how the bytes were read."""

    body: Body
    charset: str


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
        found = await self.list_attachments(message_id)
        if 1 <= number <= len(found):
            return found[number - 1]
        # Without their names: those come from the sender, and no error quotes a sender.
        next_step = f"It has {len(found)}, which mail_read lists." if found else "It has no attachments."
        raise InvalidInput(f"The message has no attachment {number}.", next_step=next_step)

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

    async def fetch_text(self, message_id: MessageId, attachment: Attachment) -> AttachmentText:
        """The content of a file that `is_text`. InvalidInput when it is too large."""
        raw = await self._small_file(message_id, attachment)
        declared = EmailMessage()
        declared["Content-Type"] = attachment.content_type or "text/plain"
        charset = charset_of(raw, declared.get_content_charset())
        is_html = declared.get_content_subtype() in ("html", "xhtml+xml")
        body = Body(content_type="html" if is_html else "text", content=raw.decode(charset, errors="replace"))
        return AttachmentText(body, charset)

    async def fetch_mail(self, message_id: MessageId, attachment: Attachment) -> AttachedItem:
        """The mail in a file that `is_mail`. InvalidInput when it is too large or costs too much to read."""
        raw = await self._small_file(message_id, attachment)
        written = await shared_processes().run("outlook_mcp.mail.mime.job", source=raw)
        try:
            return msgspec.json.decode(written, type=AttachedItem)
        except msgspec.DecodeError:
            raise InvalidInput("This attachment is a mail that cannot be read.", next_step=_OPEN_IT) from None

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


def is_mail(attachment: Attachment) -> bool:
    """A file that holds a mail, by its type or its ending: many programs call it octet-stream or plain text."""
    if attachment.kind != "file":
        return False
    return _type_of(attachment) == "message/rfc822" or (attachment.name or "").lower().endswith(".eml")


def is_text(attachment: Attachment) -> bool:
    """A file that is text by its type, or by its ending where the sender gave none better than octet-stream."""
    if attachment.kind != "file":
        return False
    kind = _type_of(attachment)
    if kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+xml", "+json")):
        return True
    return kind in ("", "application/octet-stream") and (attachment.name or "").lower().endswith(_TEXT_ENDINGS)


def _type_of(attachment: Attachment) -> str:
    return (attachment.content_type or "").partition(";")[0].strip().lower()
