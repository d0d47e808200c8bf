"""What became of a draft whose saving failed midway: what was done, what is left over, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import anyio

from outlook_mcp.errors import (
    ChangeIncomplete,
    GraphError,
    NotFound,
    OutlookError,
    Remedy,
)
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.errors import after_looking, still_unknown
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import ConversationId, MessageId
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.drafts.attached_content import Source
from outlook_mcp.mail.drafts.recipients import address_of
from outlook_mcp.mail.models import FULL, LISTING, Message
from outlook_mcp.net.clock import utc_now

_CLEAN_UP_S = 10.0
# A draft that is younger may be the one whose answer was lost; the clock of Exchange may differ from ours.
_YOUNG = timedelta(minutes=2)
_NEWEST = 10


class LostDrafts:
    """Finds out what became of drafts of one mailbox.

    A change may still be under way at Exchange: what looks unchanged is looked at again after `look_again_s` seconds.
    """

    def __init__(self, graph: GraphClient, handles: Handles, *, look_again_s: float) -> None:
        self._graph = graph
        self._handles = handles
        self._look_again_s = look_again_s

    async def error_of_creation(
        self, error: GraphError, fields: dict[str, Any], conversation: ConversationId | None
    ) -> GraphError:
        """What to raise when the answer to a creation was lost: which draft may be the one, or that there is none."""
        try:
            found = await self._young_drafts(fields, conversation)
            if not found:
                await anyio.sleep(self._look_again_s)
                found = await self._young_drafts(fields, conversation)
        except OutlookError:
            return still_unknown(error, 'Look in Drafts (mail_search with folder="drafts") before saving again.')
        if not found:
            return after_looking(error, "A look at Drafts afterwards shows that nothing was saved.")
        ids = ", ".join(self._handles.short(message_id) for message_id in found)
        step = (
            f"A draft like it was made just now: {ids}. Look at it with mail_read and go on with "
            f'draft_save(id="{self._handles.short(found[0])}"), instead of saving it once more.'
        )
        return still_unknown(error, step)

    async def discard_unfinished(self, draft_id: MessageId, error: OutlookError) -> OutlookError:
        """Deletes a new draft that could not be finished. Returns `error`, which then says what is left of it."""
        with anyio.CancelScope(shield=True):
            is_gone = await self._delete_draft(draft_id)
        if is_gone:
            _without_doubt(error, "The unfinished draft was removed, so nothing was saved.")
            return error
        handle = self._handles.short(draft_id)
        _without_doubt(error, f"The unfinished draft {handle} is left in Drafts.")
        error.next_step = (
            f'Finish it with draft_save(id="{handle}") or delete it with mail_delete(ids=["{handle}"]), '
            "before saving it once more."
        )
        return error

    async def changed_draft(self, error: GraphError, before: Message) -> Message:
        """The draft as it is now, when the answer to its change was lost. Raises GraphError if it was not changed."""
        handle = self._handles.short(before.id)
        for pause in (0.0, self._look_again_s):
            await anyio.sleep(pause)
            try:
                now = await self._fetch_message(before.id, FULL)
            except OutlookError:
                step = f'Look at it with mail_read(ids=["{handle}"]) before changing it again.'
                raise still_unknown(error, step) from None
            if now.etag != before.etag:
                return now
        raise after_looking(error, "A look afterwards shows that the draft is unchanged.")

    def incomplete_change(
        self, draft_id: MessageId, done: Sequence[str], missing: Sequence[Source], error: OutlookError
    ) -> ChangeIncomplete:
        """The error when only a part of a change was made: `done` says which.

        `missing` are the files that were not added: the first for `error`, the others were not tried.
        """
        handle = self._handles.short(draft_id)
        references = ", ".join(json.dumps(source.again, ensure_ascii=False) for source in missing)
        attach = f'draft_save(id="{handle}", attach=[{references}])'
        step = f"Attach only what is missing: {attach}."
        if outcome_is_open(error):
            step = f'Look with mail_read(ids=["{handle}"]) whether {missing[0].told} is attached. {step}'
        elif error.next_step:
            # Such as a permission that is missing: trying again at once would not help.
            step = f"{error.next_step} Then attach only what is missing: {attach}."
        made = "".join(f"{part}; " for part in done)
        verb = "was" if len(missing) == 1 else "were"
        told = f"Draft {handle}: {made}{', '.join(source.told for source in missing)} {verb} not attached:"
        return ChangeIncomplete(told, error, next_step=step)

    async def _delete_draft(self, draft_id: MessageId) -> bool:
        """Whether the draft is gone."""
        builder = self._graph.me.messages.by_message_id(draft_id)
        with anyio.move_on_after(_CLEAN_UP_S):
            try:
                await self._graph.perform(self._graph.request(builder, "DELETE"))
                return True
            except OutlookError:
                pass
            try:
                now = await self._fetch_message(draft_id, ("id", "parentFolderId"))
                deleted = self._graph.me.mail_folders.by_mail_folder_id("deleteditems")
                bin_id = await self._graph.answer_to(self._graph.request(deleted, query={"$select": ("id",)}), Item)
                return now.parent_folder_id == bin_id.id
            except NotFound:
                return True
            except OutlookError:
                pass
        return False

    async def _young_drafts(self, fields: dict[str, Any], conversation: ConversationId | None) -> list[MessageId]:
        """Drafts made just now with this subject and these recipients, or in this conversation."""
        messages = self._graph.me.mail_folders.by_mail_folder_id("drafts").messages
        query = {
            "$orderby": "createdDateTime desc",
            "$top": _NEWEST,
            "$select": (*LISTING, "conversationId", "createdDateTime"),
        }
        page = await self._graph.answer_to(self._graph.request(messages, query=query), Page[Message])
        since = utc_now() - _YOUNG
        young = [message for message in page.value if message.created_date_time and message.created_date_time >= since]
        if conversation:
            return [message.id for message in young if message.conversation_id == conversation]
        wanted = {address_of(recipient) for recipient in fields.get("toRecipients", ())}
        return [message.id for message in young if _is_like(message, fields.get("subject", ""), wanted)]

    async def _fetch_message(self, message_id: MessageId, select: tuple[str, ...]) -> Message:
        builder = self._graph.me.messages.by_message_id(message_id)
        return await self._graph.answer_to(self._graph.request(builder, query={"$select": select}), Message)


def outcome_is_open(error: OutlookError) -> bool:
    """Whether a change may or may not have been made."""
    return isinstance(error, GraphError) and not error.outcome_is_known


def _is_like(message: Message, subject: str, to: set[str]) -> bool:
    addresses = {(recipient.email_address.address or "").lower() for recipient in message.to_recipients}
    return (message.subject or "") == subject and addresses == to


def _without_doubt(error: OutlookError, known: str) -> None:
    """Adds to the message what is known, in place of the words that the change may or may not have been made."""
    if isinstance(error, GraphError) and outcome_is_open(error):
        error.message, error.outcome_is_known = after_looking(error, known).message, True
        error.remedy, error.next_step = Remedy.RETRY, ""
    else:
        told = error.message.rstrip()
        error.message = f"{told}{'' if told.endswith(('.', '!', '?')) else '.'} {known}"
