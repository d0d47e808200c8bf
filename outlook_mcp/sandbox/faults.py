"""Fault injection: wrong answers, delays and dropped connections on chosen requests."""

from __future__ import annotations

import json
import re
from asyncio import Transport  # uvicorn runs on asyncio: the connection of a request is such a transport.
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal
from urllib.parse import unquote_plus

import anyio
from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.listeners import TRANSPORT
from outlook_mcp.sandbox.refusal import graph_refusal

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_BODILESS = frozenset({204, 304})
_GRAPH_CODES = {
    400: ("BadRequest", "The request was refused."),
    401: ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    403: ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    404: ("ErrorItemNotFound", "The specified object was not found in the store."),
    429: ("TooManyRequests", "Please retry again later."),
    500: ("InternalServerError", "An internal server error occurred."),
    502: ("BadGateway", "The upstream service answered nothing usable."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "The upstream service did not answer in time."),
}


class Fault(BaseModel):
    """One rule: it skips `skip` matching requests, then applies to `times` of them (None: to all).

    `route` is a pattern of the path, `query` a part of the decoded query string, such as `$search=`. With `carried_out`
    the request has its effect, and is then answered as the fault says. `answer_delay_s` passes between the two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: str = Field(min_length=1)
    query: str | None = None
    method: str | None = None
    user: str | None = None
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)
    status: int | None = Field(default=None, ge=200, le=599)
    headers: dict[str, str] = {}
    body: JsonValue = None
    delay_s: float = Field(default=0, ge=0, le=3600)
    answer_delay_s: float = Field(default=0, ge=0, le=3600)
    carried_out: bool = False
    cut: Literal["before", "after", "body"] | None = None

    @field_validator("headers")
    @classmethod
    def _sendable(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise ValueError("a header name or value cannot be sent over HTTP")
        return headers

    @property
    def answers(self) -> bool:
        """Whether the fault is an answer of its own; then the request has no effect, unless it is `carried_out`."""
        return self.status is not None or self.body is not None

    def matches(self, scope: Scope) -> bool:
        caller: Caller | None = scope.get("state", {}).get("caller")
        if self.method is not None and self.method.upper() != scope["method"]:
            return False
        if self.user is not None and (caller is None or self.user.lower() not in (caller.upn, caller.oid)):
            return False
        if self.query is not None and self.query not in unquote_plus(scope["query_string"].decode("latin-1")):
            return False
        return fnmatchcase(scope["path"].lower(), self.route.lower())


@dataclass(slots=True)
class _Rule:
    fault: Fault
    skip: int
    left: int | None


class Faults:
    """The rules in force; the first that matches and is not used up applies.

    `applied` counts the requests that met one since the rules were replaced; `waiting` of them are delayed now.
    """

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._closing = anyio.Event()
        self.waiting = 0
        self.applied = 0

    def replace_rules(self, faults: Sequence[Fault]) -> None:
        self.applied = 0
        self._rules = [_Rule(fault, fault.skip, fault.times) for fault in faults]

    def claim(self, scope: Scope) -> Fault | None:
        for rule in self._rules:
            if rule.left == 0 or not rule.fault.matches(scope):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.left is not None:
                rule.left -= 1
            self.applied += 1
            return rule.fault
        return None

    async def pause(self, seconds: float) -> None:
        """Waits, but no longer than the sandbox runs."""
        if not seconds:
            return
        self.waiting += 1
        try:
            with anyio.move_on_after(seconds):
                await self._closing.wait()
        finally:
            self.waiting -= 1

    def close(self) -> None:
        self._closing.set()


class FaultInjection:
    """Middleware that applies the rules; the control API is exempt."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exempt = scope["type"] != "http" or scope["path"].startswith("/_sandbox")
        fault = None if exempt else self._faults.claim(scope)
        if fault is None:
            await self._app(scope, receive, send)
            return
        await self._faults.pause(fault.delay_s)
        if fault.cut == "before":
            await _drop(scope, receive, send)
            return
        if fault.carried_out or fault.answer_delay_s:
            app = await self._answer_kept_back(fault, scope, receive)
        else:
            app = _fault_answer(fault, scope) if fault.answers else self._app
        if fault.cut is None:
            await app(scope, receive, _with_headers(fault, send))
            return
        await self._cut_off(app, fault, scope, receive, send)

    async def _answer_kept_back(self, fault: Fault, scope: Scope, receive: Receive) -> ASGIApp:
        """Lets the request have its effect; returns the answer to give after the delay."""
        answer = await _answer_of(self._app, scope, receive)
        await self._faults.pause(fault.answer_delay_s)
        if fault.answers:
            return _fault_answer(fault, scope)

        async def given(_scope: Scope, _receive: Receive, send: Send) -> None:
            for message in answer:
                await send(message)

        return given

    async def _cut_off(self, app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _answer_of(app, scope, receive, fault)
        if fault.cut == "body":
            start, *parts = answer
            body = b"".join(part.get("body", b"") for part in parts)
            MutableHeaders(scope=start)["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _drop(scope, receive, send, started=fault.cut == "body")


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive, fault: Fault | None = None) -> list[Message]:
    """The messages of the answer, with the headers of the fault."""
    answer: list[Message] = []

    async def keep(message: Message) -> None:
        answer.append(message)

    await app(scope, receive, keep if fault is None else _with_headers(fault, keep))
    return answer


def _with_headers(fault: Fault, send: Send) -> Send:
    async def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in fault.headers.items():
                headers[name] = value
        await send(message)

    return changed


def _fault_answer(fault: Fault, scope: Scope) -> ASGIApp:
    status = fault.status or 200
    if status in _BODILESS:
        return Response(status_code=status)
    if fault.body is None:
        if not scope["path"].startswith("/v1.0"):
            return Response(status_code=status)
        code, message = _GRAPH_CODES.get(status, ("UnknownError", ""))
        return graph_refusal(scope, status, code, message)
    if isinstance(fault.body, str):
        return Response(fault.body, status, media_type="text/plain")
    return Response(json.dumps(fault.body), status, media_type="application/json")


async def _drop(scope: Scope, receive: Receive, send: Send, *, started: bool = False) -> None:
    """Closes the connection; a part of a `$batch` has none of its own and ends as 504."""
    transport: Transport | None = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        if started:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await graph_refusal(scope, 504, *_GRAPH_CODES[504])(scope, receive, send)
        return
    if started:
        transport.close()
    else:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        continue
