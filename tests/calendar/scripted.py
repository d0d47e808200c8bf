"""A Graph that has what a test puts into it, for answers that the sandbox never gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.calendar.area import Calendar
from outlook_mcp.calendar.calendars import PeopleByName
from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.models import Event
from tests.calendar.shown import BERLIN, IDS
from tests.graph.scripted_graph import ALICE, ScriptedGraph, Tokens, factory_for, refusal, serving

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
Found = Mapping[str, Any] | list[Any] | Response


@dataclass
class CalendarGraph:
    """What each path answers, also within batches; a list is a page. Every other path is not found."""

    found: dict[str, Found] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    def answer_of(self, path: str, query: str) -> Response:
        options = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        self.asked.append((unquote(path), options))
        found = self.found.get(unquote(path))
        if found is None:
            return refusal(404, "ErrorItemNotFound")
        if isinstance(found, Response):
            return found
        return JSONResponse({"value": found} if isinstance(found, list) else found)

    def __call__(self, request: Request) -> Response:
        path = request.url.path.removeprefix("/v1.0")
        body: Any = json.loads(request._body) if request._body else {}
        if path != "/$batch":
            self.bodies.append(body)
            return self.answer_of(path, request.url.query)
        parts = []
        for part in body["requests"]:
            answer = self.answer_of(*part["url"].partition("?")[::2])
            parts.append({"id": part["id"], "status": answer.status_code, "body": json.loads(bytes(answer.body))})
        return JSONResponse({"responses": parts})


@asynccontextmanager
async def calendar_of(
    graph: CalendarGraph,
    *,
    zone: ZoneInfo = BERLIN,
    now: datetime = NOW,
    is_foreign: bool = False,
    people: PeopleByName | None = None,
) -> AsyncIterator[Calendar]:
    """Alice's calendar in such a Graph; or one that she shares with somebody."""
    scripted = ScriptedGraph(otherwise=graph)
    async with serving(scripted) as url:
        scripted.url = url
        async with factory_for(scripted, Tokens(), area=CALENDAR) as factory:
            client = factory.for_user(ALICE, None, CALENDAR)
            address = "alice@contoso.example"
            yield Calendar(client, IDS, zone, address=address, is_foreign=is_foreign, people=people, clock=lambda: now)


def wire_event(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(event)
    return found
