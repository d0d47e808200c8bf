from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from tests.valkey import a_valkey, shared_valkey

__all__ = ["a_valkey", "shared_valkey"]


@pytest.fixture
def colleagues() -> int:
    """Tests that need more users override this."""
    return 2


@pytest.fixture
async def sandbox(colleagues: int) -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(seed=False, colleagues=colleagues)) as sandbox:
        yield sandbox
