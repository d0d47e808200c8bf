from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretBytes

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.browser import chromium as chromium
from tests.web.pages.person import Person
from tests.web.pages.site import Site, site

PUBLIC_URL = "http://localhost:8765"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(seed=False)) as sandbox:
        yield sandbox


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[CredentialVault]:
    vault = CredentialVault(SqliteStore(tmp_path / "vault.db"), KeyRing(FileKeySource(tmp_path / "vault.key")))
    yield vault
    await vault.close()


@pytest.fixture
def audit(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit.log", SecretBytes(b"k" * 32))


@pytest.fixture
async def office(sandbox: Sandbox, vault: CredentialVault, audit: AuditLog) -> AsyncIterator[Site]:
    async with site(sandbox, vault, audit, PUBLIC_URL) as built:
        yield built


@pytest.fixture
async def person(office: Site) -> AsyncIterator[Person]:
    async with Person(office) as person:
        yield person


@pytest.fixture
async def stranger(office: Site) -> AsyncIterator[Person]:
    """Somebody else, at a browser of their own."""
    async with Person(office) as person:
        yield person
