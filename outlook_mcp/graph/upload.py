"""Upload sessions for attachments from 3 to 150 MB: ordered ranges to another host, without a token.

https://learn.microsoft.com/graph/outlook-large-attachments
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import anyio
import httpx
import msgspec

from outlook_mcp.errors import GraphError, GraphUnavailable
from outlook_mcp.graph.content import ContentReader, UploadProgress
from outlook_mcp.graph.errors import NOT_JSON, Purpose, from_body
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.transport import AiohttpTransport

# The largest range Exchange takes, a multiple of 320 KiB below 4 MB.
RANGE_BYTES = 12 * 320 * 1024
_TRIES = 3
_RANGE_NOT_SATISFIABLE = 416
_ENDED = (404, 410)
_TIMEOUTS = {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}


class _Session(msgspec.Struct):
    # The documentation writes the name in camel case, the service sends it in Pascal case.
    camel: list[str] | None = msgspec.field(name="nextExpectedRanges", default=None)
    pascal: list[str] | None = msgspec.field(name="NextExpectedRanges", default=None)

    def next_start(self) -> int | None:
        ranges = self.pascal or self.camel
        return int(ranges[0].split("-")[0]) if ranges else None


async def send_ranges(
    transport: AiohttpTransport,
    url: str,
    read: ContentReader,
    size: int,
    purpose: Purpose,
    settings: GraphSettings,
    *,
    is_begun: bool = False,
    on_progress: UploadProgress | None = None,
) -> None:
    """Sends the `size` bytes that `read` gives. One range at a time is in memory.

    A session that `is_begun` is asked first where it stands. Raises GraphError when the session does not take the file,
    or asks to wait longer than the settings allow, and ValueError when `read` gives another number of bytes.
    """
    session = _UploadSession(transport, url, size, purpose, settings)
    start = await session.next_start() if is_begun else 0
    await session.send_from(start, read, on_progress)


@dataclass(frozen=True, slots=True)
class _UploadSession:
    """An upload session for a file of `size` bytes."""

    transport: AiohttpTransport
    url: str
    size: int
    purpose: Purpose
    settings: GraphSettings

    async def next_start(self) -> int:
        """Where the session expects the next range. Raises NotFound when it has ended."""
        expected = await self._exchange("GET", {}, b"")
        return self.size if expected is None else expected

    async def send_from(self, start: int, read: ContentReader, on_progress: UploadProgress | None) -> None:
        """Sends ranges from `start` until the session has all, or three tries in a row bring it no further.

        Also a range that was taken and then lost is sent again: the session says where it stands.
        """
        position, arrived, tries = start, start, 0
        failure: GraphError = GraphUnavailable("The upload session did not take the file.")
        while position < self.size:
            piece = await self._piece_at(position, read)
            try:
                expected: int | None = await self._put_piece(piece, position)
            except GraphError as error:
                failure = error
                expected = await self._start_after(failure, tries, is_last=position + len(piece) == self.size)
            if expected is None or expected <= arrived:
                tries += 1
                if tries == _TRIES:
                    raise failure
            else:
                tries, arrived = 0, expected
                if on_progress is not None:
                    await on_progress(arrived)
            position = position if expected is None else expected

    async def _piece_at(self, position: int, read: ContentReader) -> bytes:
        length = min(RANGE_BYTES, self.size - position)
        piece = await read(position, length)
        if len(piece) != length:
            raise ValueError(f"the file does not have the {self.size} bytes announced")
        return piece

    async def _start_after(self, failure: GraphError, attempt: int, *, is_last: bool) -> int | None:
        """Where the session expects the next range after `failure`; None when it does not say.

        The HTTP library sends a PUT again by itself when its answer is lost. The session refuses a range that it has
        already, so it is asked where it stands. It ends with the last range: then only the draft shows what arrived.
        Raises `failure` when it is final.
        """
        if failure.status in _ENDED and is_last:
            raise self.purpose.unknown_outcome(failure) from None
        if failure.status != _RANGE_NOT_SATISFIABLE:
            if not failure.retryable:
                raise failure
            backoff_s = self.settings.backoff_s * 2**attempt
            wait = backoff_s if failure.retry_after_s is None else failure.retry_after_s
            if wait > self.settings.longest_retry_s:
                raise failure
            await anyio.sleep(wait)
        try:
            return await self.next_start()
        except GraphError as error:
            if error.status in _ENDED:
                raise self.purpose.unknown_outcome(failure) from None
            if not error.retryable:
                raise
            return None

    async def _put_piece(self, piece: bytes, start: int) -> int:
        """Where the next range starts; the size of the file when that was the last."""
        content_range = f"bytes {start}-{start + len(piece) - 1}/{self.size}"
        headers = {"Content-Type": "application/octet-stream", "Content-Range": content_range}
        expected = await self._exchange("PUT", headers, piece)
        return self.size if expected is None else expected

    async def _exchange(self, method: str, headers: dict[str, str], content: bytes) -> int | None:
        """Where the next range starts; None when the session says that it is complete."""
        purpose = replace(self.purpose, is_change=method != "GET")
        request = httpx.Request(method, self.url, headers=headers, content=content, extensions={"timeout": _TIMEOUTS})
        try:
            response = await self.transport.handle_async_request(request)
            try:
                body = await response.aread()
            finally:
                await response.aclose()
        except httpx.TransportError:
            raise purpose.unavailable("The connection to the upload session broke.") from None
        if response.status_code not in (200, 201, 202):
            raise from_body(response.status_code, response.headers, body, purpose)
        if response.status_code == 201:
            return None
        expected = _expected_start(body, purpose)
        if expected is None and purpose.is_change:
            # 201 is the answer to the last range, and any other answer says which is next.
            raise purpose.unreadable()
        return expected


def _expected_start(body: bytes, purpose: Purpose) -> int | None:
    try:
        return msgspec.json.decode(body, type=_Session).next_start()
    except (*NOT_JSON, ValueError):
        raise purpose.unreadable("is cut off or not JSON") from None
