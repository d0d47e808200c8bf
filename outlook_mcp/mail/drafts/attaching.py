"""Puts attachments of other messages on a draft."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import item_id
from outlook_mcp.mail.attachments import MOST_BYTES, Attachments
from outlook_mcp.mail.models import Attachment, Item, UploadSession

# From here on Exchange wants an upload session, below it refuses one.
SESSION_FROM_BYTES = 3 * 2**20


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """The attachment with number `n`, counted from 1, of a message in the same mailbox."""

    message_id: str
    n: int


@dataclass(frozen=True, slots=True)
class Source:
    """A reference that was looked up."""

    message_id: str
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
    """Copies in this mailbox only; a file of 150 MB passes through without standing in memory."""

    def __init__(self, graph: GraphClient, attachments: Attachments) -> None:
        self._graph = graph
        self._attachments = attachments

    async def find(self, references: Sequence[AttachmentRef]) -> list[Source]:
        """Looks all of them up first, so that a wrong number leaves no half-made draft behind."""
        sources = []
        for reference in references:
            attachment = await self._attachments.nth(reference.message_id, reference.n)
            if attachment.kind == "reference":
                raise InvalidInput(
                    f"Attachment {reference.n} is a link to a file in the cloud.",
                    next_step="Put the link into the text instead.",
                )
            if (attachment.size or 0) > MOST_BYTES:
                raise InvalidInput(f"Attachment {reference.n} is larger than the 150 MB that Exchange allows.")
            sources.append(Source(reference.message_id, attachment))
        return sources

    async def add(self, draft_id: str, source: Source) -> None:
        """Small ones inline. The size in the metadata includes overhead, so the bytes decide."""
        if (source.attachment.size or 0) < SESSION_FROM_BYTES:
            content = await self._attachments.bytes_of(
                source.message_id, source.attachment.id, limit=2 * SESSION_FROM_BYTES
            )
            if len(content) < SESSION_FROM_BYTES:
                await self._add_inline(draft_id, source, content)
                return
        await self._upload(draft_id, source)

    async def _add_inline(self, draft_id: str, source: Source, content: bytes) -> None:
        body = {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": source.name,
            "contentType": source.content_type,
            "contentBytes": base64.b64encode(content).decode("ascii"),
        }
        await self._graph.answer_to(self._graph.request(self._of(draft_id), "POST", json=body), Item)

    async def _upload(self, draft_id: str, source: Source) -> None:
        """Into a temporary file first: a session must be told the exact size, which no metadata gives."""
        async with anyio.TemporaryFile() as spool:
            size = 0
            async with self._attachments.stream(source.message_id, source.attachment.id) as content:
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
            builder = self._of(draft_id).create_upload_session
            info = self._graph.request(builder, "POST", json={"AttachmentItem": item})
            session = await self._graph.answer_to(info, UploadSession)
            await self._graph.upload(session.upload_url, _chunks(spool), size)

    def _of(self, draft_id: str) -> Any:
        return self._graph.me.messages.by_message_id(item_id(draft_id)).attachments


async def _chunks(spool: anyio.AsyncFile[bytes]) -> AsyncIterator[bytes]:
    while chunk := await spool.read(2**18):
        yield chunk
