"""Calls an endpoint of the SDK with changed parameters and returns its response, to be checked before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Scope

from outlook_mcp.web.http.parameters import FORM

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# Without the reason, which is logged: it may name files and hosts.
UNAVAILABLE = "The server is temporarily unavailable."
RETRY_AFTER_S = 5


async def call_with_query(app: ASGIApp, request: Request, parameters: Mapping[str, str]) -> Response:
    """Calls it with GET and `parameters`, whatever the method of `request`."""
    query = urlencode(parameters).encode()
    return await _call_app(app, {**request.scope, "method": "GET", "query_string": query}, b"")


async def call_with_form(app: ASGIApp, request: Request, parameters: Mapping[str, str]) -> Response:
    """Calls it with the method of `request` and `parameters` as a form."""
    return await call_with_body(app, request, urlencode(parameters).encode(), FORM)


async def call_with_body(app: ASGIApp, request: Request, body: bytes, content_type: str) -> Response:
    """Calls it with the method and headers of `request` and another body."""
    headers = [
        (name, value) for name, value in request.scope["headers"] if name not in (b"content-type", b"content-length")
    ]
    described = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    return await _call_app(app, {**request.scope, "headers": [*headers, *described]}, body)


async def _call_app(app: ASGIApp, scope: Scope, body: bytes) -> Response:
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
