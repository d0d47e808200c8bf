"""Which tools and resources a configuration offers."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.app.mcp_server import build_mcp_server
from outlook_mcp.app.stdio import build_server
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import DEFAULT_TOOLSETS
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.request_state import RequestStates
from outlook_mcp.tools import CATALOGUE

READING = ["mail_search", "mail_read", "mail_folders", "mail_attachment"]
WRITING = ["mail_update", "mail_move", "mail_delete", "draft_save"]


def configured(folder: Path, **settings: Any) -> GivenConfiguration:
    client_id = "11111111-2222-3333-4444-555555555555"
    return GivenConfiguration(client_id=client_id, data_dir=folder, **settings)


async def listed(server: EmailServer) -> list[str]:
    return [tool.name for tool in await server.list_tools()]


@pytest.mark.parametrize(
    ("permissions", "tools"),
    [
        ("User.Read Mail.Read offline_access", READING),
        ("Mail.ReadWrite offline_access", [*READING, *WRITING]),
        ("Mail.ReadWrite.Shared offline_access", [*READING, *WRITING]),
        ("Mail.ReadWrite Mail.Send offline_access", [*READING, *WRITING, "mail_send"]),
    ],
)
async def test_over_stdio_no_tool_is_listed_that_the_configured_permissions_cannot_serve(
    tmp_path: Path, permissions: str, tools: list[str]
) -> None:
    assert await listed(build_server(configured(tmp_path, scopes=permissions))) == tools


async def test_permissions_that_serve_no_tool_are_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"No tool of the toolsets .* works with .* Mail\.ReadBasic"):
        build_server(configured(tmp_path, scopes="Mail.ReadBasic offline_access"))


async def test_where_clients_can_ask_for_more_every_tool_of_the_toolsets_is_listed(tmp_path: Path) -> None:
    def never_opened(_: Any) -> AbstractAsyncContextManager[Any]:
        raise AssertionError

    configuration = configured(tmp_path, scopes="Mail.Read offline_access")
    server = build_mcp_server(configuration, never_opened, RequestStates())
    assert await listed(server) == [tool.name for tool in CATALOGUE if tool.toolset in DEFAULT_TOOLSETS]


@pytest.mark.parametrize(("toolsets", "templates", "listed"), [("mail-read mail-send", 7, 3), ("mail-send", 0, 0)])
async def test_resources_are_offered_with_the_toolset_whose_scope_they_need(
    tmp_path: Path, toolsets: str, templates: int, listed: int
) -> None:
    server = build_server(configured(tmp_path, toolsets=toolsets))
    assert len(await server.list_resource_templates()) == templates
    # Without anything to fill in: inbox, unread mail, folders.
    assert len(await server.list_resources()) == listed


@pytest.mark.parametrize(("read_only", "is_offered"), [(False, True), (True, False)])
async def test_a_prompt_is_offered_where_the_tools_that_it_names_are(
    tmp_path: Path, read_only: bool, is_offered: bool
) -> None:
    server = build_server(configured(tmp_path, read_only=read_only))
    prompts = [prompt.name for prompt in await server.list_prompts()]
    assert "triage_inbox" in prompts
    assert ("reply_in_my_tone" in prompts) is is_offered
