"""Drafts: new ones, replies that keep the quoted history, forwards, and changes to any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import anyio

from outlook_mcp.errors import GraphError, InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import item_id
from outlook_mcp.mail.attachments import Attachments
from outlook_mcp.mail.drafts.attaching import Attaching, AttachmentRef, Source
from outlook_mcp.mail.drafts.body import above_quote, replace_text
from outlook_mcp.mail.drafts.recipients import check_number, to_graph
from outlook_mcp.mail.drafts.sending import Sending, SendOutcome
from outlook_mcp.mail.models import FULL, Importance, Message

DraftKind = Literal["new", "reply", "reply_all", "forward"]
_CREATE = {"reply": "create_reply", "reply_all": "create_reply_all", "forward": "create_forward"}
_LONGEST_SUBJECT = 255
_CLEAN_UP_S = 10.0


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What to write; None leaves a field as it is. `html` is a fragment, recipients are `Name <a@b.example>`."""

    to: tuple[str, ...] | None = None
    cc: tuple[str, ...] | None = None
    bcc: tuple[str, ...] | None = None
    subject: str | None = None
    html: str | None = None
    importance: Importance | None = None
    attach: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """The draft as Exchange has it now, and the names of what was attached just now."""

    message: Message
    attached: tuple[str, ...] = ()


class Drafts:
    """The drafts of one mailbox. Nothing here sends but `send`."""

    def __init__(self, graph: GraphClient, attachments: Attachments) -> None:
        self._graph = graph
        self._attaching = Attaching(graph, attachments)
        self._sending = Sending(graph)

    async def save(
        self,
        content: DraftContent,
        *,
        id: str | None = None,
        kind: DraftKind = "new",
        of: str | None = None,
    ) -> SavedDraft:
        """Changes the draft `id`, or makes one of `kind`; replies and forwards need the message they are `of`."""
        if id is not None:
            if of is not None or kind != "new":
                raise InvalidInput(
                    "A draft stays what it was made as.",
                    next_step="Give `id` without `kind` and `of` to change it, or leave `id` out to make another.",
                )
            return await self.update(id, content)
        if kind == "new":
            if of is not None:
                raise InvalidInput(
                    "A new message is of no other.", next_step="Give kind=reply, reply_all or forward with `of`."
                )
            return await self.create(content)
        if of is None:
            raise InvalidInput(f"A {kind} needs the message it is of.", next_step="Give its id as `of`.")
        return await self.answer(of, content, kind)

    async def create(self, content: DraftContent) -> SavedDraft:
        """A new message."""
        fields = _fields(content)
        sources = await self._attaching.find(content.attach)
        info = self._graph.request(self._graph.me.messages, "POST", json=_with_body(fields, content.html or ""))
        draft = await self._graph.answer_to(info, Message)
        return await self._finish(draft.id, content, sources)

    async def answer(self, of: str, content: DraftContent, kind: DraftKind = "reply") -> SavedDraft:
        """A reply or forward of a message; its recipients come from Exchange unless given."""
        fields = _fields(content)
        sources = await self._attaching.find(content.attach)
        original = self._graph.me.messages.by_message_id(item_id(of))
        builder = getattr(original, _CREATE[kind])
        draft = await self._graph.answer_to(self._graph.request(builder, "POST", json={}), Message)
        try:
            if content.html:
                if draft.body is None:
                    draft = await self._read(draft.id)
                quoted = draft.body.content if draft.body else None
                fields = _with_body(fields, above_quote(quoted or "", content.html))
            if fields:
                await self._patch(draft, fields)
        except OutlookError:
            await self._discard(draft.id)
            raise
        return await self._finish(draft.id, content, sources)

    async def update(self, draft_id: str, content: DraftContent) -> SavedDraft:
        """Replaces what is given; the quoted history of a reply stays. Raises InvalidInput for a sent message."""
        fields = _fields(content)
        sources = await self._attaching.find(content.attach)
        draft = await self._read(draft_id)
        if not draft.is_draft:
            raise InvalidInput("This message is not a draft.", next_step="Only drafts can be changed.")
        if content.html is not None:
            written = draft.body.content if draft.body else None
            fields = _with_body(fields, replace_text(written or "", content.html))
        if fields:
            await self._patch(draft, fields)
        for source in sources:
            await self._attaching.add(draft.id, source)
        return SavedDraft(await self._read(draft.id), tuple(source.name for source in sources))

    async def send(self, draft_id: str) -> SendOutcome:
        """Sends a draft at most once; see `Sending.send`."""
        return await self._sending.send(draft_id)

    async def _finish(self, draft_id: str, content: DraftContent, sources: list[Source]) -> SavedDraft:
        try:
            for source in sources:
                await self._attaching.add(draft_id, source)
            message = await self._read(draft_id)
            check_number(message.recipients)
        except OutlookError:
            await self._discard(draft_id)
            raise
        return SavedDraft(message, tuple(source.name for source in sources))

    async def _read(self, draft_id: str) -> Message:
        builder = self._graph.me.messages.by_message_id(item_id(draft_id))
        return await self._graph.answer_to(self._graph.request(builder, query={"$select": FULL}), Message)

    async def _patch(self, draft: Message, fields: dict[str, Any]) -> None:
        builder = self._graph.me.messages.by_message_id(draft.id)
        # Somebody may be writing in the same draft; then Conflict tells to read it again.
        headers = {"If-Match": draft.etag} if draft.etag else None
        info = self._graph.request(builder, "PATCH", json=fields, headers=headers)
        await self._graph.answer_to(info, Message)

    async def _discard(self, draft_id: str) -> None:
        """A half-made draft helps nobody; failing to remove it must not hide the first error."""
        builder = self._graph.me.messages.by_message_id(draft_id)
        with anyio.move_on_after(_CLEAN_UP_S, shield=True):
            try:
                await self._graph.perform(self._graph.request(builder, "DELETE"))
            except GraphError:
                return


def _fields(content: DraftContent) -> dict[str, Any]:
    """The JSON of everything but the body. Raises InvalidInput."""
    fields: dict[str, Any] = {}
    groups = {"toRecipients": content.to, "ccRecipients": content.cc, "bccRecipients": content.bcc}
    for name, written in groups.items():
        if written is not None:
            check_number(written)
            fields[name] = to_graph(written)
    check_number(*(fields.get(name, ()) for name in groups))
    if content.subject is not None:
        fields["subject"] = _subject(content.subject)
    if content.importance is not None:
        fields["importance"] = content.importance
    return fields


def _subject(written: str) -> str:
    if any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in written):
        raise InvalidInput("The subject contains a line break or control character.")
    if len(written) > _LONGEST_SUBJECT:
        raise InvalidInput(f"The subject is longer than {_LONGEST_SUBJECT} characters.")
    return written


def _with_body(fields: dict[str, Any], html: str) -> dict[str, Any]:
    return {**fields, "body": {"contentType": "html", "content": html}}
