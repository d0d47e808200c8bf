"""Copies attachments of other messages to a draft."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import anyio

from outlook_mcp.errors import GraphError, InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId, checked_id
from outlook_mcp.graph.models import Item
from outlook_mcp.mail.attachment_requests import MOST_BYTES, AttachmentRequests
from outlook_mcp.mail.models import Attachment, UploadSession

# Exchange requires an upload session from this size on, and refuses one below it.
SESSION_FROM_BYTES = 3 * 2**20


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """The attachment with this number, counted from 1, of a message in the same mailbox."""

    message: Handle
    number: int

    @classmethod
    def parse(cls, written: str) -> Self:
        """Raises InvalidInput for anything but `id/n`.

        >>> AttachmentRef.parse("4711/1")
        AttachmentRef(message='4711', number=1)
        """
        message, slash, number = written.rpartition("/")
        if not slash or not message or not number.isascii() or not number.isdecimal() or int(number) < 1:
            raise InvalidInput(
                f"{written[:80]!r} is not a reference to an attachment.",
                next_step="Write `id/n`: attachment n of message id, such as 4711/1.",
            )
        return cls(Handle(message), int(number))

    def __str__(self) -> str:
        return f"{self.message}/{self.number}"


@dataclass(frozen=True, slots=True)
class Source:
    """An attachment that a reference names."""

    reference: AttachmentRef
    message_id: MessageId
    attachment: Attachment

    @property
    def name(self) -> str:
        name = self.attachment.name or "attachment"
        is_mail = self.attachment.kind == "item" and not name.lower().endswith(".eml")
        return f"{name}.eml" if is_mail else name

    @property
    def content_type(self) -> str:
        if self.attachment.kind == "item":
            return "message/rfc822"
        return self.attachment.content_type or "application/octet-stream"


class Attaching:
    """Copies within one mailbox; a file of up to 150 MB is never in memory whole."""

    def __init__(
        self, graph: GraphClient, attachments: AttachmentRequests, handles: Handles, *, look_again_s: float
    ) -> None:
        self._graph = graph
        self._attachments = attachments
        self._handles = handles
        self._look_again_s = look_again_s

    async def find_sources(self, references: Sequence[AttachmentRef]) -> list[Source]:
        """The attachments that are named. Called before a draft is made, so that a wrong number leaves none behind."""
        sources = []
        for reference in references:
            message_id = self._handles.full(reference.message)
            attachment = await self._attachments.nth_attachment(message_id, reference.number)
            if attachment.kind == "reference":
                raise InvalidInput(
                    f"Attachment {reference.number} is a link to a file in the cloud.",
                    next_step="Put the link into the text instead.",
                )
            if (attachment.size or 0) > MOST_BYTES:
                raise InvalidInput(f"Attachment {reference.number} is larger than the 150 MB that Exchange allows.")
            sources.append(Source(reference, message_id, attachment))
        return sources

    async def names_on(self, draft_id: MessageId) -> Counter[str]:
        """The names of the draft's attachments, those inside the text included, and how many have each."""
        return Counter(attachment.name or "" for attachment in await self._attachments.list_attachments(draft_id))

    async def add_attachment(self, draft_id: MessageId, source: Source, present: Counter[str]) -> None:
        """Copies it to the draft, whose attachments have the names in `present`, and adds its name to them.

        When the answer is lost, the draft is looked at, and again after `look_again_s` seconds.
        """
        try:
            await self._add_attachment(draft_id, source)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            await self._raise_unless_added(draft_id, source, present, error)
        present[source.name] += 1

    async def _raise_unless_added(
        self, draft_id: MessageId, source: Source, present: Counter[str], error: GraphError
    ) -> None:
        for pause in (0.0, self._look_again_s):
            await anyio.sleep(pause)
            try:
                now = await self.names_on(draft_id)
            except OutlookError:
                raise error from None
            if now[source.name] > present[source.name]:
                return
        raise after_looking(error, "A look afterwards shows that it was not attached.") from None

    async def _add_attachment(self, draft_id: MessageId, source: Source) -> None:
        """As its content's size requires; the size in the metadata includes overhead."""
        if (source.attachment.size or 0) < SESSION_FROM_BYTES:
            content = await self._attachments.bytes_of(
                source.message_id, source.attachment.id, limit=2 * SESSION_FROM_BYTES
            )
            if len(content) < SESSION_FROM_BYTES:
                await self._add_inline(draft_id, source, content)
                return
        await self._upload(draft_id, source)

    async def _add_inline(self, draft_id: MessageId, source: Source, content: bytes) -> None:
        body = {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": source.name,
            "contentType": source.content_type,
            "contentBytes": base64.b64encode(content).decode("ascii"),
        }
        await self._graph.answer_to(self._graph.request(self._builder_for(draft_id), "POST", json=body), Item)

    async def _upload(self, draft_id: MessageId, source: Source) -> None:
        """Uses a temporary file: an upload session needs the exact size, which the metadata does not give."""
        async with anyio.TemporaryFile() as spool:
            size = 0
            async with self._attachments.stream_of(source.message_id, source.attachment.id) as content:
                async for chunk in content:
                    size += await spool.write(chunk)
            await spool.seek(0)
            if size < SESSION_FROM_BYTES:
                await self._add_inline(draft_id, source, await spool.read())
                return
            item = {
                "attachmentType": "file",
                "name": source.name,
                "size": size,
                "contentType": source.content_type,
            }
            builder = self._builder_for(draft_id).create_upload_session
            info = self._graph.request(builder, "POST", json={"AttachmentItem": item})
            session = await self._graph.answer_to(info, UploadSession)
            await self._graph.upload(session.upload_url, _chunks(spool), size)

    def _builder_for(self, draft_id: MessageId) -> Any:
        return self._graph.me.messages.by_message_id(checked_id(draft_id)).attachments


async def _chunks(spool: anyio.AsyncFile[bytes]) -> AsyncIterator[bytes]:
    while chunk := await spool.read(2**18):
        yield chunk
