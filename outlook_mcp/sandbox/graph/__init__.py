"""Microsoft Graph v1.0 for the data of a user: what all areas share in `core`, and a folder for each area.

An area is added here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from outlook_mcp.sandbox.graph.contacts.call import PeopleSources
from outlook_mcp.sandbox.graph.contacts.operations import contacts_area
from outlook_mcp.sandbox.graph.core.routing import Graph
from outlook_mcp.sandbox.graph.mail.operations import mail_area
from outlook_mcp.sandbox.graph.mail.uploads import UploadSession
from outlook_mcp.sandbox.graph.not_imitated import is_not_imitated
from outlook_mcp.sandbox.graph.users.operations import user_search_area, users_area
from outlook_mcp.sandbox.store import MailStore

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


def graph_routes(store: MailStore, *, upload_origin: Callable[[str], str]) -> list[BaseRoute]:
    """To be mounted at /v1.0 behind authentication, which sets `request.state.caller`."""
    people = PeopleSources(store.database, store.accounts, store.correspondents)
    areas = (
        users_area(),
        user_search_area(store.accounts),
        mail_area(store, upload_origin),
        contacts_area(people),
    )
    graph = Graph(store.accounts, areas, is_not_imitated)

    async def endpoint(request: Request) -> Response:
        return await graph(request)

    return [Route("/{path:path}", endpoint, methods=_METHODS)]


def upload_routes(store: MailStore) -> list[BaseRoute]:
    """For the other origin, without authentication: the URL of a session is its secret."""
    session = UploadSession(store)

    async def endpoint(request: Request) -> Response:
        return await session(request)

    path = "/api/v2.0/Users('{oid}@{tid}')/Messages('{message}')/AttachmentSessions('{session}')"
    return [Route(path, endpoint, methods=["GET", "PUT", "DELETE"])]
