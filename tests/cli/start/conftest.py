"""A server as `serve` builds it, and what it answers first; made once for all tests of this folder."""

from __future__ import annotations

import anyio
import pytest

from outlook_mcp.app.stdio import build_server
from outlook_mcp.cli.start.snapshot import Answers
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.recording import recorded_answers

CLIENT_ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> EmailServer:
    folder = tmp_path_factory.mktemp("data")
    return build_server(GivenConfiguration.model_validate({"client_id": CLIENT_ID, "data_dir": folder}))


@pytest.fixture(scope="package")
def answers(server: EmailServer) -> Answers:
    return anyio.run(recorded_answers, server)
