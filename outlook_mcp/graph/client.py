"""One user's authorised access to Microsoft Graph: SDK request builders in, decoded structs out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args, get_origin

import anyio.lowlevel
import msgspec

from outlook_mcp.errors import AnswerUnreadable
from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.batch import MOST_PARTS, Batch, BatchAnswer
from outlook_mcp.graph.content import ContentReader, UploadProgress
from outlook_mcp.graph.errors import NOT_GRAPH, NOT_JSON, Purpose
from outlook_mcp.graph.models import Page
from outlook_mcp.graph.settings import GraphSettings

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

    from outlook_mcp.graph.sender import RequestSender

T = TypeVar("T")
# The variable for the user in the URL templates of the SDK.
_USER = "user%2Did"
# Bytes of JSON that take about a millisecond to decode.
_LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class ResourceTemplate:
    """In the place of a builder of the SDK, which takes 30 ms and 1 MB to load for the only resource outside `/me`."""

    url_template: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)


class GraphClient:
    """Acts as one user only, in one area. Every method has a deadline and raises errors of `outlook_mcp.errors`.

    `shared_mailbox` is the address of a mailbox that somebody else shares with the user, None for the user's own.
    Whether a request changes data, and so what its errors say, is known from its HTTP method.
    """

    def __init__(self, sender: RequestSender, area: GraphArea, shared_mailbox: str | None = None) -> None:
        self._sender = sender
        self._area = area if shared_mailbox is None else area.of_shared_mailbox()
        self._shared_mailbox = shared_mailbox

    @property
    def settings(self) -> GraphSettings:
        return self._sender.settings

    @property
    def me(self) -> Any:
        """The SDK's builder for `/me`, or `/users/{address}` of a shared mailbox; all paths are written below it."""
        own = self._sender.service.me
        if self._shared_mailbox is None:
            return own
        return type(own)(own.request_adapter, {**own.path_parameters, _USER: self._shared_mailbox})

    @property
    def users(self) -> Any:
        """The SDK's builder for `/users`: the directory of the user's organisation."""
        return self._sender.service.users

    def subscriptions(self, subscription: str | None = None) -> ResourceTemplate:
        """What stands for `/subscriptions`, or one of them; they are the user's own, so they are not below `/me`."""
        if subscription is None:
            return ResourceTemplate("{+baseurl}/subscriptions")
        return ResourceTemplate("{+baseurl}/subscriptions/{id}", {"id": subscription})

    def for_area(self, area: GraphArea) -> GraphClient:
        """A client of this user for another area of this mailbox."""
        return GraphClient(self._sender, area, self._shared_mailbox)

    def for_shared_mailbox(self, address: str, area: GraphArea) -> GraphClient:
        """A client of this user for a mailbox that somebody else shares with them."""
        return GraphClient(self._sender, area, address)

    def request(
        self,
        builder: Any,
        method: str = "GET",
        *,
        query: Mapping[str, Any] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> RequestInformation:
        """A request for the resource of `builder`; `query` has OData's own names (`$select`, `$top`).

        Raises NotFound for an id that would lead out of the resource, ValueError for an option it does not know.
        """
        return self._sender.resource_request(builder, method, query=query, json=json, headers=headers)

    def value_request(self, builder: Any) -> RequestInformation:
        """A request for the raw bytes (`/$value`) of a resource whose builder has no such step."""
        request = self.request(builder)
        request.url = f"{request.url}/$value"
        return request

    async def answer_to(self, request: RequestInformation, model: type[T], *, reads_only: bool = False) -> T:
        """The decoded answer. `reads_only` says that it is a POST by which nothing is changed."""
        purpose = self._area.purpose_of() if reads_only else self._area.purpose_of(request)
        return await _decode_in_parts(await self._sender.send(request, purpose), model, purpose)

    async def perform(self, request: RequestInformation) -> None:
        """Sends a change that Graph answers without a body."""
        purpose = self._area.purpose_of(request)
        answer = await self._sender.send(request, purpose)
        if answer and answer.strip():
            # Graph sends no body here: a proxy in between has answered, perhaps without asking Graph.
            raise purpose.unreadable()

    async def send_mail(self, request: RequestInformation, *, permission: str) -> None:
        """Sends a request that makes Exchange send a message. Never repeated; a lost answer raises OutcomeUnknown."""
        purpose = self._area.purpose_of(request, permission=permission, is_send=True)
        answer = await self._sender.send(request, purpose)
        if answer and answer.strip():
            raise purpose.unknown_send(NOT_GRAPH)

    async def answer_to_send(self, request: RequestInformation, model: type[T], *, permission: str) -> T:
        """As `send_mail`, for a request that Graph answers with an item, such as a meeting whose people are invited."""
        purpose = self._area.purpose_of(request, permission=permission, is_send=True)
        answer = await self._sender.send(request, purpose)
        try:
            return _decode(answer, model, purpose)
        except AnswerUnreadable:
            raise purpose.unknown_send(NOT_GRAPH) from None

    async def next_page(self, next_link: str, model: type[T], *, headers: Mapping[str, str] | None = None) -> T:
        """The page at `next_link`. Raises RequestRejected, sending nothing, when it is not an address of this Graph."""
        self.settings.require_graph(next_link)
        return await self.answer_to(self._sender.page_request(next_link, headers), model)

    async def answers_to(self, requests: Sequence[RequestInformation]) -> list[BatchAnswer]:
        """The answers in the order of the requests, each with its own status; 20 requests travel in one batch.

        Raises the error of a batch that fails as a whole only when it reads. With changes its parts carry the error,
        and no later batch is sent.
        """
        answers: list[BatchAnswer] = []
        has_failed = False
        for start in range(0, len(requests), MOST_PARTS):
            parts = requests[start : start + MOST_PARTS]
            purpose = self._area.purpose_of(*parts)
            batch = Batch(parts, [self._area.purpose_of(part) for part in parts], purpose, self.settings)
            if has_failed:
                answers += batch.not_sent()
                continue
            answers += await batch.send(partial(self._sender.send_batch, purpose))
            has_failed = any(answer.failure is not None for answer in answers[start:])
        return answers

    async def bytes_of(self, request: RequestInformation, *, limit: int | None = None) -> bytes:
        """The body as it is; AnswerUnreadable above `limit` bytes."""
        chunks = bytearray()
        async with self.stream_of(request, limit=limit or self.settings.max_body_bytes) as body:
            async for chunk in body:
                chunks += chunk
        return bytes(chunks)

    def stream_of(
        self, request: RequestInformation, *, limit: int
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The body in pieces, so that a large one is never in memory whole. AnswerUnreadable above `limit` bytes."""
        return self._sender.stream(request, self._area.purpose_of(request), limit=limit)

    async def upload(
        self,
        session_url: str,
        read: ContentReader,
        size: int,
        *,
        is_begun: bool = False,
        on_progress: UploadProgress | None = None,
    ) -> None:
        """Sends `size` bytes to an upload session, in order and without a token; `read` gives those at a position.

        A session that `is_begun` goes on where it stands; NotFound when it has ended.
        """
        purpose = self._area.purpose_of_change()
        await self._sender.upload(session_url, read, size, purpose, is_begun=is_begun, on_progress=on_progress)


async def _decode_in_parts(body: bytes | None, model: type[T], purpose: Purpose) -> T:
    """As `_decode`. Of a large page, such as one of long messages, others have their turn between the items."""
    if body is None or len(body) < _LARGE or get_origin(model) is not Page:
        return _decode(body, model, purpose)
    (kind,) = get_args(model)
    page = _decode(body, Page[msgspec.Raw], purpose)
    items: list[Any] = []
    decoded = 0
    for raw in page.value:
        item = memoryview(raw)
        items.append(_decode(item, kind, purpose))
        decoded += item.nbytes
        if decoded > _LARGE:
            decoded = 0
            await anyio.lowlevel.checkpoint()
    return cast(T, Page(value=items, next_link=page.next_link))


def _decode(body: bytes | memoryview | None, model: type[T], purpose: Purpose) -> T:
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
