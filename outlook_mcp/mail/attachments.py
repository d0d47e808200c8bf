"""What callers do with attachments: read one."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.attachment_requests import AttachmentRequests, is_mail, is_text
from outlook_mcp.mail.models import Attachment
from outlook_mcp.mail.new_content import readable
from outlook_mcp.text.html import ConvertedText


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    """An attachment and its text; None when it has none that can be shown."""

    attachment: Attachment
    text: ConvertedText | None


class Attachments:
    """The attachments of messages that are named by handles."""

    def __init__(self, requests: AttachmentRequests, handles: Handles) -> None:
        self._requests = requests
        self._handles = handles

    async def read_attachment(self, message: Handle, number: int) -> ReadAttachment:
        """Attachment `number`, counted from 1, with the text of a text file or the headers and body of a mail.

        Raises InvalidInput when there is no such attachment, or it is too large.
        """
        message_id = self._handles.full(message)
        attachment = await self._requests.nth_attachment(message_id, number)
        if attachment.kind == "item":
            attachment = await self._requests.fetch_item(message_id, attachment.id)
            return ReadAttachment(attachment, await readable(attachment.item.body if attachment.item else None))
        if is_mail(attachment):
            item = await self._requests.fetch_mail(message_id, attachment)
            return ReadAttachment(msgspec.structs.replace(attachment, item=item), await readable(item.body))
        if is_text(attachment):
            content = await self._requests.fetch_text(message_id, attachment)
            return ReadAttachment(attachment, await readable(content.body))
        return ReadAttachment(attachment, None)
