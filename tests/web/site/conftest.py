"""A site with a seeded sandbox behind it, once for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from tests.one_task import in_one_task
from tests.web.site.served import Served, served


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions()) as sandbox:
        yield sandbox


@pytest.fixture
async def site(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Served]:
    async with in_one_task(served(sandbox, tmp_path)) as site:
        yield site
