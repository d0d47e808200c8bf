"""What callers do with attachments: read one, or a file in one that is a mail."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from outlook_mcp.errors import GraphError, InvalidInput
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.mail.attachment_requests import (
    INSIDE,
    MOST_TEXT_BYTES,
    AttachmentRequests,
    AttachmentText,
    mail_in,
    nth_of,
    text_of,
)
from outlook_mcp.mail.files import is_mail, is_smime, is_text
from outlook_mcp.mail.models import AttachedItem, Attachment
from outlook_mcp.mail.new_content import readable
from outlook_mcp.text.html import ConvertedText


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    """An attachment and its text; None when it has none that can be shown.

    `charset_guess` names the charset it was read in, where that had to be guessed. Files of a mail in it are read as
    `first_inside`, the next number and so on; 0 if they cannot be read.
    """

    attachment: Attachment
    text: ConvertedText | None
    charset_guess: str | None = None
    first_inside: int = 0


class Attachments:
    """The attachments of messages that are named by handles."""

    def __init__(self, requests: AttachmentRequests, handles: Handles) -> None:
        self._requests = requests
        self._handles = handles

    async def read_attachment(self, message: Handle, number: int) -> ReadAttachment:
        """Attachment `number`, counted from 1, with the text of a text file or the headers and body of a mail.

        File 3 of a mail that is attachment 2 has the number 203. Raises InvalidInput when there is no such attachment,
        or it is too large.
        """
        message_id = self._handles.full(message)
        attachments = await self._requests.list_attachments(message_id)
        outer, inside = divmod(number, INSIDE)
        if number > len(attachments) and inside and 1 <= outer <= len(attachments):
            return await self._read_inside(message_id, attachments[outer - 1], inside)
        attachment = nth_of(attachments, number)
        first_inside = number * INSIDE + 1
        if attachment.kind == "item":
            return await self._read_item(message_id, attachment, first_inside)
        if is_mail(attachment) or is_smime(attachment):
            mail = await self._requests.fetch_mail(message_id, attachment)
            return await _read_mail(attachment, mail, first_inside)
        if is_text(attachment):
            return await _read_text(attachment, await self._requests.fetch_text(message_id, attachment))
        return ReadAttachment(attachment, None)

    async def _read_item(self, message_id: MessageId, attachment: Attachment, first_inside: int) -> ReadAttachment:
        """An attached item as Exchange gives it, with the files of the mail that it may be."""
        found = await self._requests.fetch_item(message_id, attachment.id)
        item = found.item or AttachedItem()
        if item.is_message and (found.size or 0) <= MOST_TEXT_BYTES:
            try:
                mail = await self._requests.fetch_mail(message_id, attachment)
            except (GraphError, InvalidInput):
                mail = None
            if mail is not None:
                item = msgspec.structs.replace(item, files=mail.files, more_files=mail.more_files)
        found = msgspec.structs.replace(found, item=item)
        return ReadAttachment(found, await readable(item.body), first_inside=first_inside)

    async def _read_inside(self, message_id: MessageId, outer: Attachment, number: int) -> ReadAttachment:
        if outer.kind == "reference" or not (outer.kind == "item" or is_mail(outer) or is_smime(outer)):
            raise InvalidInput("This attachment is no mail, so there are no files in it.")
        attachment, content = await self._requests.fetch_file_inside(message_id, outer, number)
        if is_mail(attachment) or is_smime(attachment):
            return await _read_mail(attachment, await mail_in(attachment, content), 0)
        return await _read_text(attachment, await text_of(attachment, content) if is_text(attachment) else None)


async def _read_mail(attachment: Attachment, mail: AttachedItem | None, first_inside: int) -> ReadAttachment:
    if mail is None:
        return ReadAttachment(attachment, None)
    found = msgspec.structs.replace(attachment, item=mail)
    return ReadAttachment(found, await readable(mail.body), mail.charset_guess, first_inside)


async def _read_text(attachment: Attachment, found: AttachmentText | None) -> ReadAttachment:
    if found is None:
        return ReadAttachment(attachment, None)
    return ReadAttachment(attachment, await readable(found.body), found.charset if found.is_guess else None)
