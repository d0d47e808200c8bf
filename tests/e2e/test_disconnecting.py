"""A mailbox that was disconnected is closed where it was open."""

from __future__ import annotations

import pytest

from outlook_mcp.app import open_app
from outlook_mcp.errors import SignInRequired
from tests.e2e.office import Office


async def test_an_open_mailbox_closes_when_it_is_disconnected(office: Office) -> None:
    async with open_app(await office.sign_in(office.alice)) as app:
        user = await app.caller.user()
        connection = await app.mailboxes.choose(user, None)
        await app.workspaces.open_workspace(user, connection.id)
        await app.connections.disconnect(user, connection.id)
        with pytest.raises(SignInRequired):
            await app.workspaces.open_workspace(user, connection.id)
