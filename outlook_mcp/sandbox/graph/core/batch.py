"""$batch: up to twenty requests in one; each part goes through the whole application as a request of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope

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
    return json_response({"responses": await _BatchRun(request, parts).responses()})


class _BatchRun:
    def __init__(self, request: Request, parts: list[_Part]) -> None:
        self._app: ASGIApp = request.app
        self._origin = f"{request.url.scheme}://{request.url.netloc}"
        self._root = request.url.path[: -len("/$batch")]
        self._inherited = {name: value for name, value in request.headers.items() if name not in _NOT_INHERITED}
        self._parts = parts
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
            scope, content = self._request(part)
        except (httpx.InvalidURL, ValueError):
            return _refusal(part, 400, "BadRequest", f"Request '{part.id}' cannot be read.")
        answer = _Answer()
        # What fails has been logged where it failed.
        with suppress(Exception):
            await self._app(scope, answer.receiving(content), answer.send)
        headers = {name: answer.headers[name] for name in _PART_HEADERS if name in answer.headers}
        response: dict[str, Any] = {"id": part.id, "status": answer.status, "headers": headers}
        if answer.content:
            response["body"] = _decoded(answer)
        return response

    def _request(self, part: _Part) -> tuple[Scope, bytes]:
        """The part for the application, and its body. Raises InvalidURL or ValueError for no request to Graph."""
        content, headers = _encoded(part)
        url = httpx.URL(self._origin + self._root + part.url)
        if not url.path.startswith(f"{self._root}/"):
            raise ValueError("the address leads out of Graph")
        sent = {**self._inherited, **headers, **({"content-length": str(len(content))} if content else {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": part.method,
            "headers": [(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": None,
            "root_path": "",
        }
        return scope, content


class _Answer:
    """What the application sends; 500 until it sends anything."""

    def __init__(self) -> None:
        self.status = 500
        self.headers = Headers()
        self.content = b""
        self._is_whole = anyio.Event()

    def receiving(self, content: bytes) -> Receive:
        """Gives the application the body, and then lets it wait for the end of its answer."""
        left = [content]

        async def receive() -> Message:
            if left:
                return {"type": "http.request", "body": left.pop(), "more_body": False}
            await self._is_whole.wait()
            return {"type": "http.disconnect"}

        return receive

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], Headers(raw=message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.content += message.get("body", b"")
            if not message.get("more_body", False):
                self._is_whole.set()


def _parts(raw: bytes) -> list[_Part]:
    try:
        requests = json.loads(raw)["requests"]
        parts = [_part(request) for request in requests]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise bad_request("Invalid batch payload format.") from error
    if not parts:
        raise bad_request("A batch holds at least one request.")
    if len(parts) > _LIMIT:
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


def _encoded(part: _Part) -> tuple[bytes, dict[str, str]]:
    headers = {name: value for name, value in part.headers.items() if name not in ("content-length", "authorization")}
    if part.body is None:
        return b"", headers
    if "json" in headers["content-type"]:
        return json.dumps(part.body).encode(), headers
    # Other bodies are base64 in a batch, but those of MIME are base64 already.
    text = str(part.body)
    return (text.encode() if headers["content-type"].startswith("text/plain") else base64.b64decode(text)), headers


def _refusal(part: _Part, status: int, code: str, message: str) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"id": part.id, "status": status, "headers": {}, "body": {"error": error}}


def _decoded(answer: _Answer) -> Any:
    if "json" in answer.headers.get("content-type", ""):
        try:
            return json.loads(answer.content)
        except ValueError:
            return answer.content.decode("utf-8", "replace")
    return base64.b64encode(answer.content).decode("ascii")
