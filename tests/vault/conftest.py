from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.valkey import a_valkey, shared_valkey

__all__ = ["a_valkey", "shared_valkey"]


@pytest.fixture
def vault_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault.db"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault.key"


@pytest.fixture
async def store(vault_file: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(vault_file, busy_timeout_s=0.2)
    yield store
    await store.close()


@pytest.fixture
def key_ring(key_file: Path) -> KeyRing:
    return KeyRing(FileKeySource(key_file))


@pytest.fixture
def vault(store: SqliteStore, key_ring: KeyRing) -> CredentialVault:
    return CredentialVault(store, key_ring)
