"""Asking an endpoint of the SDK and looking at its answer before it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Scope

from outlook_mcp.web.authorization.parameters import FORM

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# What went wrong in here is for our log; it may name files and hosts.
UNAVAILABLE = "The server cannot answer just now."
RETRY_AFTER_S = 5


async def ask_with_query(app: ASGIApp, request: Request, parameters: Mapping[str, str]) -> Response:
    """As a GET, however the parameters came."""
    query = urlencode(parameters).encode()
    return await _ask(app, {**request.scope, "method": "GET", "query_string": query}, b"")


async def ask_with_form(app: ASGIApp, request: Request, parameters: Mapping[str, str]) -> Response:
    return await ask_with_body(app, request, urlencode(parameters).encode(), FORM)


async def ask_with_body(app: ASGIApp, request: Request, body: bytes, content_type: str) -> Response:
    kept = [
        (name, value) for name, value in request.scope["headers"] if name not in (b"content-type", b"content-length")
    ]
    described = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    return await _ask(app, {**request.scope, "headers": [*kept, *described]}, body)


async def _ask(app: ASGIApp, scope: Scope, body: bytes) -> Response:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    response = Response(b"".join(message.get("body", b"") for message in rest), start["status"])
    response.raw_headers = list(start["headers"])
    return response
