"""JSON batching: up to 20 requests in one POST, each with its own status.

https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import anyio
import msgspec

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.errors import NOT_JSON, Purpose, challenge_in, from_body, retry_after

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

    from outlook_mcp.graph.client import GraphClient, Refused

T = TypeVar("T")

MOST_PARTS = 20
_ROUNDS = 3
_BACKOFF_S = 1.0


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
    """Status 0 means that Graph left the part unanswered. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_change: bool

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def error(self, permission: str = "Mail.ReadWrite") -> GraphError:
        purpose = Purpose(permission, is_change=self.is_change)
        if self.status == 0:
            return purpose.unreadable("lacks a part of the batch")
        return from_body(self.status, self.headers, self.body, purpose)

    def decode(self, model: type[T], *, permission: str = "Mail.Read") -> T:
        """The body of a successful part; raises the part's error otherwise."""
        if not self.is_success:
            raise self.error(permission)
        try:
            return msgspec.json.decode(self.body, type=model)
        except NOT_JSON:
            raise Purpose(is_change=self.is_change).unreadable("is cut off or not JSON") from None


async def send_parts(client: GraphClient, infos: Sequence[RequestInformation]) -> list[BatchAnswer]:
    """Sends all parts; raises only when a whole batch fails."""
    answers: list[BatchAnswer] = []
    for start in range(0, len(infos), MOST_PARTS):
        answers += await _send_twenty(client, infos[start : start + MOST_PARTS])
    return answers


async def _send_twenty(client: GraphClient, infos: Sequence[RequestInformation]) -> list[BatchAnswer]:
    answers = [BatchAnswer(0, {}, b"", is_change=not _is_read(info)) for info in infos]
    waiting = list(range(len(infos)))
    refused: Refused | None = None
    is_change = any(answer.is_change for answer in answers)
    try:
        with anyio.fail_after(client.settings.deadline_s):
            for round_number in range(_ROUNDS):
                request = _batch_of(client, infos, waiting)
                answers = _merged(answers, waiting, await client.exchange(request, refused, is_change=is_change))
                had_new_token, refused = refused is not None, None
                waiting = [index for index in waiting if _may_repeat(answers[index])]
                unauthorised = [answers[index] for index in waiting if answers[index].status == 401]
                wait = max((_wait(answers[index]) for index in waiting), default=0.0)
                is_over = not waiting or round_number == _ROUNDS - 1 or wait > client.settings.longest_retry_s
                if is_over or (unauthorised and had_new_token):
                    break
                if unauthorised:
                    refused = (request, challenge_in(unauthorised[0].headers))
                await anyio.sleep(wait)
    except TimeoutError:
        raise Purpose(is_change=is_change).unavailable("Microsoft Graph did not answer in time.") from None
    return answers


def _batch_of(client: GraphClient, infos: Sequence[RequestInformation], indexes: list[int]) -> RequestInformation:
    parts = [_part(str(index), infos[index], client.settings.base_url) for index in indexes]
    return client.batch_request(msgspec.json.encode({"requests": parts}))


def _merged(answers: list[BatchAnswer], asked: list[int], body: bytes | None) -> list[BatchAnswer]:
    """`answers` with those of one batch put in; answers nobody asked for are left out."""
    try:
        responses = msgspec.json.decode(body or b"", type=_Answers).responses
    except NOT_JSON:
        is_change = any(answers[index].is_change for index in asked)
        raise Purpose(is_change=is_change).unreadable("is cut off or not JSON") from None
    places = {str(index): index for index in asked}
    merged = list(answers)
    for answer in responses:
        if answer.id in places:
            headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
            place = places[answer.id]
            merged[place] = BatchAnswer(answer.status, headers, bytes(answer.body), answers[place].is_change)
    return merged


def _part(part_id: str, info: RequestInformation, base_url: str) -> _Part:
    method = info.http_method
    assert method is not None
    headers = {name: ", ".join(sorted(values)) for name, values in info.headers.get_all().items()}
    headers.pop("authorization", None)
    return _Part(
        id=part_id,
        method=method.value,
        url=info.url.removeprefix(base_url),
        headers=headers,
        body=msgspec.Raw(info.content) if info.content else None,
    )


def _may_repeat(answer: BatchAnswer) -> bool:
    """401 and 429 say that nothing was done; 503 and 504 do not, so then only reads repeat."""
    return answer.status in (401, 429) or (not answer.is_change and answer.status in (503, 504))


def _is_read(info: RequestInformation) -> bool:
    return info.http_method is not None and info.http_method.value == "GET"


def _wait(answer: BatchAnswer) -> float:
    if answer.status == 401:
        return 0.0
    asked = retry_after(answer.headers.get("retry-after"))
    return _BACKOFF_S if asked is None else asked
