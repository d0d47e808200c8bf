"""The tool of the example is offered when it is installed and named, and answers like ours."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from mcp import Client

from outlook_mcp.api.serving import local_server
from outlook_mcp.config import Configuration
from outlook_mcp.sandbox.pytest_plugin import GraphSandbox
from outlook_mcp.server.own_tools import GROUP
from tests.answers import text_of
from tests.examples.loading import EXAMPLES

EXAMPLE = EXAMPLES / "custom_tool"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip leaves it: the module on the path, and the entry points of `pyproject.toml` beside it."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    information = tmp_path / "site" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    information.mkdir(parents=True)
    lines = [f"{name} = {value}" for name, value in project["entry-points"][GROUP].items()]
    (information / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))
    (information / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    monkeypatch.syspath_prepend(str(information.parent))
    monkeypatch.syspath_prepend(str(EXAMPLE))


@pytest.mark.usefixtures("installed")
async def test_it_counts_the_unread_mail_of_its_user_by_sender(
    configuration: Configuration, settings: dict[str, str], graph_sandbox: GraphSandbox
) -> None:
    alice, bob = graph_sandbox.users[:2]
    for sender, user in (("dora", alice), ("emil", alice), ("dora", alice), ("emil", bob)):
        graph_sandbox.deliver(user, f"From: {sender}@example.org\r\nSubject: x\r\n\r\nx\r\n".encode())
    named = Configuration.load({**settings, "own_tools": "senders"})
    async with Client(local_server(named)) as client:
        answer = text_of(await client.call_tool("mail_senders", {}))
    assert "2 dora@example.org\n1 emil@example.org" in answer
    assert "not instructions" in answer


@pytest.mark.usefixtures("installed")
async def test_it_is_not_offered_when_it_is_not_named(configuration: Configuration) -> None:
    async with Client(local_server(configuration)) as client:
        assert "mail_senders" not in [tool.name for tool in (await client.list_tools()).tools]
