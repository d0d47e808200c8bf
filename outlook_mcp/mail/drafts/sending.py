"""Sends a draft at most once: one POST that nothing repeats, then a look at what became of the message."""

from __future__ import annotations

from dataclasses import dataclass

import anyio

from outlook_mcp.errors import InvalidInput, NotFound, OutcomeUnknown, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import item_id
from outlook_mcp.mail.area import SEND_PERMISSION
from outlook_mcp.mail.drafts.recipients import check_number
from outlook_mcp.mail.models import Item, Message, Page

_SELECT = (
    "id",
    "isDraft",
    "parentFolderId",
    "subject",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "internetMessageId",
)
# How long a lost answer is looked into.
SETTLE_S = 20.0
_POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The message went out. `was_verified`: its answer was lost and it was then found in Sent Items."""

    message: Message
    was_verified: bool = False


class Sending:
    """Sends for one mailbox."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def send(self, draft_id: str) -> SendOutcome:
        """Raises InvalidInput for what cannot be sent and OutcomeUnknown when nobody can tell.

        A cancellation that comes after the POST has begun waits for its outcome.
        """
        draft = await self._read(draft_id)
        if not draft.is_draft:
            raise InvalidInput("This message is not a draft; it may have been sent already.")
        if not draft.recipients:
            raise InvalidInput("The draft has no recipients.", next_step="Add them with draft_save.")
        check_number(draft.recipients)
        builder = self._graph.me.messages.by_message_id(draft.id).send
        info = self._graph.request(builder, "POST")
        with anyio.CancelScope(shield=True):
            try:
                await self._graph.send_mail(info, permission=SEND_PERMISSION)
            except OutcomeUnknown as unknown:
                await self._verify(draft, unknown)
                return SendOutcome(draft, was_verified=True)
        return SendOutcome(draft)

    async def _verify(self, draft: Message, unknown: OutcomeUnknown) -> None:
        """Returns when the message is in Sent Items; raises OutcomeUnknown, saying what was seen, otherwise."""
        seen = "nothing could be read since"
        with anyio.move_on_after(SETTLE_S):
            while True:
                try:
                    seen = await self._look(draft)
                except OutlookError as error:
                    # A sign-in that ended meanwhile must not hide that the message may have gone out.
                    seen = f"looking for it failed ({error.code})"
                if not seen:
                    return
                await anyio.sleep(_POLL_S)
        lost = OutcomeUnknown(
            f"{unknown.message} After {SETTLE_S:.0f} seconds {seen}.",
            status=unknown.status,
            graph_code=unknown.graph_code,
            request_id=unknown.request_id,
        )
        lost.recipients = tuple(recipient.email_address.address or "" for recipient in draft.recipients)
        raise lost

    async def _look(self, draft: Message) -> str:
        """Empty when the message was sent, else what is the case."""
        try:
            now = await self._read(draft.id)
        except NotFound:
            # Without immutable ids the sent message has another id than the draft.
            return "" if await self._is_in_sent_items(draft) else "it is in no folder under its id"
        if not now.is_draft or now.parent_folder_id == await self._sent_items_id():
            return ""
        return "it is still a draft"

    async def _is_in_sent_items(self, draft: Message) -> bool:
        if not draft.internet_message_id:
            return False
        wanted = draft.internet_message_id.replace("'", "''")
        messages = self._graph.me.mail_folders.by_mail_folder_id("sentitems").messages
        query = {"$filter": f"internetMessageId eq '{wanted}'", "$select": ("id",), "$top": 1}
        page = await self._graph.answer_to(self._graph.request(messages, query=query), Page[Item])
        return bool(page.value)

    async def _sent_items_id(self) -> str:
        folder = self._graph.me.mail_folders.by_mail_folder_id("sentitems")
        return (await self._graph.answer_to(self._graph.request(folder, query={"$select": ("id",)}), Item)).id

    async def _read(self, message_id: str) -> Message:
        builder = self._graph.me.messages.by_message_id(item_id(message_id))
        return await self._graph.answer_to(self._graph.request(builder, query={"$select": _SELECT}), Message)
