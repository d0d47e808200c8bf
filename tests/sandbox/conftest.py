"""A running sandbox for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox


@pytest.fixture
def sandbox_options(seeded_state: Path) -> SandboxOptions:
    """Tests that need another sandbox override this."""
    return SandboxOptions(control=True, state=seeded_state)


@pytest.fixture
async def sandbox(sandbox_options: SandboxOptions) -> AsyncIterator[Sandbox]:
    async with run_sandbox(sandbox_options) as running:
        yield running


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sandbox's HTTP origin that follows no redirects."""
    async with httpx.AsyncClient(base_url=sandbox.http_url, trust_env=False, timeout=10) as client:
        yield client
