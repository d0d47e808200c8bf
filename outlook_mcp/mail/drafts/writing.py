"""Writes drafts: new ones, replies and forwards, changes. What could be done only in part is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import msgspec

from outlook_mcp.errors import GraphError, InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import ConversationId, Handle, MessageId, checked_id
from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.choices import DraftKind
from outlook_mcp.mail.drafts.attached_content import Source
from outlook_mcp.mail.drafts.attaching import Attaching
from outlook_mcp.mail.drafts.body import above_quote, replace_text
from outlook_mcp.mail.drafts.content import PreparedContent, body_json
from outlook_mcp.mail.drafts.draft_locks import DraftLocks
from outlook_mcp.mail.drafts.lost_drafts import LostDrafts, outcome_is_open
from outlook_mcp.mail.drafts.recipient_fields import (
    NO_CHANGES,
    RecipientChanges,
    added_recipients,
    recipient_changes,
    replaced_recipients,
)
from outlook_mcp.mail.drafts.recipients import check_number, recipient_json
from outlook_mcp.mail.drafts.shown_drafts import ShownDrafts
from outlook_mcp.mail.drafts.signatures import SignatureSource, signed_text
from outlook_mcp.mail.models import EXPAND, FULL, Message

_CREATE = {"reply": "create_reply", "reply_all": "create_reply_all", "forward": "create_forward"}
_NO_EXPAND: Mapping[str, str] = MappingProxyType({})
_NOBODY = Message(id=MessageId(Handle("")))
_PEOPLE = ("id", "conversationId", "from", "toRecipients", "ccRecipients")


@dataclass(frozen=True, slots=True)
class WrittenDraft:
    """A draft that is saved. `unread` tells why it could not be read again; then `message` is as it was written.

    `people` tells which of the recipients that it had are moved or dropped.
    """

    message: Message
    unread: OutlookError | None = None
    people: RecipientChanges = NO_CHANGES


class DraftWriter:
    """Writes the drafts of one mailbox, whose own address is `address`."""

    def __init__(
        self,
        graph: GraphClient,
        attaching: Attaching,
        handles: Handles,
        shown: ShownDrafts,
        signature: SignatureSource,
        locks: DraftLocks,
        *,
        address: str,
        look_again_s: float,
    ) -> None:
        self._graph = graph
        self._handles = handles
        self._address = address.lower()
        self._attaching = attaching
        self._shown = shown
        self._signature = signature
        self._locks = locks
        self._lost = LostDrafts(graph, handles, look_again_s=look_again_s)

    async def create_message(self, content: PreparedContent, sources: Sequence[Source]) -> WrittenDraft:
        """A new message with the files of `sources`."""
        html = await signed_text(content.html or "", self._signature)
        fields = content.fields | added_recipients(_NOBODY, content.fields) | body_json(html)
        draft = await self._create_draft(self._graph.me.messages, fields, fields, None)
        return _with_people(await self._finished(draft, {}, sources, Counter()), None, content)

    async def create_answer(
        self, of: MessageId, content: PreparedContent, sources: Sequence[Source], kind: DraftKind
    ) -> WrittenDraft:
        """A reply or forward. Its recipients come from Exchange; those that are given are added."""
        fields = dict(content.fields)
        original = await self._fetch_message(of, _PEOPLE)
        builder = getattr(self._graph.me.messages.by_message_id(checked_id(of)), _CREATE[kind])
        draft = await self._create_draft(builder, {}, fields, original.conversation_id)
        try:
            fields |= self._recipients_of_answer(draft, original, fields, kind)
            if content.html:
                if draft.body is None:
                    draft = await self._fetch_message(draft.id, FULL)
                quoted = draft.body.content if draft.body else None
                html = await signed_text(content.html, self._signature)
                fields |= body_json(above_quote(quoted or "", html))
            present = await self._attaching.names_on(draft.id) if sources else Counter()
        except OutlookError as error:
            raise await self._lost.discard_unfinished(draft.id, error) from None
        written = await self._finished(draft, fields, sources, present)
        return _with_people(written, draft, content, is_answer=True)

    async def update_draft(
        self, draft_id: MessageId, content: PreparedContent, sources: Sequence[Source]
    ) -> WrittenDraft:
        """Replaces what is given; the quoted history of a reply stays. Raises InvalidInput for a sent message.

        Raises Conflict when it would overwrite what somebody else changed since the draft was last shown, and
        ChangeIncomplete when an attachment could not be added after something else was changed.
        """
        before = await self._fetch_message(draft_id, FULL, EXPAND["full"] if sources else _NO_EXPAND)
        if not before.is_draft:
            raise InvalidInput("This message is not a draft.", next_step="Only drafts can be changed.")
        async with self._locks.locked(before.id, "changed nothing"):
            return await self._changed(before, content, sources)

    async def _changed(self, before: Message, content: PreparedContent, sources: Sequence[Source]) -> WrittenDraft:
        fields = content.fields | replaced_recipients(before, content.fields)
        await self._shown.check_unchanged(before, [*fields, *(["body"] if content.html is not None else [])])
        if content.html is not None:
            written = (before.body.content if before.body else None) or ""
            html = await signed_text(content.html, self._signature, replaces=written)
            fields |= body_json(replace_text(written, html))
        draft = await self._patched(before, fields) if fields else before
        present = Counter(attachment.name or "" for attachment in before.attachments)
        done = ["the rest is saved"] if fields else []
        for number, source in enumerate(sources):
            try:
                await self._attaching.add_attachment(draft.id, source, present)
            except OutlookError as error:
                error.message = f"{error.message} {self._attaching.upload_state(source)}".rstrip()
                if not done and not outcome_is_open(error):
                    raise
                raise self._lost.incomplete_change(draft.id, done, sources[number:], error) from None
            done.append(f"{source.told} is attached")
        return _with_people(await self._read_again(draft), before, content)

    async def _create_draft(
        self, builder: Any, sent: Mapping[str, Any], fields: dict[str, Any], conversation: ConversationId | None
    ) -> Message:
        try:
            return await self._graph.answer_to(self._graph.request(builder, "POST", json=sent), Message)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            raise await self._lost.error_of_creation(error, fields, conversation) from None

    async def _finished(
        self, draft: Message, fields: Mapping[str, Any], sources: Sequence[Source], present: Counter[str]
    ) -> WrittenDraft:
        """A new draft with its fields and attachments; it is discarded when that fails."""
        try:
            if fields:
                draft = await self._patched(draft, fields)
            for source in sources:
                await self._attaching.add_attachment(draft.id, source, present)
            check_number(draft.recipients)
        except OutlookError as error:
            raise await self._lost.discard_unfinished(draft.id, error) from None
        return await self._read_again(draft)

    async def _read_again(self, draft: Message) -> WrittenDraft:
        try:
            return WrittenDraft(await self._fetch_message(draft.id, FULL, EXPAND["full"]))
        except OutlookError as error:
            return WrittenDraft(draft, error)

    async def _patched(self, draft: Message, fields: Mapping[str, Any]) -> Message:
        """The draft as it is after the change."""
        builder = self._graph.me.messages.by_message_id(draft.id)
        # Somebody may be editing the same draft: then Graph answers 412, and Conflict says to read it again.
        headers = {"If-Match": draft.etag} if draft.etag else None
        request = self._graph.request(builder, "PATCH", json=fields, headers=headers)
        try:
            return await self._graph.answer_to(request, Message)
        except GraphError as error:
            if error.outcome_is_known:
                raise
            return await self._lost.changed_draft(error, draft)

    def _recipients_of_answer(
        self, draft: Message, original: Message, fields: Mapping[str, Any], kind: DraftKind
    ) -> dict[str, Any]:
        """The JSON fields of recipients to write; none where the draft has the right ones already.

        createReply addresses the reply to a message of the user's own to the user. It is addressed to the recipients of
        that message instead, unless the user is the only one.
        """
        is_own = original.from_ is not None and self._is_mine(original.from_)
        is_to_user = any(self._is_mine(recipient) for recipient in draft.to_recipients)
        others = [recipient for recipient in original.to_recipients if not self._is_mine(recipient)]
        if kind == "forward" or not is_own or not is_to_user or not others:
            return added_recipients(draft, fields)
        copies = original.cc_recipients if kind == "reply_all" else []
        own = {
            "toRecipients": [recipient_json(recipient) for recipient in others],
            "ccRecipients": [recipient_json(recipient) for recipient in copies if not self._is_mine(recipient)],
        }
        return own | added_recipients(_addressed(draft, others, copies), fields)

    def _is_mine(self, recipient: Recipient) -> bool:
        return bool(self._address) and (recipient.email_address.address or "").lower() == self._address

    async def _fetch_message(
        self, message_id: MessageId, select: tuple[str, ...], expand: Mapping[str, str] = _NO_EXPAND
    ) -> Message:
        builder = self._graph.me.messages.by_message_id(checked_id(message_id))
        query = {"$select": select, **expand}
        return await self._graph.answer_to(self._graph.request(builder, query=query), Message)


def _addressed(draft: Message, to: Sequence[Recipient], cc: Sequence[Recipient]) -> Message:
    return msgspec.structs.replace(draft, to_recipients=list(to), cc_recipients=list(cc))


def _with_people(
    written: WrittenDraft, before: Message | None, content: PreparedContent, *, is_answer: bool = False
) -> WrittenDraft:
    """With what became of the recipients. The one to whom a reply to oneself was addressed was no choice of theirs."""
    people = recipient_changes(before, written.message, content.fields)
    return replace(written, people=replace(people, dropped=()) if is_answer else people)
