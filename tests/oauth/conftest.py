from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from outlook_mcp.vault.vault import CredentialVault
from tests.oauth.components import SCOPES, Components
from tests.valkey import a_valkey, shared_valkey
from tests.vaults import audit as audit
from tests.vaults import vault as vault

__all__ = ["a_valkey", "shared_valkey"]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(seed=False, control=True, token_lifetime_s=3600)) as sandbox:
        yield sandbox


@pytest.fixture
async def strict_sandbox() -> AsyncIterator[Sandbox]:
    """Rotates refresh tokens strictly: a second use of one ends the whole sign-in."""
    async with run_sandbox(SandboxOptions(seed=False, rotate_refresh_tokens=True, token_lifetime_s=3600)) as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox: Sandbox) -> OAuthSettings:
    return OAuthSettings(client_id=sandbox.public_client_id, authority=sandbox.http_url, scopes=SCOPES)


@pytest.fixture
async def components(settings: OAuthSettings, vault: CredentialVault, audit: AuditLog) -> AsyncIterator[Components]:
    async with Components.built(settings, vault, audit) as components:
        yield components
