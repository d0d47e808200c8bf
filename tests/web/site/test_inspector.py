"""The MCP Inspector's command line against the whole site over HTTP, in both protocol eras."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import Any

import pytest

from tests.inspector import DEADLINE_S
from tests.web.site.grant import Grant
from tests.web.site.served import Served


async def ask(launcher: list[str], site: Served, grant: Grant, era: str, *question: str) -> Any:
    header = f"Authorization: Bearer {grant.access_token}"
    command = [*launcher, "--cli", site.mcp_url, "--transport", "http", "--header", header]
    command += ["--protocol-era", era, "--format", "json", "--connect-timeout", "60000", *question]
    answer = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return json.loads(answer.stdout)["result"]


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_it_lists_the_tools_and_calls_one(launcher: list[str], site: Served, era: str) -> None:
    grant = await site.grant()
    listed = await ask(launcher, site, grant, era, "--method", "tools/list")
    assert "mail_search" in {tool["name"] for tool in listed["tools"]}
    call = ("--method", "tools/call", "--tool-name", "mail_search", "--tool-args-json", '{"limit": 2}')
    found = await ask(launcher, site, grant, era, *call)
    assert not found.get("isError")
    assert "2 messages in Inbox; more follow" in found["content"][0]["text"]
