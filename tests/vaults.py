"""A vault in a folder with its key beside it, and an audit log there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.audit_logs import audit_log


def vault_in(folder: Path) -> CredentialVault:
    """As a server started there opens it; whoever asks closes it."""
    return CredentialVault(SqliteStore(folder / "vault.db"), KeyRing(FileKeySource(folder / "vault.key")))


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[CredentialVault]:
    vault = vault_in(tmp_path)
    yield vault
    await vault.close()


@pytest.fixture
def audit(tmp_path: Path) -> AuditLog:
    return audit_log(tmp_path / "audit.log")
