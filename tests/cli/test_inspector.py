"""The MCP Inspector's command line against `serve` over stdio: each tool, in both protocol eras."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.commands import DEADLINE_S, PROGRAM, Terminal, environment
from tests.effort import IS_THOROUGH, usually
from tests.sending import terms_in

# Over HTTP it is asked in both by `tests/web/site/test_inspector.py`.
ERAS = ("modern", "legacy")[: usually(1, thoroughly=2)]
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
    """Launches a server for each request."""

    def __init__(self, launcher: list[str], terminal: Terminal, era: str) -> None:
        self._launcher = [*launcher, "--cli", "--protocol-era", era, "--format", "json", "--connect-timeout", "60000"]
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


@pytest.fixture(params=ERAS)
def inspector(request: pytest.FixtureRequest, launcher: list[str], signed_in: Terminal) -> Inspector:
    return Inspector(launcher, signed_in, str(request.param))


def test_it_finds_mail(inspector: Inspector) -> None:
    assert _first(inspector.call("mail_search", limit=1))


@pytest.mark.skipif(not IS_THOROUGH, reason="each call starts two processes; part of python -m tests --thorough")
def test_it_calls_each_tool(inspector: Inspector) -> None:
    listed = inspector.ask("--method", "tools/list")
    assert {tool["name"] for tool in listed["tools"]} == TOOLS
    assert "Inbox" in inspector.call("mail_folders")
    message, subject = _first(inspector.call("mail_search", attachments=True, limit=1))
    assert subject in inspector.call("mail_read", ids=[message])
    assert inspector.call("mail_attachment", id=message, n=1)
    inspector.call("mail_update", ids=[message], flag="flagged")
    assert subject in inspector.call("mail_search", flagged=True)
    saved = inspector.call("draft_save", **LETTER)
    draft = re.search(r"^Draft (\S+) is saved", saved, re.MULTILINE)
    assert draft
    inspector.call("mail_send", draft=draft[1], **terms_in(saved))
    assert LETTER["subject"] in inspector.call("mail_search", folder="Sent Items", limit=5)
    inspector.call("mail_move", ids=[message], folder="Archive", copy=True)
    assert subject in inspector.call("mail_search", folder="Archive")
    inspector.call("mail_delete", ids=[message])
    assert subject in inspector.call("mail_search", folder="Deleted Items")


def _first(listing: str) -> tuple[str, str]:
    """The id and the subject of the first message listed."""
    found = re.search(r"^(\S+) \d\d:\d\d.*?>: (.*?)$", listing, re.MULTILINE)
    assert found, listing
    return found[1], found[2]
