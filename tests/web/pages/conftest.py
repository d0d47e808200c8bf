from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from outlook_mcp.vault.vault import CredentialVault
from tests.browser import chromium as chromium
from tests.vaults import audit as audit
from tests.vaults import vault as vault
from tests.web.pages.person import Person
from tests.web.pages.site import Site, site

PUBLIC_URL = "http://localhost:8765"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(seed=False)) as sandbox:
        yield sandbox


@pytest.fixture
async def office(sandbox: Sandbox, vault: CredentialVault, audit: AuditLog) -> AsyncIterator[Site]:
    async with site(sandbox, vault, audit, PUBLIC_URL) as built:
        yield built


@pytest.fixture
async def person(office: Site) -> AsyncIterator[Person]:
    async with Person(office) as person:
        yield person


@pytest.fixture
async def other_person(office: Site) -> AsyncIterator[Person]:
    """Another person, at a browser of their own."""
    async with Person(office) as person:
        yield person
