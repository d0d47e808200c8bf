"""JSON batching: up to 20 requests in one POST, each with its own status.

https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import anyio
import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.errors import NOT_JSON, Purpose, claims_challenge, from_body, retry_after
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.tokens import Refusal

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

T = TypeVar("T")

MOST_PARTS = 20
_ROUNDS = 3
_BACKOFF_S = 1.0

# Sends the JSON of a batch and returns the request it went out with and the body of the answer.
PostBatch: TypeAlias = "Callable[[bytes, Refusal | None], Awaitable[tuple[RequestInformation, bytes | None]]]"


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
    """The answer to one part. Status 0 means that Graph left the part unanswered. Header names are in lower case."""

    purpose: Purpose
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def error(self, permission: str | None = None) -> GraphError:
        """The error of a failed part. `permission` is the one it needs, if not the area's usual one."""
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Up to 20 requests that are sent together. `purpose` is that of the whole, `purposes` those of its parts."""

    requests: Sequence[RequestInformation]
    purposes: Sequence[Purpose]
    purpose: Purpose
    settings: GraphSettings

    async def send(self, post: PostBatch) -> list[BatchAnswer]:
        """The answers in the order of the requests. Raises GraphError only when the batch fails as a whole."""
        try:
            with anyio.fail_after(self.settings.deadline_s):
                return await self._send(post)
        except TimeoutError:
            raise self.purpose.unavailable("Microsoft Graph did not answer in time.") from None

    async def _send(self, post: PostBatch) -> list[BatchAnswer]:
        """Sends all parts, and those again that Graph put off or whose token it refused."""
        answers = [BatchAnswer(purpose) for purpose in self.purposes]
        waiting = list(range(len(answers)))
        refusal: Refusal | None = None
        for round_number in range(_ROUNDS):
            request, body = await post(self._json_of(waiting), refusal)
            answers = self._merged(answers, waiting, body)
            had_new_token, refusal = refusal is not None, None
            waiting = [index for index in waiting if _may_repeat(answers[index])]
            unauthorised = [answers[index] for index in waiting if answers[index].status == 401]
            wait = max((_wait(answers[index]) for index in waiting), default=0.0)
            is_over = not waiting or round_number == _ROUNDS - 1 or wait > self.settings.longest_retry_s
            if is_over or (unauthorised and had_new_token):
                break
            if unauthorised:
                refusal = Refusal(request, claims_challenge(unauthorised[0].headers or {}))
            await anyio.sleep(wait)
        return answers

    def _json_of(self, indexes: Sequence[int]) -> bytes:
        parts = [_part(str(index), self.requests[index], self.settings.base_url) for index in indexes]
        return msgspec.json.encode({"requests": parts})

    def _merged(self, answers: Sequence[BatchAnswer], asked: Sequence[int], body: bytes | None) -> list[BatchAnswer]:
        """`answers` with those in `body` put in. An answer to a part that was not sent is ignored."""
        try:
            responses = msgspec.json.decode(body or b"", type=_Answers).responses
        except NOT_JSON:
            raise self.purpose.unreadable("is cut off or not JSON") from None
        indexes = {str(index): index for index in asked}
        merged = list(answers)
        for answer in responses:
            if answer.id in indexes:
                index = indexes[answer.id]
                headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
                merged[index] = BatchAnswer(answers[index].purpose, answer.status, headers, bytes(answer.body))
        return merged


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
    return answer.status in (401, 429) or (not answer.purpose.is_change and answer.status in (503, 504))


def _wait(answer: BatchAnswer) -> float:
    """Seconds to wait before the part is sent again."""
    if answer.status == 401:
        return 0.0
    asked = retry_after((answer.headers or {}).get("retry-after"))
    return _BACKOFF_S if asked is None else asked
