"""A sandbox with empty mailboxes for each test, and the port on which a site is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from tests.web.issuers_e2e.opened_site import ListeningPort, listening_port


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(control=True, seed=False)) as sandbox:
        yield sandbox


@pytest.fixture
def port() -> Iterator[ListeningPort]:
    with listening_port() as port:
        yield port
