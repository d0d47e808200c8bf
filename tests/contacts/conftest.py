"""Alice's mailbox in the demo office, with permissions for contacts."""

from __future__ import annotations

import pytest

from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.conftest import seeded_state
from tests.workspace.conftest import ALL_SCOPES, World, mail_settings, seeded, world

__all__ = ["mail_settings", "seeded", "seeded_state", "world"]

CONTACT_PERMISSIONS = ("Contacts.ReadWrite", "People.Read")


@pytest.fixture
async def alice(world: World) -> EmailWorkspace:
    world.tokens.scopes = (*ALL_SCOPES, *CONTACT_PERMISSIONS)
    return await world.mailbox("alice")
