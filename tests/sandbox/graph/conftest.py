"""The Graph routes over ASGI, behind a stand-in for authentication that reads who is calling from the token."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.graph import graph_routes, upload_routes
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store import Mailbox, MailStore, StoredMessage, open_database

TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "99999999-2222-4333-8444-555555555555"
ANNA = "aaaaaaaa-0000-4000-8000-000000000001"
BEN = "bbbbbbbb-0000-4000-8000-000000000002"
CARLA = "cccccccc-0000-4000-8000-000000000003"
UPNS = {ANNA: "anna@contoso.com", BEN: "ben@contoso.com", CARLA: "carla@fabrikam.com"}
UPLOADS = "http://uploads.test"
EVERYTHING = (*("Mail.Read", "Mail.ReadWrite", "Mail.Send", "User.Read", "MailboxSettings.ReadWrite"),)

IN_ALL_AREAS = (
    *EVERYTHING,
    *("User.ReadWrite", "User.ReadBasic.All", "Calendars.ReadWrite", "Contacts.ReadWrite", "People.Read"),
    "Place.Read.All",
)


class IdentityFromToken:
    """The token is `oid scope scope ...`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            token = dict(scope["headers"])[b"authorization"].decode().removeprefix("Bearer ")
            oid, *scopes = token.split(" ")
            tid = OTHER_TENANT if oid == CARLA else TENANT
            upn = UPNS.get(oid, "nobody@contoso.com")
            scope.setdefault("state", {})["caller"] = Caller(tid, oid, upn, frozenset(scopes), "test-app")
        await self._app(scope, receive, send)


@dataclass
class Exchange:
    """One answer of the server, for the check of all of them."""

    method: str
    path: str
    status: int
    content_type: str
    body: bytes


@dataclass
class Client:
    """Requests of one user; paths are below /v1.0, absolute URLs stay as they are."""

    http: httpx.AsyncClient
    oid: str
    scopes: tuple[str, ...] = EVERYTHING
    seen: list[Exchange] = field(default_factory=list)

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {' '.join((self.oid, *self.scopes))}", **more.pop("headers", {})}
        url = path if path.startswith("http") else f"/v1.0{path}"
        response = await self.http.request(method, url, headers=headers, **more)
        kind = response.headers.get("content-type", "")
        self.seen.append(Exchange(method, path, response.status_code, kind, response.content))
        return response

    async def get(self, path: str, status: int = 200, **more: Any) -> Any:
        return await self._json("GET", path, status, **more)

    async def post(self, path: str, body: Any = None, status: int = 201, **more: Any) -> Any:
        return await self._json("POST", path, status, json=body if body is not None else {}, **more)

    async def patch(self, path: str, body: Any, status: int = 200, **more: Any) -> Any:
        return await self._json("PATCH", path, status, json=body, **more)

    async def delete(self, path: str, status: int = 204, **more: Any) -> Any:
        return await self._json("DELETE", path, status, **more)

    async def fails(self, method: str, path: str, status: int, **more: Any) -> str:
        """The error code of an answer that must be an error."""
        answer = await self._json(method, path, status, **more)
        return str(answer["error"]["code"])

    async def _json(self, method: str, path: str, status: int, **more: Any) -> Any:
        response = await self.request(method, path, **more)
        assert response.status_code == status, response.text
        return json.loads(response.content) if response.content else None


@pytest.fixture
def store() -> Iterator[MailStore]:
    store = MailStore(open_database(), send_delay_s=0.01)
    store.add_mailbox(TENANT, ANNA, UPNS[ANNA], "Anna Berg")
    store.add_mailbox(TENANT, BEN, UPNS[BEN], "Ben Cole")
    store.add_mailbox(OTHER_TENANT, CARLA, UPNS[CARLA], "Carla Diaz")
    yield store
    store.close()


@pytest.fixture
def app(store: MailStore) -> Starlette:
    routes = [Mount("/v1.0", routes=graph_routes(store, upload_origin=lambda _scheme: UPLOADS))]
    return Starlette(routes=routes, middleware=[Middleware(IdentityFromToken)])


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://graph.test") as client:
        yield client


@pytest.fixture
async def uploads(store: MailStore) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=upload_routes(store)))
    async with httpx.AsyncClient(transport=transport, base_url=UPLOADS) as client:
        yield client


@pytest.fixture
def anna(http: httpx.AsyncClient) -> Client:
    return Client(http, ANNA)


@pytest.fixture
def whole(anna: Client) -> Client:
    """Anna with the permissions of all areas."""
    return dataclasses.replace(anna, scopes=IN_ALL_AREAS)


@pytest.fixture
def ben(http: httpx.AsyncClient) -> Client:
    return Client(http, BEN)


@pytest.fixture
def carla(http: httpx.AsyncClient) -> Client:
    return Client(http, CARLA)


@pytest.fixture
def mailbox(store: MailStore) -> Mailbox:
    """Anna's."""
    return store.mailbox(ANNA)


def mail(subject: str = "Budget", **fields: Any) -> Message:
    defaults: dict[str, Any] = {
        "body": "<p>The numbers are in.</p>",
        "body_type": "html",
        "from_": Address("dora@example.org", "Dora Ek"),
        "to": [Address(UPNS[ANNA], "Anna Berg")],
    }
    return Message(subject=subject, **{**defaults, **fields})


@pytest.fixture
def received(mailbox: Mailbox) -> StoredMessage:
    """A message in Anna's inbox."""
    return mailbox.insert_message(mail())
