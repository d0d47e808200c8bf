"""What callers do with drafts: save and send them. Replies keep the quoted history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import anyio

from outlook_mcp.errors import GraphError, InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId, checked_id
from outlook_mcp.mail.attachment_requests import AttachmentRequests
from outlook_mcp.mail.drafts.attaching import Attaching, Source
from outlook_mcp.mail.drafts.body import above_quote, replace_text
from outlook_mcp.mail.drafts.content import DraftContent, body_json
from outlook_mcp.mail.drafts.recipients import check_number
from outlook_mcp.mail.drafts.sending import Marks, Sending, SentMessage
from outlook_mcp.mail.models import EXPAND, FULL, Attachment, Message
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.text.html import ConvertedText, convert

DraftKind = Literal["new", "reply", "reply_all", "forward"]
_CREATE = {"reply": "create_reply", "reply_all": "create_reply_all", "forward": "create_forward"}
_CLEAN_UP_S = 10.0


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """The draft as Exchange has it now, its text without the history below, and all its attachments."""

    message: Message
    text: ConvertedText
    attachments: Sequence[Attachment] = ()


class Drafts:
    """The drafts of one mailbox, named by handles. Nothing here sends but `send_draft`."""

    def __init__(
        self,
        graph: GraphClient,
        attachments: AttachmentRequests,
        handles: Handles,
        marks: Marks,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._attachments = attachments
        self._handles = handles
        self._attaching = Attaching(graph, attachments, handles)
        self._sending = Sending(graph, marks, settings)

    async def save_draft(
        self,
        content: DraftContent,
        *,
        draft: Handle | None = None,
        kind: DraftKind = "new",
        of: Handle | None = None,
    ) -> SavedDraft:
        """Changes `draft`, or makes one of `kind`. A reply or forward needs the message it is `of`."""
        message = await self._saved(content, draft=draft, kind=kind, of=of)
        text = await convert((message.body and message.body.content) or "", drop_quotes=True)
        return SavedDraft(message, text, message.attachments)

    async def send_draft(self, draft: Handle) -> SentMessage:
        """Sends a draft at most once; see `Sending.send_draft`."""
        return await self._sending.send_draft(self._handles.full(draft))

    async def _saved(
        self, content: DraftContent, *, draft: Handle | None, kind: DraftKind, of: Handle | None
    ) -> Message:
        if draft is not None:
            if of is not None or kind != "new":
                raise InvalidInput(
                    "`kind` and `of` of an existing draft cannot be changed.",
                    next_step="Give `id` without `kind` and `of` to change it, or leave `id` out to make a new draft.",
                )
            return await self._update_draft(self._handles.full(draft), content)
        if kind == "new":
            if of is not None:
                raise InvalidInput(
                    "`of` names a message to answer or forward, but kind=new does neither.",
                    next_step="Give kind=reply, reply_all or forward, or leave `of` out.",
                )
            return await self._create_message(content)
        if of is None:
            raise InvalidInput(f"kind={kind} needs the message to answer or forward.", next_step="Give its id as `of`.")
        return await self._create_answer(self._handles.full(of), content, kind)

    async def _create_message(self, content: DraftContent) -> Message:
        fields = content.fields() | body_json(content.html or "")
        sources = await self._attaching.find_sources(content.attach)
        request = self._graph.request(self._graph.me.messages, "POST", json=fields)
        draft = await self._graph.answer_to(request, Message)
        return await self._finished(draft.id, sources)

    async def _create_answer(self, of: MessageId, content: DraftContent, kind: DraftKind) -> Message:
        """A reply or forward; its recipients come from Exchange unless given."""
        fields = content.fields()
        sources = await self._attaching.find_sources(content.attach)
        original = self._graph.me.messages.by_message_id(checked_id(of))
        request = self._graph.request(getattr(original, _CREATE[kind]), "POST", json={})
        draft = await self._graph.answer_to(request, Message)
        try:
            if content.html:
                if draft.body is None:
                    draft = await self._fetch_draft(draft.id)
                quoted = draft.body.content if draft.body else None
                fields |= body_json(above_quote(quoted or "", content.html))
            if fields:
                await self._patch_draft(draft, fields)
        except OutlookError:
            await self._discard_draft(draft.id)
            raise
        return await self._finished(draft.id, sources)

    async def _update_draft(self, draft_id: MessageId, content: DraftContent) -> Message:
        """Replaces what is given; the quoted history of a reply stays. Raises InvalidInput for a sent message."""
        fields = content.fields()
        sources = await self._attaching.find_sources(content.attach)
        draft = await self._fetch_draft(draft_id)
        if not draft.is_draft:
            raise InvalidInput("This message is not a draft.", next_step="Only drafts can be changed.")
        if content.html is not None:
            written = draft.body.content if draft.body else None
            fields |= body_json(replace_text(written or "", content.html))
        if fields:
            await self._patch_draft(draft, fields)
        for source in sources:
            await self._attaching.add_attachment(draft.id, source)
        return await self._fetch_draft(draft.id)

    async def _finished(self, draft_id: MessageId, sources: Sequence[Source]) -> Message:
        """A new draft with its attachments; it is discarded when that fails."""
        try:
            for source in sources:
                await self._attaching.add_attachment(draft_id, source)
            draft = await self._fetch_draft(draft_id)
            check_number(draft.recipients)
        except OutlookError:
            await self._discard_draft(draft_id)
            raise
        return draft

    async def _fetch_draft(self, draft_id: MessageId) -> Message:
        builder = self._graph.me.messages.by_message_id(checked_id(draft_id))
        query = {"$select": FULL, **EXPAND["full"]}
        return await self._graph.answer_to(self._graph.request(builder, query=query), Message)

    async def _patch_draft(self, draft: Message, fields: dict[str, Any]) -> None:
        builder = self._graph.me.messages.by_message_id(draft.id)
        # Somebody may be editing the same draft: then Graph answers 412, and Conflict says to read it again.
        headers = {"If-Match": draft.etag} if draft.etag else None
        await self._graph.answer_to(self._graph.request(builder, "PATCH", json=fields, headers=headers), Message)

    async def _discard_draft(self, draft_id: MessageId) -> None:
        """Deletes a draft that could not be finished. A failure here must not hide the first error."""
        builder = self._graph.me.messages.by_message_id(draft_id)
        with anyio.move_on_after(_CLEAN_UP_S, shield=True):
            try:
                await self._graph.perform(self._graph.request(builder, "DELETE"))
            except GraphError:
                return
