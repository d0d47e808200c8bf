"""The sandbox that the examples are tried on: one for all of them, as another project's tests would have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.app import open_app
from outlook_mcp.config import Configuration
from outlook_mcp.sandbox.pytest_plugin import GraphSandbox, graph_sandbox, graph_sandbox_options, running_graph_sandbox
from tests.sign_ins import sign_in

__all__ = ["graph_sandbox", "graph_sandbox_options", "running_graph_sandbox"]


@pytest.fixture
def settings(graph_sandbox: GraphSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Those of a server for the first user of the sandbox; nothing of this machine's own configuration is read."""
    (tmp_path / "config.toml").touch()
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(tmp_path / "config.toml"))
    user = graph_sandbox.users[0]
    return {
        "client_id": graph_sandbox.client_id,
        "tenant": user.tenant,
        "authority": graph_sandbox.authority,
        "graph_url": graph_sandbox.graph_url,
        "data_dir": str(tmp_path),
        "login_hint": user.address,
    }


@pytest.fixture
async def configuration(settings: dict[str, str]) -> Configuration:
    """Of a local profile that is signed in."""
    configuration = Configuration.load(settings)
    async with open_app(configuration) as app:
        await sign_in(app)
    return configuration
