"""An office for every test: a sandbox without seed, on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from tests.e2e.office import Office


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    """Tests that need another sandbox override this."""
    return SandboxOptions(seed=False)


@pytest.fixture
async def office(
    sandbox_options: SandboxOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    # Nothing of the machine's own configuration may reach the server under test.
    (tmp_path / "config.toml").touch()
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(tmp_path / "config.toml"))
    async with run_sandbox(sandbox_options) as sandbox:
        yield Office(sandbox, tmp_path)
