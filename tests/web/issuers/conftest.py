from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.settings import WebSettings
from tests.vaults import vault_in
from tests.web.issuers.issuer import TestIssuer, running_issuer


@pytest.fixture
def settings() -> WebSettings:
    return WebSettings(public_url="https://mail.example")


@pytest.fixture
async def stand_in() -> AsyncIterator[TestIssuer]:
    async with running_issuer() as issuer:
        yield issuer


@pytest.fixture
async def issuer(stand_in: TestIssuer) -> AsyncIterator[Issuer]:
    """The stand-in as the product sees it."""
    issuer = Issuer.of_oidc(stand_in.url)
    yield issuer
    await issuer.aclose()


@pytest.fixture
async def tickets(tmp_path: Path) -> AsyncIterator[Tickets]:
    vault = vault_in(tmp_path)
    yield Tickets(vault, Digests(await vault.derive_key("digests")))
    await vault.close()
