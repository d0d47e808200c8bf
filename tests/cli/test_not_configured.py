"""Commands on a machine where nothing was configured yet, or something wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from outlook_mcp.app.stdio import build_server, build_unavailable_server
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError, OutlookError
from outlook_mcp.identity.scopes import DEFAULT_TOOLSETS
from outlook_mcp.tools import EmailTools
from tests.answers import text_of
from tests.cli.commands import DEADLINE_S, Running, Terminal, environment
from tests.forked import ForkedCommand

OFFERED = EmailTools(DEFAULT_TOOLSETS, read_only=False).offered
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
MISSING = "OUTLOOK_MCP_CLIENT_ID: nothing was read"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


def ask(server: Running, number: int, method: str, **parameters: object) -> None:
    server.say(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}))


def test_without_configuration_serve_lists_its_tools_and_answers_every_call_with_what_to_do(tmp_path: Path) -> None:
    with Terminal(tmp_path).start("serve") as server:
        server.say(json.dumps(HELLO))
        server.until(r'"id":1,')
        ask(server, 2, "tools/list")
        ask(server, 3, "tools/call", name="mail_search", arguments={})
        server.until(r'"id":2,')
        server.until(r'"id":3,')
        server.close_input()
        outcome = server.end()
    answers = [json.loads(line) for line in outcome.out.splitlines()]
    assert [tool["name"] for tool in answers[1]["result"]["tools"]] == [tool.name for tool in OFFERED]
    told = answers[2]["result"]
    assert told["isError"]
    for text in (told["content"][0]["text"], outcome.err):
        assert MISSING in text
        assert "`outlook-mcp setup`" in text
        assert "`outlook-mcp demo`" in text
    assert outcome.status == 2
    assert not (tmp_path / "data").exists()


def test_a_tool_of_another_package_that_is_not_installed_is_told_in_every_answer(tmp_path: Path) -> None:
    with Terminal(tmp_path).start("serve", client_id=CLIENT_ID, own_tools="senders") as server:
        server.say(json.dumps(HELLO))
        server.until(r'"id":1,')
        ask(server, 2, "tools/call", name="mail_search", arguments={})
        server.until(r'"id":2,')
        server.close_input()
        outcome = server.end()
    told = json.loads(outcome.out.splitlines()[-1])["result"]
    assert told["isError"]
    assert "no entry point of the group outlook_mcp.tools is called 'senders'" in told["content"][0]["text"]
    assert outcome.status == 2


def test_over_http_a_server_without_configuration_does_not_start(tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("serve", "--http", public_url="http://127.0.0.1:8080")
    assert outcome.status == 2
    assert MISSING in outcome.err


@pytest.mark.parametrize("command", ["login", "whoami"])
def test_a_command_that_needs_the_app_says_how_to_get_one(tmp_path: Path, command: str) -> None:
    outcome = Terminal(tmp_path).run(command)
    assert outcome.status == 2
    assert MISSING in outcome.err
    assert "`outlook-mcp setup`" in outcome.err


def test_in_a_terminal_serve_says_what_it_waits_for_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    reading, writing = os.pipe()
    server = ForkedCommand(["serve"], environment(tmp_path), (theirs, writing, writing))
    try:
        os.close(writing)
        with open(reading) as printed:
            assert printed.readline().startswith("This is an MCP server over standard input and output")
            assert MISSING in printed.readline()
            os.kill(server.pid, signal.SIGINT)
            assert server.wait(DEADLINE_S) == -signal.SIGINT
    finally:
        server.kill()
        for terminal in (ours, theirs):
            os.close(terminal)


async def test_every_kind_of_call_is_answered_with_the_reason() -> None:
    server = build_unavailable_server(GivenConfiguration.model_construct(), ConfigurationError("It is not set up."))
    async with Client(server) as client:
        for tool in ("mail_search", "a_tool_of_other_settings"):
            assert "It is not set up." in text_of(await client.call_tool(tool, {}))
        for call in (
            client.read_resource("outlook://me/folders"),
            client.read_resource("outlook://me/of_other_settings"),
            client.get_prompt("triage_inbox"),
            client.get_prompt("a_prompt_of_other_settings"),
        ):
            with pytest.raises(MCPError, match=r"It is not set up\."):
                await call


async def test_a_vault_that_cannot_be_opened_is_the_answer_to_every_call(tmp_path: Path) -> None:
    (tmp_path / "vault.db").write_text("no database")
    told: list[OutlookError] = []
    configuration = GivenConfiguration.model_validate({"client_id": CLIENT_ID, "data_dir": tmp_path})
    async with Client(build_server(configuration, explain=told.append)) as client:
        assert str(tmp_path) in text_of(await client.call_tool("mail_search", {}))
    assert [error.code for error in told] == ["vault_unavailable"]


@pytest.mark.parametrize("arguments", [("--port", "9000"), ("--token-minutes=20",)])
def test_an_option_of_the_http_server_is_told_to_have_no_effect_over_stdio(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    settings = {"client_id": "11111111-2222-3333-4444-555555555555", "tenant": "common"}
    with Terminal(tmp_path, settings).start("serve", *arguments) as running:
        running.close_input()
        ended = running.end()
    assert ended.status == 0
    name = arguments[0].partition("=")[0]
    assert f"{name}: only `serve --http` uses it, so it has no effect here." in ended.err


@pytest.mark.parametrize(("command", "closed"), [("serve <&-", "input"), ("serve </dev/null >&-", "output")])
def test_where_standard_input_or_output_is_closed_serve_says_so(tmp_path: Path, command: str, closed: str) -> None:
    """As a service manager or a scheduler may start it."""
    ended = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m outlook_mcp {command}', sys.executable],
        env=environment(tmp_path, {"client_id": CLIENT_ID}),
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"outlook-mcp: Standard {closed} is closed, and MCP over stdio needs it.")
