"""A refusal of Graph says that a permission is missing only when it was not granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.server.services import Services
from tests.callers import FixedCaller
from tests.e2e.office import Office, refusal

USER = UserKey("tenant", "somebody")


async def test_a_granted_permission_is_not_said_to_be_missing(office: Office) -> None:
    async with office.client(office.alice) as client:
        office.sandbox.faults.replace_rules([Fault(route="/v1.0/me/mailFolders/*/messages", status=403)])
        told = await refusal(client, "mail_search")
        assert "The permission Mail.Read was granted, so signing in again does not help" in told


@dataclass
class OneMailbox:
    scopes: tuple[str, ...]

    async def connections_of(self, user: UserKey) -> tuple[Connection, ...]:
        return (await self.choose(user, None),)

    async def choose(self, user: UserKey, account: str | None) -> Connection:
        if account == "away":
            raise StoreUnavailable("The store is away.")
        return Connection(
            id=ConnectionId("c"),
            owner=user,
            name="work",
            tid=user.tid,
            oid=user.oid,
            address="somebody@contoso.example",
            display_name="Somebody",
            scopes=self.scopes,
            connected_at=datetime.now(UTC),
            is_default=True,
        )


@pytest.mark.parametrize(
    ("scopes", "permission", "account", "granted"),
    [
        (("https://graph.microsoft.com/Mail.ReadWrite",), "Mail.Read", None, True),
        (("Mail.Read",), "Mail.ReadWrite", None, False),
        ((), "Mail.Read", None, None),
        (("Mail.Read",), "Mail.Read", "away", None),
    ],
)
async def test_whether_a_permission_was_granted_is_known_from_the_connection(
    scopes: tuple[str, ...], permission: str, account: str | None, granted: bool | None
) -> None:
    nothing = cast(Any, None)
    services = Services(FixedCaller(USER), OneMailbox(scopes), nothing, nothing, nothing)
    assert await services.is_granted(permission, account) is granted
