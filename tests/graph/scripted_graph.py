"""A loopback HTTP server that answers what a test tells it and remembers what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.area import MAIL
from outlook_mcp.sandbox.listeners import Listener, bind, port_of
from outlook_mcp.sandbox.listeners import serving as listening

ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")

Answer = Response | Callable[[Request], Response]


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedGraph:
    """`answers` are used up in order; after that `otherwise` answers."""

    answers: list[Answer] = field(default_factory=list)
    otherwise: Answer = field(default_factory=lambda: page("m1"))
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append(
            Asked(
                request.method,
                scope["raw_path"].decode().partition("?")[0],
                request.url.query,
                dict(request.headers),
                body,
            )
        )
        answer = self.answers.pop(0) if self.answers else self.otherwise
        response = answer if isinstance(answer, Response) else answer(request)
        await response(scope, receive, send)


@dataclass
class Tokens:
    """Token source of the tests: the token names its user and counts the renewals."""

    claims: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    users: list[UserKey] = field(default_factory=list)

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        self.users.append(user)
        if claims is not None:
            self.claims.append(claims)
        if rejected is not None:
            self.rejected.append(rejected.get_secret_value())
        number = len(self.claims) + len(self.rejected)
        return SecretStr(f"token-of-{user.oid}-{connection or 'own'}-{number}")


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The address of `app`, served on a free loopback port."""
    socket = bind(0)
    async with listening(Listener(app, socket)):
        yield f"http://127.0.0.1:{port_of(socket)}"


@asynccontextmanager
async def factory_for(
    graph: ScriptedGraph, tokens: Tokens, *, area: GraphArea = MAIL, **settings: Any
) -> AsyncIterator[EmailClientFactory]:
    factory = EmailClientFactory(GraphSettings(base_url=f"{graph.url}/v1.0", **settings), tokens, lambda: [area])
    await factory.warm()
    try:
        yield factory
    finally:
        await factory.aclose()


def page(*ids: str, next_link: str | None = None, headers: dict[str, str] | None = None) -> Response:
    body: dict[str, Any] = {
        "@odata.context": "x",
        "value": [{"id": message_id, "@odata.etag": "W/1"} for message_id in ids],
    }
    if next_link:
        body["@odata.nextLink"] = next_link
    return JSONResponse(body, headers=headers)


def refusal(status: int, code: str, message: str = "No.", **headers: str) -> Response:
    inner = {"date": "2026-11-01T00:00:00", "request-id": "r-1", "client-request-id": "c-1"}
    body = {"error": {"code": code, "message": message, "innerError": inner}}
    return JSONResponse(body, status, headers={name.replace("_", "-"): value for name, value in headers.items()})


class CutOff(Response):
    """Promises more than it sends, then closes the connection."""

    def __init__(self, sent: bytes = b'{"value":[{"id"', promised: int = 500) -> None:
        super().__init__(b"")
        self._sent, self._promised = sent, promised

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(self._promised).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._sent, "more_body": True})
        # Leaving an answer unfinished makes the server drop the connection.


class Silence(Response):
    """Never answers while the client is there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


def endless(media_type: str = "application/json") -> Response:
    async def body() -> AsyncIterator[bytes]:
        while True:
            await anyio.lowlevel.checkpoint()
            yield b" " * 65536

    return StreamingResponse(body(), media_type=media_type)
