"""Adds files to a draft: of other messages, whole messages, text that the caller wrote, and files of this machine."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import anyio.to_thread

from outlook_mcp.errors import GraphError, InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import Item
from outlook_mcp.mail.attachment_requests import MOST_BYTES, AttachmentRequests
from outlook_mcp.mail.drafts.attach_references import (
    AttachmentRef,
    AttachReference,
    InlineFile,
    LocalPath,
    MessageRef,
    inline_file,
    naming_the_file,
    parse_reference,
    type_of_name,
)
from outlook_mcp.mail.drafts.attached_content import (
    SESSION_FROM_BYTES,
    OpenContent,
    Source,
    bytes_content,
    check_size,
    spooled,
)
from outlook_mcp.mail.drafts.local_files import LocalFiles
from outlook_mcp.mail.drafts.pictures import content_id_of
from outlook_mcp.mail.drafts.uploads import Uploads
from outlook_mcp.mail.file_contents import file_inside, opened
from outlook_mcp.mail.models import Attachment, Message

_MAIL_TYPE = "message/rfc822"


class Attaching:
    """Adds files to the drafts of one mailbox; a file of up to 150 MB is never in memory whole."""

    def __init__(
        self,
        graph: GraphClient,
        attachments: AttachmentRequests,
        handles: Handles,
        *,
        uploads: Uploads,
        files: LocalFiles = LocalFiles(),
        look_again_s: float,
    ) -> None:
        self._graph = graph
        self._attachments = attachments
        self._handles = handles
        self._uploads = uploads
        self._files = files
        self._look_again_s = look_again_s

    @asynccontextmanager
    async def sources_of(
        self,
        references: Sequence[AttachReference],
        pictures: Sequence[str] = (),
        draft_id: MessageId | None = None,
    ) -> AsyncIterator[tuple[list[Source], dict[str, str]]]:
        """What is named, so that a wrong number is told before a draft is made. Local files stay open until the end.

        `pictures` are those that the text shows, by their name or reference; the second value are their content ids.
        Those that the draft has already stay as they are.
        """
        async with AsyncExitStack() as stack:
            sources = []
            for number, reference in enumerate(references, 1):
                with naming_the_file(number, len(references)):
                    sources.append(await self._source_of(reference, stack))
            present = await self.names_on(draft_id) if pictures and draft_id else Counter[str]()
            ids: dict[str, str] = {}
            for picture in pictures:
                place = next((number for number, source in enumerate(sources) if source.is_called(picture)), None)
                if place is None and present[picture]:
                    ids[picture] = content_id_of(picture)
                    continue
                found = await self._picture_source(picture, stack) if place is None else sources[place]
                ids[picture] = content_id_of(found.name)
                shown = replace(found, content_id=ids[picture])
                sources = [*sources, shown] if place is None else [*sources[:place], shown, *sources[place + 1 :]]
            yield sources, ids

    async def _picture_source(self, picture: str, stack: AsyncExitStack) -> Source:
        """Raises InvalidInput for what is not found, or is no picture."""
        try:
            source = await self._source_of(parse_reference(picture), stack)
        except InvalidInput:
            source = None
        if source is None or not source.content_type.startswith("image/"):
            raise InvalidInput(
                f"The text shows {picture[:80]!r}, which is no picture that is attached.",
                next_step="Attach it in the same call, or write ![](id/n) for attachment n of message id.",
            )
        return source

    async def names_on(self, draft_id: MessageId) -> Counter[str]:
        """The names of the draft's attachments, those inside the text included, and how many have each."""
        return Counter(attachment.name or "" for attachment in await self._attachments.list_attachments(draft_id))

    async def add_attachment(self, draft_id: MessageId, source: Source, present: Counter[str]) -> None:
        """Adds it to the draft, whose attachments have the names in `present`, and adds its name to them.

        When the answer is lost, the draft is looked at, and again after `look_again_s` seconds.
        """
        try:
            async with source.open_content() as content:
                check_size(source.told, content.size)
                if content.size < SESSION_FROM_BYTES:
                    await self._add_small(draft_id, source, content)
                else:
                    await self._uploads.upload(self._builder_for(draft_id), draft_id, source, content, present)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            await self._raise_unless_added(draft_id, source, present, error)
        present[source.name] += 1

    def upload_state(self, source: Source) -> str:
        """See `Uploads.state_of`."""
        return self._uploads.state_of(source)

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

    async def _add_small(self, draft_id: MessageId, source: Source, content: OpenContent) -> None:
        body: dict[str, Any] = {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": source.name,
            "contentType": source.content_type,
            "contentBytes": base64.b64encode(await content.read(0, content.size)).decode("ascii"),
        }
        if source.content_id:
            body |= {"isInline": True, "contentId": source.content_id}
        await self._graph.answer_to(self._graph.request(self._builder_for(draft_id), "POST", json=body), Item)

    async def _source_of(self, reference: AttachReference, stack: AsyncExitStack) -> Source:
        match reference:
            case AttachmentRef():
                return await self._attachment_source(reference)
            case MessageRef():
                return await self._message_source(reference)
            case InlineFile():
                return _inline_source(reference)
            case LocalPath():
                return await self._local_source(reference, stack)

    async def _attachment_source(self, reference: AttachmentRef) -> Source:
        message_id = self._handles.full(reference.message)
        attachment = await self._attachments.nth_attachment(message_id, reference.number)
        if attachment.kind == "reference":
            raise InvalidInput(
                f"Attachment {reference.number} is a link to a file in the cloud.",
                next_step="Put the link into the text instead.",
            )
        check_size(f"Attachment {reference.number}", attachment.size or 0)
        if reference.inside:
            return await self._inner_source(reference, message_id, attachment)
        stream = partial(self._attachments.stream_of, message_id, attachment.id)
        return Source(
            told=str(reference),
            again=str(reference),
            name=_name_of(attachment),
            content_type=_type_of(attachment),
            identity=f"{message_id}/{attachment.id}",
            open_content=lambda: spooled(stream()),
        )

    async def _inner_source(self, reference: AttachmentRef, message_id: MessageId, attachment: Attachment) -> Source:
        """A file in an attached mail or archive, which is read in whole to find it."""
        content = await self._attachments.small_file(message_id, attachment)
        file = opened(attachment, content, str(reference.number))
        for number in reference.inside:
            file = await file_inside(file, number)
        return Source(
            told=str(reference),
            again=str(reference),
            name=_name_of(file.attachment),
            content_type=_type_of(file.attachment),
            identity=f"{message_id}/{attachment.id}/{file.path}",
            open_content=partial(bytes_content, file.content),
        )

    async def _message_source(self, reference: MessageRef) -> Source:
        """The message with its headers and files, as Exchange writes it in MIME."""
        message_id = self._handles.full(reference.message)
        builder = self._graph.me.messages.by_message_id(checked_id(message_id))
        request = self._graph.request(builder, query={"$select": ("id", "subject")})
        message = await self._graph.answer_to(request, Message)
        subject = (message.subject or "").strip() or "message"
        mime = self._graph.value_request(builder)
        return Source(
            told=str(reference),
            again=str(reference),
            name=inline_file(f"{subject[:150]}.eml", b"").name,
            content_type=_MAIL_TYPE,
            identity=f"{message_id} as mail",
            open_content=lambda: spooled(self._graph.stream_of(mime, limit=MOST_BYTES)),
        )

    async def _local_source(self, reference: LocalPath, stack: AsyncExitStack) -> Source:
        opened = await anyio.to_thread.run_sync(self._files.open_file, reference.path)
        stack.callback(opened.close)
        return Source(
            told=opened.name,
            again=reference.path,
            name=opened.name,
            content_type=type_of_name(opened.name),
            identity=opened.identity,
            open_content=opened.content,
        )

    def _builder_for(self, draft_id: MessageId) -> Any:
        return self._graph.me.messages.by_message_id(checked_id(draft_id)).attachments


def _inline_source(file: InlineFile) -> Source:
    return Source(
        told=file.name,
        again=f"{file.name}: its text",
        name=file.name,
        content_type=file.content_type,
        identity=hashlib.sha256(file.content).hexdigest(),
        open_content=lambda: bytes_content(file.content),
    )


def _name_of(attachment: Attachment) -> str:
    name = attachment.name or "attachment"
    is_mail = attachment.kind == "item" and not name.lower().endswith(".eml")
    return f"{name}.eml" if is_mail else name


def _type_of(attachment: Attachment) -> str:
    if attachment.kind == "item":
        return _MAIL_TYPE
    return attachment.content_type or "application/octet-stream"
