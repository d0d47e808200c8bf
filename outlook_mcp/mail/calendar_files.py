"""What calendar files say that are attached to messages which are no invitations, such as tickets and bookings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.attachment_requests import AttachmentRequests
from outlook_mcp.mail.files import is_calendar_file
from outlook_mcp.mail.models import Message
from outlook_mcp.text.files.calendar_entries import CalendarEntry, first_entries

_MOST_BYTES = 100_000
_MOST_FILES = 3


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """The number of the attachment, and its first entries."""

    number: int
    entries: Sequence[CalendarEntry]


class CalendarFiles:
    """The calendar files attached to messages of one mailbox."""

    def __init__(self, requests: AttachmentRequests) -> None:
        self._requests = requests

    async def read_files(self, messages: Sequence[Message]) -> dict[MessageId, list[CalendarFile]]:
        """By message id, of the first three files that are small; without those that cannot be read."""
        found: dict[MessageId, list[CalendarFile]] = {}
        for message, number in places_of(messages):
            try:
                attachment = message.attachments[number - 1]
                content = await self._requests.bytes_of(message.id, attachment.id, limit=2 * _MOST_BYTES)
                entries = await first_entries(content)
            except OutlookError:
                continue
            if entries:
                found.setdefault(message.id, []).append(CalendarFile(number, entries))
        return found


def places_of(messages: Sequence[Message]) -> list[tuple[Message, int]]:
    """The messages with such files, and the numbers of these."""
    return [
        (message, number)
        for message in messages
        if not message.meeting_kind
        for number, attachment in enumerate(message.attachments, 1)
        if attachment.kind == "file" and is_calendar_file(attachment) and (attachment.size or 0) <= _MOST_BYTES
    ][:_MOST_FILES]
