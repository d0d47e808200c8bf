"""A server over stdio starts without anything that only many users need, a command without what only servers need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from outlook_mcp.sandbox.directory import PUBLIC_CLIENT_ID
from tests.cli.commands import Running, environment

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
# What of the web room may be read at a start: who calls, and from which settings a site would be made.
SMALL = {"outlook_mcp.web", "outlook_mcp.web.settings", "outlook_mcp.web.caller"}
# What the list of tools is made of.
LISTED = {
    "outlook_mcp.calendar",
    "outlook_mcp.calendar.graph_area",
    "outlook_mcp.calendar.lazy",
    "outlook_mcp.contacts",
    "outlook_mcp.contacts.graph_area",
    "outlook_mcp.contacts.lazy",
    "outlook_mcp.mail",
    "outlook_mcp.mail.area",
    "outlook_mcp.mail.choices",
    "outlook_mcp.mail.lazy",
    "outlook_mcp.mail.search",
    "outlook_mcp.mail.search.mail_query",
    "outlook_mcp.mail.settings",
}
AREAS = ("outlook_mcp.calendar", "outlook_mcp.contacts", "outlook_mcp.mail")
HEAVY = ("jinja2", "redis", "jwt", "azure", "msgraph", "httpx", "aiohttp")
# The background begins to load what calls need so late that it cannot be mistaken for the start.
LISTS_TOOLS = """
import sys
import anyio
from outlook_mcp.app.stdio import build_server
from outlook_mcp.cli import serve
from outlook_mcp.config import GivenConfiguration

async def list_tools():
    configuration = GivenConfiguration.model_validate({"client_id": sys.argv[1], "data_dir": sys.argv[2]})
    server = build_server(configuration, load_after_s=3600)
    async with server._lowlevel_server.lifespan(server._lowlevel_server):
        print(*[tool.name for tool in await server.list_tools()])
    print(*sys.modules)

anyio.run(list_tools)
"""


def test_a_start_over_stdio_imports_nothing_of_pages_or_templates(tmp_path: Path) -> None:
    settings = {"client_id": PUBLIC_CLIENT_ID, "data_dir": str(tmp_path / "vault")}
    command = (sys.executable, "-X", "importtime", "-m", "outlook_mcp", "serve")
    with Running.started(command, environment(tmp_path, settings)) as server:
        for message in (HELLO, {"jsonrpc": "2.0", "method": "notifications/initialized"}, LIST):
            server.say(json.dumps(message))
        server.until('"mail_search"')
        server.close_input()
        outcome = server.end()
    assert outcome.status == 0
    imported = {line.rpartition("|")[2].strip() for line in outcome.err.splitlines() if "import time:" in line}
    assert {name for name in imported if name.startswith("outlook_mcp.web")} <= SMALL
    assert imported.isdisjoint(("jinja2", "redis"))


def test_tools_are_listed_before_anything_that_calls_need_is_imported(tmp_path: Path) -> None:
    command = (sys.executable, "-c", LISTS_TOOLS, PUBLIC_CLIENT_ID, str(tmp_path / "vault"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    listed, imported = (set(line.split()) for line in done.stdout.splitlines())
    assert "mail_search" in listed
    assert {name for name in imported if name.startswith("outlook_mcp.web")} <= SMALL
    assert imported.isdisjoint(HEAVY)
    assert {name for name in imported if name.startswith(AREAS)} <= LISTED


def test_a_command_that_serves_nothing_loads_no_mcp() -> None:
    commands = ("accounts", "audit", "keys", "login", "logout", "sessions", "store", "users", "whoami")
    code = f"import sys, {', '.join(f'outlook_mcp.cli.{name}' for name in commands)}; print('mcp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
