"""What the first call needs is loaded while the person thinks."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.graph.client_factory import EmailClientFactory
from tests.cli.start.conftest import CLIENT_ID
from tests.waiting import until


async def test_a_server_that_nobody_calls_loads_the_graph_sdk(tmp_path: Path) -> None:
    configuration = GivenConfiguration.model_validate({"client_id": CLIENT_ID, "data_dir": tmp_path})
    server = build_server(configuration, load_after_s=0)
    lowlevel = server._lowlevel_server
    async with lowlevel.lifespan(lowlevel) as services:
        clients: EmailClientFactory = services.workspaces._clients
        await until(lambda: clients._http is not None)
