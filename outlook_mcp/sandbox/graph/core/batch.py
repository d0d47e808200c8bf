"""$batch: up to twenty requests in one; each part goes through the whole application as a request of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import json_response
from outlook_mcp.sandbox.graph.core.errors import bad_request

_LIMIT = 20
_AT_ONCE = 4
# Headers of the batch request that its parts do not inherit.
_NOT_INHERITED = {
    *("content-length", "content-type", "transfer-encoding", "connection", "accept-encoding", "prefer", "if-match"),
}
# Headers of the answer to a part that the answer of the batch repeats.
_PART_HEADERS = (
    *("Content-Type", "Location", "Retry-After", "WWW-Authenticate", "Preference-Applied", "ETag"),
    *("request-id", "client-request-id"),
)


@dataclass(frozen=True, slots=True)
class _Part:
    id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    depends_on: tuple[str, ...]

    @property
    def key(self) -> str:
        """The id without case, which `depends_on` holds too."""
        return self.id.lower()


async def run_batch(request: Request) -> Response:
    """Parts run four at once; a part whose dependency failed answers 424. Raises GraphFault."""
    parts = _parts(await request.body())
    root = request.url.path[: -len("/$batch")]
    inherited = {name: value for name, value in request.headers.items() if name not in _NOT_INHERITED}
    transport = httpx.ASGITransport(app=request.app, raise_app_exceptions=False)
    base = f"{request.url.scheme}://{request.url.netloc}"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=inherited, timeout=60) as client:
        responses = await _BatchRun(client, root, parts).responses()
    return json_response({"responses": responses})


class _BatchRun:
    def __init__(self, client: httpx.AsyncClient, root: str, parts: list[_Part]) -> None:
        self._client, self._root, self._parts = client, root, parts
        self._slots = anyio.Semaphore(_AT_ONCE)
        self._finished = {part.key: anyio.Event() for part in parts}
        self._succeeded: set[str] = set()
        self._responses: list[dict[str, Any]] = []

    async def responses(self) -> list[dict[str, Any]]:
        """The answers, in the order in which the parts finish."""
        async with anyio.create_task_group() as group:
            for part in self._parts:
                group.start_soon(self._run_part, part)
        return self._responses

    async def _run_part(self, part: _Part) -> None:
        for name in part.depends_on:
            await self._finished[name].wait()
        if self._succeeded.issuperset(part.depends_on):
            async with self._slots:
                response = await self._send(part)
        else:
            response = _refusal(part, 424, "FailedDependency", "The dependent request failed.")
        self._responses.append(response)
        if response["status"] < 400:
            self._succeeded.add(part.key)
        self._finished[part.key].set()

    async def _send(self, part: _Part) -> dict[str, Any]:
        try:
            request = self._request(part)
        except (httpx.InvalidURL, ValueError):
            return _refusal(part, 400, "BadRequest", f"Request '{part.id}' cannot be read.")
        try:
            answer = await self._client.send(request)
        except httpx.HTTPError:
            return _refusal(part, 502, "UnknownError", "")
        response: dict[str, Any] = {"id": part.id, "status": answer.status_code, "headers": _headers(answer)}
        if answer.content:
            response["body"] = _decoded(answer)
        return response

    def _request(self, part: _Part) -> httpx.Request:
        """Raises InvalidURL or ValueError for a part that is no request to Graph."""
        content, headers = _encoded(part)
        request = self._client.build_request(part.method, self._root + part.url, content=content, headers=headers)
        if not request.url.path.startswith(f"{self._root}/"):
            raise ValueError("the address leads out of Graph")
        return request


def _parts(raw: bytes) -> list[_Part]:
    try:
        requests = json.loads(raw)["requests"]
        parts = [_part(request) for request in requests]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise bad_request("Invalid batch payload format.") from error
    if not parts or len(parts) > _LIMIT:
        raise bad_request(f"Number of batch request steps exceeds the maximum value of {_LIMIT}.")
    seen: set[str] = set()
    for part in parts:
        if part.key in seen:
            raise bad_request("Request Id has to be unique in a batch.")
        if not seen.issuperset(part.depends_on):
            raise bad_request(f"Request '{part.id}' depends on a request that is not before it.")
        seen.add(part.key)
    return parts


def _part(request: Mapping[str, Any]) -> _Part:
    headers = {str(name).lower(): str(value) for name, value in (request.get("headers") or {}).items()}
    url = "/" + str(request["url"]).lstrip("/")
    if "$batch" in url.lower():
        raise bad_request("A batch cannot hold another one.")
    if request.get("body") is not None and "content-type" not in headers:
        raise bad_request(f"Request '{request['id']}' has a body and no Content-Type header.")
    depends_on = tuple(str(name).lower() for name in request.get("dependsOn") or ())
    return _Part(str(request["id"]), str(request["method"]).upper(), url, headers, request.get("body"), depends_on)


def _encoded(part: _Part) -> tuple[bytes | None, dict[str, str]]:
    headers = {name: value for name, value in part.headers.items() if name not in ("content-length", "authorization")}
    if part.body is None:
        return None, headers
    if "json" in headers["content-type"]:
        return json.dumps(part.body).encode(), headers
    # Other bodies are base64 in a batch, but those of MIME are base64 already.
    text = str(part.body)
    return (text.encode() if headers["content-type"].startswith("text/plain") else base64.b64decode(text)), headers


def _refusal(part: _Part, status: int, code: str, message: str) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"id": part.id, "status": status, "headers": {}, "body": {"error": error}}


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in _PART_HEADERS if name in answer.headers}


def _decoded(answer: httpx.Response) -> Any:
    if "json" in answer.headers.get("content-type", ""):
        try:
            return answer.json()
        except ValueError:
            return answer.text
    return base64.b64encode(answer.content).decode("ascii")
