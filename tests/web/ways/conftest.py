"""A sandbox with empty mailboxes for each test, and the door behind which a site is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from tests.web.ways.way import Door, door


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(control=True, seed=False)) as sandbox:
        yield sandbox


@pytest.fixture
def entrance() -> Iterator[Door]:
    with door() as entrance:
        yield entrance
