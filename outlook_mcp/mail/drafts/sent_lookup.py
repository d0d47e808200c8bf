"""What became of a message whose sending was not answered: Sent Items and the drafts are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import anyio

from outlook_mcp.errors import NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.settings import MailSettings

STILL_A_DRAFT = "it is still a draft"
_STATE = ("id", "isDraft", "parentFolderId")


class SentLookup:
    """Looks in one mailbox."""

    def __init__(self, graph: GraphClient, settings: MailSettings) -> None:
        self._graph = graph
        self._settings = settings

    async def settled_state(self, draft: Message) -> str:
        """What shows that the message was not sent, when that is so for `settle_s` seconds; empty once it was sent."""
        seen = "the mailbox could not be read"
        with anyio.move_on_after(self._settings.settle_s):
            while True:
                try:
                    seen = await self.unsent_state(draft)
                except OutlookError as error:
                    # Such as a sign-in that has ended: it must not hide that the message may have been sent.
                    seen = f"looking for it failed ({error.code})"
                if not seen:
                    return ""
                await anyio.sleep(self._settings.poll_s)
        return seen

    async def unsent_state(self, draft: Message) -> str:
        """What shows that the message was not sent; empty when it was sent."""
        try:
            now = await self.fetch_message(draft.id, _STATE)
        except NotFound:
            # Without immutable ids the sent message has another id than the draft.
            return "" if await self._is_in_sent_items(draft) else "it is in no folder under its id"
        if not now.is_draft or now.parent_folder_id == await self.sent_items_id():
            return ""
        return STILL_A_DRAFT

    async def _is_in_sent_items(self, draft: Message) -> bool:
        if not draft.internet_message_id:
            return False
        messages = self._graph.me.mail_folders.by_mail_folder_id("sentitems").messages
        query = {"$filter": f"internetMessageId eq {literal(draft.internet_message_id)}", "$select": ("id",), "$top": 1}
        page = await self._graph.answer_to(self._graph.request(messages, query=query), Page[Item])
        return bool(page.value)

    async def sent_items_id(self) -> str:
        """The id of the folder."""
        return await self.folder_id("sentitems")

    async def folder_id(self, well_known: str) -> str:
        """The id of a folder by its well-known name."""
        folder = self._graph.me.mail_folders.by_mail_folder_id(well_known)
        return (await self._graph.answer_to(self._graph.request(folder, query={"$select": ("id",)}), Item)).id

    async def fetch_message(
        self, message_id: MessageId, select: tuple[str, ...], expand: Mapping[str, str] = MappingProxyType({})
    ) -> Message:
        """The message with these properties."""
        builder = self._graph.me.messages.by_message_id(checked_id(message_id))
        request = self._graph.request(builder, query={"$select": select, **expand})
        return await self._graph.answer_to(request, Message)


def recipient_addresses(message: Message) -> list[str]:
    """The addresses of all recipients, Bcc included."""
    return [recipient.email_address.address or "" for recipient in message.recipients]
