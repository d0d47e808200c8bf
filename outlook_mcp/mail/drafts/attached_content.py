"""The content of what is attached: where it comes from, and how it is read without being in memory whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import anyio

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.content import ContentReader
from outlook_mcp.mail.attachment_requests import MOST_BYTES

# Exchange requires an upload session from this size on, and refuses one below it.
SESSION_FROM_BYTES = 3 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenContent:
    """`size` bytes that `read` gives, in any order."""

    size: int
    read: ContentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be attached.

    `told` is how answers call it, `again` how a caller attaches it once more. `identity` tells this content from any
    other, so that an upload that was broken off goes on with the same bytes. With a `content_id` it is a picture that
    the text shows.
    """

    told: str
    again: str
    name: str
    content_type: str
    identity: str
    open_content: Callable[[], AbstractAsyncContextManager[OpenContent]]
    content_id: str = ""

    def is_called(self, written: str) -> bool:
        """Whether a text means this file by its name or its reference."""
        return written in (self.name, self.told, self.again)


@asynccontextmanager
async def bytes_content(content: bytes) -> AsyncIterator[OpenContent]:
    """Content that is in memory."""

    async def read(position: int, length: int) -> bytes:
        return content[position : position + length]

    yield OpenContent(size=len(content), read=read)


@asynccontextmanager
async def spooled(stream: AbstractAsyncContextManager[AsyncIterator[bytes]]) -> AsyncIterator[OpenContent]:
    """What a stream gives. From 3 MB on it is in a temporary file: an upload session needs the exact size first."""
    async with anyio.SpooledTemporaryFile[bytes](max_size=SESSION_FROM_BYTES) as spool:
        size = 0
        async with stream as chunks:
            async for chunk in chunks:
                size += await spool.write(chunk)

        async def read(position: int, length: int) -> bytes:
            await spool.seek(position)
            return await spool.read(length)

        yield OpenContent(size=size, read=read)


def check_size(told: str, size: int) -> None:
    """Raises InvalidInput for what Exchange does not take as an attachment.

    https://learn.microsoft.com/graph/outlook-large-attachments
    """
    if size > MOST_BYTES:
        raise InvalidInput(
            f"{told} is larger than the {MOST_BYTES // 2**20} MB that Exchange allows for a file.",
            next_step="Put it where the recipients can fetch it, and write the link into the text.",
        )
