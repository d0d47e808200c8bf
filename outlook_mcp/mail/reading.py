"""Messages as text: fetched, converted, and without what earlier messages of a conversation said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from outlook_mcp.errors import NotFound, OutlookError
from outlook_mcp.graph.ids import FolderId, MessageId
from outlook_mcp.mail.attachment_requests import AttachmentRequests
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.mail.new_content import full_content, new_content
from outlook_mcp.text.html import ConvertedText
from outlook_mcp.text.isolated.processes import shared_processes
from outlook_mcp.text.links import Link

ReadView = Literal["new", "full", "links", "headers"]


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One message with its converted text and the metadata of its attachments.

    `new_links` are those of its new part, if they have other numbers there than in the whole text.
    """

    message: Message
    text: ConvertedText = field(default_factory=lambda: ConvertedText(""))
    attachments: Sequence[Attachment] = ()
    new_links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessages:
    """What was read, and the ids that could not be. In the view `headers` the items have no text.

    `is_complete` is False when a conversation has older messages. `places` names special folders by their ids.
    """

    view: ReadView
    items: Sequence[ReadItem]
    failed: Sequence[MessageResult] = ()
    is_complete: bool = True
    places: Mapping[FolderId, str] = field(default_factory=dict)


class MessageReader:
    """Reads messages of one mailbox."""

    def __init__(self, requests: MessageRequests, attachments: AttachmentRequests, folders: MailFolders) -> None:
        self._requests = requests
        self._attachments = attachments
        self._folders = folders

    async def read_messages(
        self, ids: Sequence[MessageId], *, view: ReadView, whole_conversation: bool
    ) -> ReadMessages:
        """See `Messages.read_messages`."""
        if view != "headers":
            shared_processes().warm()
        results = await self._requests.fetch_messages(ids, "headers" if view == "headers" else "full")
        failed = [result for result in results if result.error is not None]
        if failed and len(failed) == len(results):
            raise _most_telling([result.error for result in failed if result.error is not None])
        messages = [result.message for result in results if result.message is not None]
        is_complete = True
        if whole_conversation:
            messages, is_complete = await self._conversations(messages, view)
        if view == "headers":
            items = [ReadItem(message) for message in messages]
            return ReadMessages(view=view, items=items, failed=failed, is_complete=is_complete)
        return ReadMessages(
            view=view,
            items=await self._items(messages, view, is_conversation=whole_conversation),
            failed=failed,
            is_complete=is_complete,
            places=await self._folders.special_places(),
        )

    async def _conversations(self, messages: Sequence[Message], view: ReadView) -> tuple[list[Message], bool]:
        """Every conversation once, in the order of the messages asked for, and whether all are complete."""
        members: list[Message] = []
        is_complete = True
        for conversation_id in dict.fromkeys(message.conversation_id for message in messages):
            if not conversation_id:
                members += [message for message in messages if not message.conversation_id]
                continue
            conversation = await self._requests.fetch_conversation(
                conversation_id, "headers" if view == "headers" else "full"
            )
            members += conversation.messages
            is_complete = is_complete and conversation.is_complete
        return members, is_complete

    async def _items(self, messages: Sequence[Message], view: ReadView, *, is_conversation: bool) -> list[ReadItem]:
        """In the order given. In a conversation, oldest first, text of an earlier message is not repeated."""
        items: list[ReadItem] = []
        for message in messages:
            if view == "new":
                text = await new_content(message, [item.text.text for item in items] if is_conversation else ())
            else:
                text = await full_content(message)
            new_links = await _renumbered_links(message, text) if view == "links" else ()
            attachments: Sequence[Attachment] = ()
            if message.has_attachments:
                attachments = await self._attachments.list_attachments(message.id)
            items.append(ReadItem(message, text, attachments, new_links))
        return items


def _most_telling(errors: Sequence[OutlookError]) -> OutlookError:
    """The error to raise when nothing was read: rather one that concerns all messages than that one is missing."""
    return next((error for error in errors if not isinstance(error, NotFound)), errors[0])


async def _renumbered_links(message: Message, full: ConvertedText) -> tuple[Link, ...]:
    """The links of the new part, if they have other numbers in the whole text because history stands above them."""
    new = (await new_content(message)).links
    is_same = [link.url for link in new] == [link.url for link in full.links[: len(new)]]
    return () if is_same else new
