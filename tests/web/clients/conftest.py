from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from tests.web.clients.site import HOST, Certificates, Names, Site, is_here, running_site


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def site(certificates: Certificates) -> AsyncIterator[Site]:
    async with running_site(certificates.context(HOST)) as site:
        yield site


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def clock() -> Clock:
    return Clock()


MakeHttp = Callable[[float], ClientDocumentHttp]


@pytest.fixture
def make_http(certificates: Certificates, names: Names) -> MakeHttp:
    """Can connect to this machine only."""

    def make(deadline_s: float) -> ClientDocumentHttp:
        return ClientDocumentHttp(
            PublicHttp(resolve=names, is_allowed=is_here, ca_file=certificates.ca_file), deadline_s=deadline_s
        )

    return make


@pytest.fixture
def documents(make_http: MakeHttp, clock: Clock) -> ClientDocuments:
    return ClientDocuments(make_http(5.0), clock=clock)


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[CredentialVault]:
    store = SqliteStore(tmp_path / "vault.db", busy_timeout_s=0.2)
    vault = CredentialVault(store, KeyRing(FileKeySource(tmp_path / "vault.key")))
    yield vault
    await vault.close()
