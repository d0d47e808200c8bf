"""Upload sessions for attachments from 3 to 150 MB: ordered ranges to another host, without a token.

https://learn.microsoft.com/graph/outlook-large-attachments
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import anyio
import httpx
import msgspec

from outlook_mcp.errors import GraphError, GraphUnavailable
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
    body: AsyncIterator[bytes],
    size: int,
    purpose: Purpose,
    settings: GraphSettings,
) -> None:
    """Sends exactly `size` bytes of `body`.

    Raises GraphError when the session does not take them, or asks to wait longer than the settings allow, and
    ValueError when `body` has another size.
    """
    session = _UploadSession(transport, url, size, purpose, settings)
    start = 0
    async for piece in _pieces(body):
        if start + len(piece) > size:
            raise ValueError(f"the file is larger than the {size} bytes announced")
        await session.send_piece(piece, start)
        start += len(piece)
    if start != size:
        raise ValueError(f"the file is smaller than the {size} bytes announced")


@dataclass(frozen=True, slots=True)
class _UploadSession:
    """An upload session for a file of `size` bytes."""

    transport: AiohttpTransport
    url: str
    size: int
    purpose: Purpose
    settings: GraphSettings

    async def send_piece(self, piece: bytes, start: int) -> None:
        """Sends one range, and again what is missing of it, until the session has it or three tries fail."""
        end = start + len(piece)
        sent = start
        failure: GraphError = GraphUnavailable("The upload session did not take the file.")
        for attempt in range(_TRIES):
            try:
                expected = await self._put_piece(piece[sent - start :], sent)
            except GraphError as error:
                failure = error
                expected = await self._start_after(failure, attempt, is_last=end == self.size)
                if expected is None:
                    continue
            if expected is None or expected >= end:
                return
            if expected < start:
                raise GraphUnavailable("The upload session lost a range that it had taken.") from None
            sent = expected
        raise failure

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
            return await self._exchange("GET", {}, b"")
        except GraphError as error:
            if error.status in _ENDED:
                raise self.purpose.unknown_outcome(failure) from None
            if not error.retryable:
                raise
            return None

    async def _put_piece(self, piece: bytes, start: int) -> int | None:
        content_range = f"bytes {start}-{start + len(piece) - 1}/{self.size}"
        headers = {"Content-Type": "application/octet-stream", "Content-Range": content_range}
        return await self._exchange("PUT", headers, piece)

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
        return None if response.status_code == 201 else _expected_start(body, purpose)


def _expected_start(body: bytes, purpose: Purpose) -> int | None:
    try:
        return msgspec.json.decode(body, type=_Session).next_start()
    except (*NOT_JSON, ValueError):
        raise purpose.unreadable("is cut off or not JSON") from None


async def _pieces(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for chunk in body:
        held += chunk
        while len(held) >= RANGE_BYTES:
            yield bytes(held[:RANGE_BYTES])
            del held[:RANGE_BYTES]
    if held:
        yield bytes(held)
