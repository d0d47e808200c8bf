"""A search by nobody in a mailbox with nothing in it, so that the first one of a person finds all of its code ready.

Nothing is sent, nothing of the vault is read or written, and nothing is on record.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import httpx
from pydantic import SecretBytes, SecretStr

from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.email_config import ChangeConfig, UserEmailConfig
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.net.clock import unix_time, utc_now
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.server.call_record import CallRecord
from outlook_mcp.server.services import Call, CallServices, Services
from outlook_mcp.tools.mail_search import mail_search
from outlook_mcp.workspace.lazy import graph_areas
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.shared import SharedByServers

_NOBODY = SERVER
# An address that the transport never gets to see.
_NOWHERE = GraphSettings(base_url="http://localhost/v1.0")
_NO_KEY = SecretBytes(bytes(32))
# In the place of what a search does not use.
_UNUSED: Any = None


class _EmptyMailbox(httpx.AsyncBaseTransport):
    """Answers in the place of Microsoft Graph: with an empty list, or an item that has an id and nothing else."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        nothing = {"id": "nothing", "value": []}
        asked = json.loads(await request.aread() or b"{}").get("requests", ())
        parts = [{"id": part["id"], "status": 200, "body": nothing} for part in asked]
        return httpx.Response(200, json={"responses": parts} if parts else nothing, request=request)


class _Nobody:
    """The caller, with one mailbox, and all that a search is told of them."""

    async def context(self) -> UserContext:
        now = utc_now()
        return UserContext(_NOBODY, Session(user=_NOBODY, transport="stdio", created=now, last_seen=now))

    async def allows(self, scope: str) -> bool:
        return True

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        return Connection(
            id=ConnectionId("nobody"),
            owner=user,
            name="",
            tid=user.tid,
            oid=user.oid,
            address="",
            display_name="",
            scopes=(),
            connected_at=utc_now(),
            is_default=True,
        )

    async def connections_of(self, user: UserKey) -> tuple[Connection, ...]:
        return (await self.choose(user, None),)

    async def access_token(
        self,
        user: UserKey,
        connection: ConnectionId | None = None,
        *,
        claims: str | None = None,
        rejected: SecretStr | None = None,
    ) -> SecretStr:
        return SecretStr("none")


class _Configs:
    """Of the one mailbox, which is known."""

    async def config_of(self, user: UserKey, connection: ConnectionId | None = None) -> UserEmailConfig:
        return UserEmailConfig(address="nobody@localhost", mailbox_guid=bytes(16).hex(), zone_asked=int(unix_time()))

    async def change_config(
        self, user: UserKey, change: ChangeConfig, connection: ConnectionId | None = None
    ) -> UserEmailConfig | None:
        """Nothing is kept."""
        return change(await self.config_of(user, connection))

    async def delete_config(self, user: UserKey, connection: ConnectionId | None = None) -> None:
        """Nothing was kept."""


async def rehearse_search() -> None:
    """Opens the mailbox of nobody and lists all of its mail, as a call does. The Graph SDK is loaded for it."""
    nobody = _Nobody()
    clients = EmailClientFactory(_NOWHERE, nobody, graph_areas, transport=_EmptyMailbox())
    shared = SharedByServers(
        cursor_key=_NO_KEY, check_key=_NO_KEY, marks=_UNUSED, kept=_UNUSED, counter=_UNUSED, selections=_UNUSED
    )
    workspaces = EmailWorkspaceManager(clients, _Configs(), shared=shared)
    services = Services(nobody, nobody, workspaces, sign_ins=_UNUSED, audit=_UNUSED)
    context = SimpleNamespace(lifespan_context=CallServices(services, CallRecord(())))
    try:
        call = cast(Call, SimpleNamespace(request_context=context))
        await mail_search.run(call, folder="all")
    finally:
        await workspaces.aclose()
        await clients.aclose()
