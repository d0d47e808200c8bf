"""Hands the requests of the product's Graph client to calendars in memory, and lets some of them fail."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from outlook_mcp.graph.errors import Purpose, from_answer
from outlook_mcp.graph.requests import resource_request
from outlook_mcp.graph.settings import GraphSettings
from tests.calendar.fake_tenant import FakeTenant, Refused

_BUILDERS = importlib.import_module("msgraph.generated.users.item.user_item_request_builder")


@dataclass
class FakeSender:
    """Takes the place of `RequestSender` for one user of the tenant."""

    tenant: FakeTenant
    user: str
    settings: GraphSettings = field(default_factory=lambda: GraphSettings(backoff_s=0.0))

    @property
    def service(self) -> Any:
        return self

    @property
    def me(self) -> Any:
        return _BUILDERS.UserItemRequestBuilder(object(), {"user%2Did": "me-token-to-replace"})

    def resource_request(self, builder: Any, method: str, **parts: Any) -> Any:
        return resource_request(self.settings.base_url, builder, method, **parts)

    async def send(self, request: Any, purpose: Purpose) -> bytes | None:
        method = request.http_method.value
        parts = urlsplit(request.url)
        path = unquote(parts.path).partition("/v1.0")[2]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.tenant.requests.append((self.user, method, path))
        if method == "GET" and self.tenant.is_blind:
            raise from_answer(503, {}, purpose)
        fault = self.tenant.faults.pop(0) if method != "GET" and self.tenant.faults else ""
        self.tenant.is_blind |= bool(fault) and self.tenant.goes_blind
        name, _, when = fault.partition(" ")
        if fault and when != "after":
            raise _failure(name, purpose)
        body = json.loads(bytes(request.content)) if request.content else None
        etag = next(iter(request.headers.get("If-Match") or ()), "")
        try:
            answer = self.tenant.carry_out(self.user, method, path, query, body, etag)
        except Refused as refused:
            raise from_answer(refused.status, {}, purpose, graph_code=refused.code) from None
        if fault:
            raise _failure(name, purpose)
        return None if answer is None else json.dumps(answer).encode()


class Killed(BaseException):
    """The process ended in the middle of a request."""


def _failure(name: str, purpose: Purpose) -> BaseException:
    if name == "killed":
        return Killed()
    if name == "lost":
        return purpose.unknown_send("No answer came.") if purpose.is_send else purpose.unavailable("No answer came.")
    return from_answer(int(name), {}, purpose, graph_code="ErrorOther")
