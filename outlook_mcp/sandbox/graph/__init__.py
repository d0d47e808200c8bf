"""Microsoft Graph v1.0 for the data of a user: what all areas share in `core`, and a folder for each area.

An area is added here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from outlook_mcp.sandbox.directory import CONSUMERS
from outlook_mcp.sandbox.graph.calendar.call import CalendarCall, CalendarSources
from outlook_mcp.sandbox.graph.calendar.event_json import event_json
from outlook_mcp.sandbox.graph.calendar.operations import calendar_area
from outlook_mcp.sandbox.graph.contacts.call import PeopleSources
from outlook_mcp.sandbox.graph.contacts.operations import contacts_area
from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.routing import Graph
from outlook_mcp.sandbox.graph.mail.call import EventJson
from outlook_mcp.sandbox.graph.mail.operations import mail_area
from outlook_mcp.sandbox.graph.mail.uploads import UploadSession
from outlook_mcp.sandbox.graph.not_imitated import is_not_imitated
from outlook_mcp.sandbox.graph.places.operations import places_area
from outlook_mcp.sandbox.graph.users.operations import user_search_area, users_area
from outlook_mcp.sandbox.mime.calendar import CalendarEvent
from outlook_mcp.sandbox.store import MailStore
from outlook_mcp.sandbox.store.calendar.attendant import event_of_mail
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.rooms import Rooms
from outlook_mcp.sandbox.store.mail.grants import may_open
from outlook_mcp.sandbox.store.mail.settings import settings_of


class _Endpoint:
    """An application and no function, which Starlette would answer other methods for, in words that are not Graph's."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._graph(Request(scope, receive, send))
        await response(scope, receive, send)


def graph_routes(store: MailStore, *, upload_origin: Callable[[str], str]) -> list[BaseRoute]:
    """To be mounted at /v1.0 behind authentication, which sets `request.state.caller`."""
    people = PeopleSources(store.database, store.accounts, store.correspondents)
    calendars = calendar_sources(store)
    areas = (
        users_area(),
        user_search_area(store.accounts),
        mail_area(store, upload_origin, _event_json(calendars)),
        contacts_area(people),
        calendar_area(calendars),
        places_area(Rooms(store.database)),
    )
    return [Route("/{path:path}", _Endpoint(Graph(store.accounts, areas, is_not_imitated)))]


def calendar_sources(store: MailStore) -> CalendarSources:
    """What calendars need of the mail of their owners."""

    def opens(account: Account, oid: str, is_change: bool) -> bool:
        return may_open(store.of_account(account), oid, to_write=is_change)

    return CalendarSources(
        database=store.database,
        accounts=store.accounts,
        send=store.send,
        working_hours=lambda account: settings_of(store.of_account(account))["workingHours"],
        may_open=opens,
        is_personal=lambda account: account.tid == CONSUMERS.tid,
    )


def _event_json(sources: CalendarSources) -> EventJson:
    """For mail, which knows of events no more than what meeting messages say."""

    def event_in_calendar(call: Call, meeting: CalendarEvent) -> Mapping[str, Any] | None:
        calendar_call = CalendarCall.of(call, sources)
        event = event_of_mail(calendar_call.events, meeting)
        return None if event is None else event_json(calendar_call, event)

    return event_in_calendar


def upload_routes(store: MailStore) -> list[BaseRoute]:
    """For the other origin, without authentication: the URL of a session is its secret."""
    session = UploadSession(store)

    async def endpoint(request: Request) -> Response:
        return await session(request)

    path = "/api/v2.0/Users('{oid}@{tid}')/Messages('{message}')/AttachmentSessions('{session}')"
    return [Route(path, endpoint, methods=["GET", "PUT", "DELETE"])]
