"""Sends a draft at most once: one POST that is never repeated, then a check of what became of the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from outlook_mcp.errors import InvalidInput, NotFound, OutcomeUnknown, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.area import SEND_PERMISSION
from outlook_mcp.mail.drafts.recipients import check_number
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.settings import MailSettings

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


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The message was sent. `was_verified`: its answer was lost and it was then found in Sent Items."""

    message: Message
    was_verified: bool = False

    @property
    def recipients(self) -> Sequence[str]:
        """The addresses it went to."""
        return recipient_addresses(self.message)


class Sending:
    """Sends for one mailbox."""

    def __init__(self, graph: GraphClient, settings: MailSettings) -> None:
        self._graph = graph
        self._settings = settings

    async def send_draft(self, draft_id: MessageId) -> SentMessage:
        """Raises InvalidInput for what cannot be sent, and OutcomeUnknown when it may or may not have been sent.

        When the call is cancelled after the POST has begun, it ends only when the outcome is known.
        """
        draft = await self._fetch(draft_id)
        if not draft.is_draft:
            raise InvalidInput("This message is not a draft; it may have been sent already.")
        if not draft.recipients:
            raise InvalidInput("The draft has no recipients.", next_step="Add them with draft_save.")
        check_number(draft.recipients)
        builder = self._graph.me.messages.by_message_id(draft.id).send
        request = self._graph.request(builder, "POST")
        with anyio.CancelScope(shield=True):
            try:
                await self._graph.send_mail(request, permission=SEND_PERMISSION)
            except OutcomeUnknown as unknown:
                await self._verify(draft, unknown)
                return SentMessage(draft, was_verified=True)
        return SentMessage(draft)

    async def _verify(self, draft: Message, unknown: OutcomeUnknown) -> None:
        """Returns once the message is in Sent Items. Raises OutcomeUnknown, which says what was seen, otherwise."""
        seen = "the mailbox could not be read"
        with anyio.move_on_after(self._settings.settle_s):
            while True:
                try:
                    seen = await self._unsent_state(draft)
                except OutlookError as error:
                    # Such as a sign-in that has ended: it must not hide that the message may have been sent.
                    seen = f"looking for it failed ({error.code})"
                if not seen:
                    return
                await anyio.sleep(self._settings.poll_s)
        lost = OutcomeUnknown(
            f"{unknown.message} After {self._settings.settle_s:.0f} seconds {seen}.",
            status=unknown.status,
            graph_code=unknown.graph_code,
            request_id=unknown.request_id,
        )
        lost.recipients = tuple(recipient_addresses(draft))
        raise lost

    async def _unsent_state(self, draft: Message) -> str:
        """What shows that the message was not sent; empty when it was sent."""
        try:
            now = await self._fetch(draft.id)
        except NotFound:
            # Without immutable ids the sent message has another id than the draft.
            return "" if await self._is_in_sent_items(draft) else "it is in no folder under its id"
        if not now.is_draft or now.parent_folder_id == await self._sent_items_id():
            return ""
        return "it is still a draft"

    async def _is_in_sent_items(self, draft: Message) -> bool:
        if not draft.internet_message_id:
            return False
        quoted = draft.internet_message_id.replace("'", "''")
        messages = self._graph.me.mail_folders.by_mail_folder_id("sentitems").messages
        query = {"$filter": f"internetMessageId eq '{quoted}'", "$select": ("id",), "$top": 1}
        page = await self._graph.answer_to(self._graph.request(messages, query=query), Page[Item])
        return bool(page.value)

    async def _sent_items_id(self) -> str:
        folder = self._graph.me.mail_folders.by_mail_folder_id("sentitems")
        return (await self._graph.answer_to(self._graph.request(folder, query={"$select": ("id",)}), Item)).id

    async def _fetch(self, message_id: MessageId) -> Message:
        builder = self._graph.me.messages.by_message_id(checked_id(message_id))
        return await self._graph.answer_to(self._graph.request(builder, query={"$select": _SELECT}), Message)


def recipient_addresses(message: Message) -> list[str]:
    """The addresses of all recipients, Bcc included."""
    return [recipient.email_address.address or "" for recipient in message.recipients]
