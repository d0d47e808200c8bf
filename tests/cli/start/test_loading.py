"""What the first call needs is loaded while the person thinks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from mcp.types import CallToolResult

from outlook_mcp.app.profile import App
from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.server.email_server import EmailServer
from tests.cli.start.conftest import CLIENT_ID
from tests.waiting import until


@pytest.fixture
def server(tmp_path: Path) -> EmailServer:
    configuration = GivenConfiguration.model_validate({"client_id": CLIENT_ID, "data_dir": tmp_path})
    return build_server(configuration, load_after_s=0)


@asynccontextmanager
async def opened(server: EmailServer) -> AsyncIterator[EmailClientFactory]:
    lowlevel = server._lowlevel_server
    async with lowlevel.lifespan(lowlevel) as services:
        yield services.workspaces._clients


async def test_a_server_that_nobody_calls_loads_the_graph_sdk_and_builds_its_tools(
    server: EmailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    monkeypatch.setattr(server._tool_manager, "get_tool", built.append)
    async with opened(server) as clients:
        await until(lambda: clients._http is not None)
        await until(lambda: built == list(server._offered))


async def test_the_models_of_a_call_are_built_before_there_is_one_in_both_eras(
    server: EmailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsed: list[tuple[str, str | None]] = []
    usual = server.call_tool

    async def call_tool(name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        rehearsed.append((name, context.session.protocol_version))
        answer = await usual(name, arguments, context)
        assert isinstance(answer, CallToolResult)
        assert answer.is_error
        return answer

    monkeypatch.setattr(server, "call_tool", call_tool)
    async with opened(server):
        await until(lambda: CallToolResult.__pydantic_complete__ and len(rehearsed) == 2)
    assert rehearsed == [("", "2025-11-25"), ("", "2026-07-28")]


async def test_at_last_the_mailbox_of_the_only_caller_is_opened(
    server: EmailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_ahead: list[App] = []

    async def open_ahead(app: App) -> None:
        opened_ahead.append(app)

    monkeypatch.setattr(App, "open_ahead", open_ahead)
    async with opened(server):
        await until(lambda: len(opened_ahead) == 1)


async def test_nothing_is_loaded_in_the_background_of_a_request(server: EmailServer) -> None:
    server.running.begin("1")
    async with opened(server) as clients:
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        assert clients._http is None
        server.running.end("1")
        await until(lambda: clients._http is not None)


def test_neither_the_client_of_the_mcp_sdk_nor_an_area_that_is_not_offered_is_loaded() -> None:
    program = """
import sys
import anyio
from outlook_mcp.cli import serve
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.workspace import graph_areas

clients = EmailClientFactory(GraphSettings(), None, graph_areas)
anyio.run(EmailWorkspaceManager(clients, None, shared=None).prepare, ["mail.read"])
print(*sys.modules)
"""
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert {"outlook_mcp.mail.search.search", "outlook_mcp.mail.reading"} <= set(loaded)
    builders = "msgraph.generated.users.item"
    assert f"{builders}.messages.item.message_item_request_builder" in loaded
    kept_out = ("mcp.client", "uvicorn", "urllib3.connectionpool", "azure.core.pipeline", f"{builders}.events")
    for_programs = [name for name in loaded if ".structured" in name or name == "outlook_mcp.answers.fields"]
    assert for_programs == []
    ours = ("outlook_mcp.calendar.changes.editor", "outlook_mcp.contacts.saving", "outlook_mcp.web.site")
    assert [name for name in loaded if name.startswith((*kept_out, *ours))] == []
