"""JSON batching: up to 20 requests in one POST, each with its own status.

https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import anyio
import msgspec

from outlook_mcp.errors import GraphUnavailable, OutlookError
from outlook_mcp.graph.errors import NOT_JSON, Purpose, claims_challenge, from_body, retry_after
from outlook_mcp.graph.request_log import TOO_MANY
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.tokens import Refusal
from outlook_mcp.telemetry.events import tell_of_throttling

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

T = TypeVar("T")

MOST_PARTS = 20
_ROUNDS = 3
# Of a part that was not sent.
NOT_SENT = "Not tried, because Microsoft Graph failed at an earlier part of the same call; nothing was changed here."

# Sends the JSON of a batch of so many parts; returns the request it went out with and the body of the answer.
PostBatch: TypeAlias = "Callable[[bytes, int, Refusal | None], Awaitable[tuple[RequestInformation, bytes | None]]]"


class _Part(msgspec.Struct, omit_defaults=True):
    id: str
    method: str
    url: str
    headers: dict[str, str] = {}
    body: msgspec.Raw | None = None


class _Answer(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, str] | None = None
    body: msgspec.Raw = msgspec.Raw()


class _Answers(msgspec.Struct):
    responses: list[_Answer]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to one part. Status 0 means that Graph left the part unanswered. Header names are in lower case.

    `failure` is the error of the whole batch, or why the part was not sent.
    """

    purpose: Purpose
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    failure: OutlookError | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def error(self, permission: str | None = None) -> OutlookError:
        """The error of a failed part. `permission` is the one it needs, if not the area's usual one."""
        if self.failure is not None:
            return self.failure
        purpose = replace(self.purpose, permission=permission) if permission else self.purpose
        if self.status == 0:
            return purpose.unreadable("lacks a part of the batch")
        return from_body(self.status, self.headers or {}, self.body, purpose)

    def decode(self, model: type[T], *, permission: str | None = None) -> T:
        """The body of a successful part; raises the part's error otherwise."""
        if not self.is_success:
            raise self.error(permission)
        try:
            return msgspec.json.decode(self.body, type=model)
        except NOT_JSON:
            raise self.purpose.unreadable("is cut off or not JSON") from None


@dataclass(slots=True)
class Batch:
    """Up to 20 requests that are sent together. `purpose` is that of the whole, `purposes` those of its parts."""

    requests: Sequence[RequestInformation]
    purposes: Sequence[Purpose]
    purpose: Purpose
    settings: GraphSettings
    _answers: list[BatchAnswer] = field(init=False)
    _waiting: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._answers = [BatchAnswer(purpose) for purpose in self.purposes]
        self._waiting = list(range(len(self.purposes)))

    async def send(self, post: PostBatch) -> list[BatchAnswer]:
        """The answers in the order of the requests.

        When the batch fails as a whole, its error is raised if it only reads. With changes every part that has no
        answer yet carries the error instead, so that what is known of the others is not lost.
        """
        try:
            with anyio.fail_after(self.settings.deadline_s):
                await self._send(post)
        except TimeoutError:
            self._fail(self.purpose.unavailable("Microsoft Graph did not answer in time."))
        except OutlookError as error:
            self._fail(error)
        return self._answers

    def not_sent(self) -> list[BatchAnswer]:
        """The answers of a batch that is not sent because one before it failed."""
        error = GraphUnavailable(NOT_SENT)
        return [replace(answer, failure=error) for answer in self._answers]

    def _fail(self, error: OutlookError) -> None:
        if not self.purpose.is_change:
            raise error
        for index in self._waiting:
            self._answers[index] = replace(self._answers[index], failure=error)

    async def _send(self, post: PostBatch) -> None:
        """Sends all parts, and those again that Graph put off or whose token it refused."""
        refusal: Refusal | None = None
        for round_number in range(_ROUNDS):
            request, body = await post(self._json_of(self._waiting), len(self._waiting), refusal)
            self._merge(body)
            had_new_token, refusal = refusal is not None, None
            again = [index for index in self._waiting if _may_repeat(self._answers[index])]
            unauthorised = [self._answers[index] for index in again if self._answers[index].status == 401]
            backoff_s = self.settings.backoff_s * 2 ** (round_number + 1)
            wait = max((_wait(self._answers[index], backoff_s) for index in again), default=0.0)
            is_over = not again or round_number == _ROUNDS - 1 or wait > self.settings.longest_retry_s
            if is_over or (unauthorised and had_new_token):
                return
            if unauthorised:
                refusal = Refusal(request, claims_challenge(unauthorised[0].headers or {}))
            # Until they are sent again, what Graph said of them stands.
            self._waiting = []
            await anyio.sleep(wait)
            self._waiting = again

    def _json_of(self, indexes: Sequence[int]) -> bytes:
        parts = [_part(str(index), self.requests[index], self.settings.base_url) for index in indexes]
        return msgspec.json.encode({"requests": parts})

    def _merge(self, body: bytes | None) -> None:
        """Keeps the answers in `body`. An answer to a part that was not sent is ignored."""
        try:
            responses = msgspec.json.decode(body or b"", type=_Answers).responses
        except NOT_JSON:
            raise self.purpose.unreadable("is cut off or not JSON") from None
        indexes = {str(index): index for index in self._waiting}
        for answer in responses:
            if answer.id in indexes:
                if answer.status == TOO_MANY:
                    tell_of_throttling()
                index = indexes[answer.id]
                headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
                self._answers[index] = BatchAnswer(self.purposes[index], answer.status, headers, bytes(answer.body))


def _part(part_id: str, request: RequestInformation, base_url: str) -> _Part:
    method = request.http_method
    assert method is not None
    headers = {name: ", ".join(sorted(values)) for name, values in request.headers.get_all().items()}
    headers.pop("authorization", None)
    return _Part(
        id=part_id,
        method=method.value,
        url=request.url.removeprefix(base_url),
        headers=headers,
        body=msgspec.Raw(request.content) if request.content else None,
    )


def _may_repeat(answer: BatchAnswer) -> bool:
    """After 401 and 429 nothing was done. 503 and 504 do not say so, and only reads are repeated after them."""
    return answer.status in (401, TOO_MANY) or (not answer.purpose.is_change and answer.status in (503, 504))


def _wait(answer: BatchAnswer, backoff_s: float) -> float:
    """Seconds to wait before the part is sent again: `backoff_s` when Graph does not say."""
    if answer.status == 401:
        return 0.0
    asked = retry_after((answer.headers or {}).get("retry-after"))
    return backoff_s if asked is None else asked
