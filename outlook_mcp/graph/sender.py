"""Sends the requests of one user through msgraph-sdk, with a deadline, the user's token and typed errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import anyio
import httpx
from kiota_abstractions.api_error import APIError
from kiota_abstractions.request_information import RequestInformation

from outlook_mcp.errors import AccessTokenRejected
from outlook_mcp.graph import requests
from outlook_mcp.graph.area import is_change_request
from outlook_mcp.graph.concurrency_limit import ConcurrencyLimit
from outlook_mcp.graph.content import ContentReader, UploadProgress
from outlook_mcp.graph.errors import Purpose, claims_challenge, from_body
from outlook_mcp.graph.exceptions import from_exception
from outlook_mcp.graph.retry import NEVER, ONLY_READS
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.token_provider import UserTokenProvider
from outlook_mcp.graph.tokens import Refusal
from outlook_mcp.graph.transport import MAX_BODY, AiohttpTransport
from outlook_mcp.graph.upload import send_ranges

T = TypeVar("T")


class RequestSender:
    """Acts as one user only. Every method has a deadline and raises errors of `outlook_mcp.errors`."""

    def __init__(
        self,
        *,
        service: Any,
        error_types: dict[str, Any],
        provider: UserTokenProvider,
        http: httpx.AsyncClient,
        transport: AiohttpTransport,
        limit: ConcurrencyLimit,
        settings: GraphSettings,
    ) -> None:
        self.service = service
        self.settings = settings
        self._adapter = service.request_adapter
        self._error_types = error_types
        self._provider = provider
        self._http = http
        self._transport = transport
        self._limit = limit

    def resource_request(
        self,
        builder: Any,
        method: str,
        *,
        query: Mapping[str, Any] | None,
        json: object,
        headers: Mapping[str, str] | None,
    ) -> RequestInformation:
        """See `requests.resource_request`."""
        return requests.resource_request(
            self.settings.base_url, builder, method, query=query, json=json, headers=headers
        )

    def page_request(self, next_link: str, headers: Mapping[str, str] | None = None) -> RequestInformation:
        """See `requests.page_request`."""
        return requests.page_request(next_link, headers)

    async def send(self, request: RequestInformation, purpose: Purpose) -> bytes | None:
        """The body of a successful answer; None when it has none."""
        if purpose.is_send:
            request.add_request_options([NEVER])
        elif not purpose.is_change and is_change_request(request):
            request.add_request_options([ONLY_READS])
        try:
            with anyio.fail_after(self.settings.deadline_s):
                async with self._limit.single_request():
                    return await self._with_token(request, lambda: self._exchange(request))
        except Exception as error:
            raise from_exception(error, purpose) from None

    async def send_batch(
        self, purpose: Purpose, body: bytes, parts: int, refusal: Refusal | None = None
    ) -> tuple[RequestInformation, bytes | None]:
        """One `$batch` call of so many parts, and the body of its answer.

        `refusal` is that of a part of an earlier call: then another token is used.
        """
        request = requests.batch_request(self.settings.base_url, body)
        if not purpose.is_change:
            request.add_request_options([ONLY_READS])
        try:
            with anyio.fail_after(self.settings.deadline_s):
                async with self._limit.batch_of(parts):
                    exchange = partial(self._exchange, request) if purpose.is_change else partial(self._again, request)
                    return request, await self._with_token(request, exchange, refusal)
        except Exception as error:
            raise from_exception(error, purpose) from None

    @asynccontextmanager
    async def stream(
        self, request: RequestInformation, purpose: Purpose, *, limit: int
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body in pieces; AnswerUnreadable above `limit` bytes."""
        try:
            with anyio.fail_after(self.settings.transfer_deadline_s):
                async with self._limit.single_request():
                    response = await self._with_token(request, lambda: self._open(request, limit, purpose))
                    try:
                        yield response.aiter_bytes()
                    finally:
                        await response.aclose()
        except Exception as error:
            raise from_exception(error, purpose) from None

    async def upload(
        self,
        session_url: str,
        read: ContentReader,
        size: int,
        purpose: Purpose,
        *,
        is_begun: bool,
        on_progress: UploadProgress | None,
    ) -> None:
        """Sends the `size` bytes that `read` gives to an upload session, in order and without a token."""
        self.settings.require_upload(session_url)
        send = partial(send_ranges, is_begun=is_begun, on_progress=on_progress)
        try:
            with anyio.fail_after(self.settings.transfer_deadline_s):
                await send(self._transport, session_url, read, size, purpose, self.settings)
        except Exception as error:
            raise from_exception(error, purpose) from None

    async def _with_token(
        self, request: RequestInformation, send: Callable[[], Awaitable[T]], refusal: Refusal | None = None
    ) -> T:
        """`send()` with the user's token; once more with another token when Graph refuses that one.

        When Graph refused the token before, as `refusal` tells, another one is used from the start.
        """
        # The SDK keeps a token that a request already carries, whoever it belongs to.
        request.headers.remove("Authorization")
        if refusal is None:
            try:
                return await send()
            except (APIError, AccessTokenRejected) as error:
                claims = _challenge_of(error)
                if claims is None:
                    raise
                refusal = Refusal(request, claims)
        await self._provider.renew(request, refusal)
        return await send()

    async def _exchange(self, request: RequestInformation) -> bytes | None:
        answer: bytes | None = await self._adapter.send_primitive_async(request, "bytes", self._error_types)
        return answer

    async def _again(self, request: RequestInformation) -> bytes | None:
        """As `_exchange`, and once more when the connection broke, which may have been closed while it was not used.

        Only for what changes nothing. The HTTP library does so for a GET, but not for the POST of a batch of reads.
        """
        try:
            return await self._exchange(request)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            return await self._exchange(request)

    async def _open(self, request: RequestInformation, limit: int, purpose: Purpose) -> httpx.Response:
        native: httpx.Request = await self._adapter.convert_to_native_async(request)
        native.extensions[MAX_BODY] = limit
        response = await self._http.send(native, stream=True)
        if response.is_success:
            return response
        try:
            body = await response.aread()
        finally:
            await response.aclose()
        raise from_body(response.status_code, response.headers, body, purpose)


def _challenge_of(error: APIError | AccessTokenRejected) -> str | None:
    """The claims challenge of a refused token, "" when it was refused without one; None for any other error."""
    if isinstance(error, AccessTokenRejected):
        return error.claims
    return claims_challenge(error.response_headers or {}) if error.response_status_code == 401 else None
