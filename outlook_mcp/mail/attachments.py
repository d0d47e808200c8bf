"""What callers do with attachments: read one as text, or a file in one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from outlook_mcp.errors import GraphError, InvalidInput
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.mail.attachment_path import AttachmentPath
from outlook_mcp.mail.attachment_requests import MOST_BYTES, MOST_READ_BYTES, AttachmentRequests, nth_of
from outlook_mcp.mail.file_contents import OPEN_IT, OpenedFile, file_inside, mail_in, opened, text_in
from outlook_mcp.mail.models import AttachedItem, Attachment
from outlook_mcp.mail.new_content import readable
from outlook_mcp.mail.saved_files import SavedFile, save_stream
from outlook_mcp.text.files.kinds import FileKind
from outlook_mcp.text.files.reading import (
    Unread,
    has_parts,
    has_reader,
    list_archive,
    missing_library,
    read_file,
    read_picture,
)
from outlook_mcp.text.files.result import FileText, Listing, Picture
from outlook_mcp.text.html import ConvertedText

_TEXTS = (FileKind.TEXT, FileKind.HTML)
_MAILS = (FileKind.MAIL, FileKind.SIGNED, FileKind.OUTLOOK)


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    """An attachment and its text; None when it has none that can be shown, for the reason `unread` if that is known.

    `path` names it within the message; with `only_links` its links are wanted in place of its text. `charset_guess`
    names the charset it was read in, where that had to be guessed. `file` tells of pages and what is missing of a file
    that is neither text nor a mail, `archive` of what is in one, and `picture` is what a model can look at.
    """

    attachment: Attachment
    text: ConvertedText | None
    path: str = ""
    kind: FileKind = FileKind.OTHER
    charset_guess: str | None = None
    file: FileText | None = None
    archive: Listing | None = None
    picture: Picture | None = None
    unread: Unread = field(default_factory=lambda: Unread(""))
    only_links: bool = False

    def can_be_fetched(self, limit: int) -> bool:
        """Whether there are bytes, at most `limit`, that say more than the text of this answer."""
        is_file = self.attachment.kind != "reference" and (self.attachment.size or 0) <= limit
        is_shown = self.text is not None or (self.picture is not None and not self.picture.is_scaled)
        return is_file and not is_shown


@dataclass(frozen=True, slots=True)
class Download:
    """The content of an attachment in pieces, and a name for it as a file."""

    attachment: Attachment
    name: str
    chunks: AsyncIterator[bytes]


class Attachments:
    """The attachments of messages that are named by handles."""

    def __init__(self, requests: AttachmentRequests, handles: Handles, folders: Sequence[Path] = ()) -> None:
        """Attachments are saved into the first of `folders`."""
        self._requests = requests
        self._handles = handles
        self._folders = folders

    async def read_or_save(self, message: Handle, path: str, *, save: bool) -> ReadAttachment | SavedFile:
        """See `read_attachment` and `save_attachment`."""
        return await (self.save_attachment(message, path) if save else self.read_attachment(message, path))

    async def read_attachment(self, message: Handle, path: str) -> ReadAttachment:
        """The attachment or the file in one that the path names, as text as far as it has any.

        Raises InvalidInput when there is no such file, or it is too large.
        """
        message_id = self._handles.full(message)
        attachments = await self._requests.list_attachments(message_id)
        place = AttachmentPath.parse(path).among(len(attachments))
        found = await self._read_place(message_id, nth_of(attachments, place.number), place)
        return replace(found, only_links=place.only_links)

    async def _read_place(self, message_id: MessageId, attachment: Attachment, place: AttachmentPath) -> ReadAttachment:
        if attachment.kind == "reference":
            if place.inside:
                raise InvalidInput("This attachment is a link to a file in the cloud, so there are no files in it.")
            return ReadAttachment(attachment, None, str(place.number))
        if attachment.kind == "item" and not place.inside:
            return await self._read_item(message_id, attachment, str(place.number))
        file = opened(attachment, await self._requests.small_file(message_id, attachment), str(place.number))
        return await _read_inside(file, place.inside)

    @asynccontextmanager
    async def open_download(self, message: Handle, path: str, *, limit: int = MOST_BYTES) -> AsyncIterator[Download]:
        """The content of an attachment, or of a file in one; of an attached item its MIME form.

        Raises InvalidInput when there is no such file, or it has more than `limit` bytes.
        """
        message_id = self._handles.full(message)
        attachments = await self._requests.list_attachments(message_id)
        place = AttachmentPath.parse(path).among(len(attachments))
        attachment = nth_of(attachments, place.number)
        if attachment.kind == "reference":
            raise InvalidInput("This attachment is a link to a file in the cloud.", next_step=OPEN_IT)
        if (attachment.size or 0) > limit:
            raise InvalidInput(f"This attachment is larger than {limit // 2**20} MB.", next_step=OPEN_IT)
        if place.inside:
            file = opened(attachment, await self._requests.small_file(message_id, attachment), str(place.number))
            for number in place.inside:
                file = await file_inside(file, number)
            yield Download(file.attachment, _file_name(file.attachment), _in_one_piece(file.content))
            return
        async with self._requests.stream_of(message_id, attachment.id, limit=limit) as chunks:
            yield Download(attachment, _file_name(attachment), chunks)

    async def save_attachment(self, message: Handle, path: str) -> SavedFile:
        """An attachment, or a file in one, as a file of this machine; see `saved_files.save_stream`."""
        async with self.open_download(message, path) as download:
            return await save_stream(self._folders, download.name, download.chunks)

    async def _read_item(self, message_id: MessageId, attachment: Attachment, path: str) -> ReadAttachment:
        """An attached item as Exchange gives it, with the files of the mail that it may be."""
        found = await self._requests.fetch_item(message_id, attachment.id)
        item = found.item or AttachedItem()
        if item.is_message and (found.size or 0) <= MOST_READ_BYTES:
            try:
                mail = await mail_in(opened(attachment, await self._requests.small_file(message_id, attachment), path))
            except (GraphError, InvalidInput):
                mail = None
            if mail is not None:
                item = msgspec.structs.replace(item, files=mail.files, more_files=mail.more_files)
        found = msgspec.structs.replace(found, item=item)
        return ReadAttachment(found, await readable(item.body), path, FileKind.MAIL)


def _file_name(attachment: Attachment) -> str:
    name = (attachment.name or "").strip()
    return f"{name or 'mail'}.eml" if attachment.kind == "item" and not name.lower().endswith(".eml") else name


async def _in_one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _read_inside(file: OpenedFile, inside: tuple[int, ...]) -> ReadAttachment:
    """The file that the numbers lead to, or a file with pages from one of them on."""
    while inside and not (len(inside) == 1 and has_parts(file.kind)):
        file, inside = await file_inside(file, inside[0]), inside[1:]
    return await _read_opened(file, inside[0] if inside else 1)


async def _read_opened(file: OpenedFile, first: int) -> ReadAttachment:
    read = ReadAttachment(file.attachment, None, file.path, file.kind)
    if not file.content:
        return replace(read, unread=Unread("it is empty"))
    missing = missing_library(file.kind)
    if file.kind in _TEXTS or (missing and file.kind is FileKind.CALENDAR):
        found = await text_in(file)
        return replace(read, text=await readable(found.body), charset_guess=found.charset if found.is_guess else None)
    if missing is not None:
        return replace(read, unread=missing)
    if file.kind in _MAILS:
        return await _read_mail(file, read)
    if file.kind is FileKind.ZIP:
        listed = await list_archive(file.content)
        return replace(read, unread=listed) if isinstance(listed, Unread) else replace(read, archive=listed)
    if file.kind is FileKind.PICTURE:
        seen = await read_picture(file.content)
        return replace(read, unread=seen) if isinstance(seen, Unread) else replace(read, picture=seen)
    if not has_reader(file.kind):
        return read
    told = await read_file(file.content, file.kind, first)
    return replace(read, unread=told) if isinstance(told, Unread) else replace(read, text=told.text, file=told)


async def _read_mail(file: OpenedFile, read: ReadAttachment) -> ReadAttachment:
    mail = await mail_in(file)
    if mail is None:
        return read
    found = msgspec.structs.replace(file.attachment, item=mail)
    return replace(read, attachment=found, text=await readable(mail.body), charset_guess=mail.charset_guess)
