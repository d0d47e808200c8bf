"""One user's authorised Graph connection: SDK request builders in, decoded structs out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from urllib.parse import quote, urlencode

import anyio
import msgspec

from outlook_mcp.errors import GraphError, NotFound, OutcomeUnknown
from outlook_mcp.graph import batch, upload
from outlook_mcp.graph.concurrency_limit import ConcurrencyLimit
from outlook_mcp.graph.errors import NOT_JSON, Purpose, challenge_in, from_body, from_exception
from outlook_mcp.graph.settings import GraphSettings

if TYPE_CHECKING:
    import httpx
    from kiota_abstractions.request_information import RequestInformation

    from outlook_mcp.graph.token_provider import UserTokenProvider
    from outlook_mcp.graph.transport import AiohttpTransport

T = TypeVar("T")

IMMUTABLE_ID = 'IdType="ImmutableId"'
# What the SDK writes for `/me` until a middleware replaces it.
_ME_PLACEHOLDER = "/users/me-token-to-replace"
_NOT_GRAPH = "Something other than Microsoft Graph answered, so the message may or may not have gone out."


# A request whose token was refused, and the encoded claims challenge that came with it, or "".
Refused: TypeAlias = "tuple[RequestInformation, str]"


class GraphClient:
    """Acts as one user only. Every method has a deadline and raises errors of `outlook_mcp.errors`."""

    def __init__(
        self,
        *,
        service: Any,
        provider: UserTokenProvider,
        http: httpx.AsyncClient,
        transport: AiohttpTransport,
        limit: ConcurrencyLimit,
        settings: GraphSettings,
    ) -> None:
        self._service = service
        self._adapter = service.request_adapter
        self._provider = provider
        self._http = http
        self._transport = transport
        self._limit = limit
        self.settings = settings

    @property
    def me(self) -> Any:
        """The SDK's builder for `/me`; every path below it is written with builders."""
        return self._service.me

    def request(
        self,
        builder: Any,
        method: str = "GET",
        *,
        query: Mapping[str, Any] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> RequestInformation:
        """A request for the resource of `builder`; `query` names are OData's own (`$select`, `$top`).

        Raises NotFound for an id that would lead out of the resource, ValueError for an option it does not know.
        """
        from outlook_mcp.graph.sdk import Method, RequestInformation

        path = {**builder.path_parameters, "baseurl": self.settings.base_url}
        if any(str(value) in ("", ".", "..") for value in path.values()):
            raise NotFound("There is no item with an empty id.", status=404)
        # The template's library quotes letter by letter and would do so three times, so the options are added here.
        resource, _, options = builder.url_template.partition("{?")
        for name in query or {}:
            if name.replace("$", "%24") not in options:
                raise ValueError(f"{name} is not an option of {builder.url_template}")
        info = RequestInformation(Method(method), resource, path)
        info.url = info.url.replace(_ME_PLACEHOLDER, "/me", 1) + _query_string(query or {})
        return self._complete(info, json, headers)

    def value_of(self, builder: Any) -> RequestInformation:
        """The raw bytes (`/$value`) of a resource whose builder has no such step."""
        info = self.request(builder)
        info.url = f"{info.url}/$value"
        return info

    async def get(self, info: RequestInformation, model: type[T], *, permission: str = "Mail.Read") -> T:
        purpose = Purpose(permission)
        return _decode(await self._call(info, purpose), model, purpose)

    async def post(self, info: RequestInformation, model: type[T], *, permission: str = "Mail.ReadWrite") -> T:
        """A change whose answer is read: POST, PATCH."""
        purpose = Purpose(permission, is_change=True)
        return _decode(await self._call(info, purpose), model, purpose)

    async def send(
        self, info: RequestInformation, *, permission: str = "Mail.ReadWrite", is_send: bool = False
    ) -> None:
        """A change without an answer. `is_send`: never repeated, and a lost answer raises OutcomeUnknown."""
        if is_send:
            from outlook_mcp.graph.sdk import NEVER

            info.add_request_options([NEVER])
        purpose = Purpose(permission, is_send, is_change=True)
        answer = await self._call(info, purpose)
        if answer and answer.strip():
            # Graph says nothing here: something between has answered, and may not have asked Graph.
            raise OutcomeUnknown(_NOT_GRAPH) if is_send else purpose.unreadable()

    async def follow(self, next_link: str, model: type[T]) -> T:
        """The next page. Raises RequestRejected, sending nothing, when the link leads elsewhere."""
        from outlook_mcp.graph.sdk import Method, RequestInformation

        self.settings.require_graph(next_link)
        info = RequestInformation(Method.GET)
        info.url = next_link
        return await self.get(self._complete(info), model)

    async def batch(self, infos: Sequence[RequestInformation]) -> list[batch.BatchAnswer]:
        """Answers in the order asked, each with its own status; 20 parts travel together."""
        return await batch.send_parts(self, infos)

    async def get_bytes(self, info: RequestInformation, *, limit: int | None = None) -> bytes:
        """The body as it is; AnswerUnreadable above `limit` bytes."""
        chunks = bytearray()
        async with self.stream(info, limit=limit or self.settings.max_body_bytes) as body:
            async for chunk in body:
                chunks += chunk
        return bytes(chunks)

    @asynccontextmanager
    async def stream(self, info: RequestInformation, *, limit: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body in pieces, so that a large one never stands in memory whole."""
        purpose = Purpose()
        try:
            with anyio.fail_after(self.settings.transfer_deadline_s):
                async with self._limit.one():
                    response = await self._open(info, limit, purpose)
                    try:
                        yield response.aiter_bytes()
                    finally:
                        await response.aclose()
        except Exception as error:
            raise from_exception(error, purpose) from None

    async def upload(self, session_url: str, body: AsyncIterator[bytes], size: int) -> None:
        """Sends `size` bytes to an upload session, in order and without a token."""
        self.settings.require_upload(session_url)
        try:
            with anyio.fail_after(self.settings.transfer_deadline_s):
                await upload.send_ranges(self._transport, session_url, body, size)
        except Exception as error:
            raise from_exception(error, Purpose("Mail.ReadWrite")) from None

    async def exchange(
        self, info: RequestInformation, refused: Refused | None = None, *, is_change: bool = False
    ) -> bytes | None:
        """One `$batch` call, alone in its mailbox; with another token than parts of an earlier one had refused."""
        purpose = Purpose("Mail.ReadWrite" if is_change else "Mail.Read", is_change=is_change)
        return await self._call(info, purpose, whole_mailbox=True, refused=refused)

    def batch_request(self, body: bytes) -> RequestInformation:
        from outlook_mcp.graph.sdk import Method, RequestInformation

        info = RequestInformation(Method.POST)
        info.url = f"{self.settings.base_url}/$batch"
        info.headers.try_add("Accept", "application/json")
        info.set_stream_content(body, "application/json")
        return info

    def _complete(
        self, info: RequestInformation, json: object = None, headers: Mapping[str, str] | None = None
    ) -> RequestInformation:
        info.headers.try_add("Accept", "application/json")
        info.headers.try_add("Prefer", IMMUTABLE_ID)
        for name, value in (headers or {}).items():
            info.headers.try_add(name, value)
        if json is not None:
            info.set_stream_content(msgspec.json.encode(json), "application/json")
        return info

    async def _call(
        self,
        info: RequestInformation,
        purpose: Purpose,
        *,
        whole_mailbox: bool = False,
        refused: Refused | None = None,
    ) -> bytes | None:
        # The SDK keeps a token that a request already carries, whoever it belongs to.
        info.headers.remove("Authorization")
        try:
            with anyio.fail_after(self.settings.deadline_s):
                async with self._limit.all() if whole_mailbox else self._limit.one():
                    if refused is not None:
                        await self._provider.renew(info, *refused)
                    return await self._authorised(info)
        except GraphError:
            raise
        except Exception as error:
            raise from_exception(error, purpose) from None

    async def _authorised(self, info: RequestInformation) -> bytes | None:
        from kiota_abstractions.api_error import APIError

        from outlook_mcp.graph.sdk import ERRORS

        try:
            answer: bytes | None = await self._adapter.send_primitive_async(info, "bytes", ERRORS)
        except APIError as error:
            challenge = _unanswered(error)
            if challenge is None:
                raise
            await self._provider.renew(info, info, challenge)
            answer = await self._adapter.send_primitive_async(info, "bytes", ERRORS)
        return answer

    async def _open(self, info: RequestInformation, limit: int, purpose: Purpose) -> httpx.Response:
        from outlook_mcp.graph.transport import MAX_BODY

        for attempt in (1, 2):
            request: httpx.Request = await self._adapter.convert_to_native_async(info)
            request.extensions[MAX_BODY] = limit
            response = await self._http.send(request, stream=True)
            if response.is_success:
                return response
            try:
                body = await response.aread()
            finally:
                await response.aclose()
            if response.status_code == 401 and attempt == 1:
                await self._provider.renew(info, info, challenge_in(response.headers))
                continue
            raise from_body(response.status_code, response.headers, body, purpose)
        raise AssertionError("unreachable")


def _query_string(query: Mapping[str, Any]) -> str:
    options = {name: _option(value) for name, value in query.items()}
    return f"?{urlencode(options, safe=',', quote_via=quote)}" if options else ""


def _option(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple | list) else str(value)


def _unanswered(error: Any) -> str | None:
    """The challenge of a 401 that the SDK did not answer by itself; None when there is nothing left to try."""
    if error.response_status_code != 401:
        return None
    headers = error.response_headers or {}
    challenge = challenge_in(headers)
    is_answered = bool(challenge) and headers["www-authenticate"].lower().startswith("bearer")
    return None if is_answered else challenge


def _decode(body: bytes | None, model: type[T], purpose: Purpose) -> T:
    if body is None:
        raise purpose.unreadable("is empty")
    try:
        decoded: T = _decoder(cast(Hashable, model)).decode(body)
    except NOT_JSON:
        raise purpose.unreadable("is cut off or not JSON") from None
    return decoded


@cache
def _decoder(model: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(model)
