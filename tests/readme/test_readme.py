"""The README tells the truth: its tables are those of the code, its commands run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from platformdirs import macos, unix, windows
from starlette.routing import Mount, Route

from outlook_mcp.cli.mcp_clients import ClaudeCode, Inspector, Launch, VsCode
from outlook_mcp.cli.parser import build_parser
from outlook_mcp.identity.scopes import BASIC_PERMISSIONS, OFFLINE_ACCESS, SCOPES
from outlook_mcp.resources import CATALOGUE
from outlook_mcp.sandbox.control import ControllableSandbox, control_routes
from tests.readme.tables import README, TROUBLESHOOTING, with_tables

ROOT = README.parent
TESTS = (
    "python3 -m venv .venv && .venv/bin/pip install --quiet uv"
    " && .venv/bin/uv pip install --quiet -e '.[test]' && .venv/bin/python -m tests"
)
DEMO = "python3 -m venv .venv && .venv/bin/pip install --quiet . && .venv/bin/outlook-mcp demo"
# Executed by the tests of the command line, against the sandbox.
EXECUTED_ELSEWHERE = {
    "outlook-mcp setup",
    "outlook-mcp sandbox --port 8765 --control",
    "outlook-mcp serve --http",
    "outlook-mcp users list",
    "outlook-mcp sessions list",
}
QUICK = ".venv/bin/python -m tests --quick"
# For a person at a terminal; the commands of clients are compared with those that `setup` prints.
BY_HAND = {
    "pipx install .",
    "claude mcp add outlook-demo -- outlook-mcp demo --stdio",
    'claude "What is my latest mail?"',
}


def commands() -> Iterator[str]:
    for block in re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL):
        yield from block.strip().splitlines()


@pytest.mark.parametrize("document", [README, TROUBLESHOOTING], ids=lambda document: document.name)
def test_the_tables_are_those_of_the_code(document: Path) -> None:
    assert with_tables(document.read_text()) == document.read_text(), "Run `python -m tests.readme`."


def test_every_resource_is_named() -> None:
    told = README.read_text()
    assert [resource.uri for resource in CATALOGUE if f"`{resource.uri.partition('{?')[0]}" not in told] == []


def test_every_command_is_one_that_is_executed() -> None:
    assert set(commands()) == {TESTS, QUICK, DEMO, *EXECUTED_ELSEWHERE, *BY_HAND}


def test_continuous_integration_runs_the_test_command_as_printed() -> None:
    shown = subprocess.run(
        ["bash", "-c", "eval() { printf '%s' \"$1\"; }; source .ci/run", ".ci/run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1] == TESTS


@pytest.mark.parametrize("command", sorted(EXECUTED_ELSEWHERE))
def test_a_printed_command_line_is_understood(command: str) -> None:
    parsed = build_parser().parse_args(shlex.split(command)[1:])
    assert callable(parsed.run)


def test_two_commands_lead_to_the_first_answer_of_the_demo_and_at_most_five_to_that_of_a_tenant() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
    (demo,) = [block.strip().splitlines() for block in blocks if "demo --stdio" in block]
    (tenant,) = [block.strip().splitlines() for block in blocks if "outlook-mcp setup" in block]
    assert (len(demo), demo[0]) == (2, "pipx install .")
    assert len(tenant) <= 5
    assert (tenant[0], tenant[-1]) == ("pipx install .", 'claude "What is my latest mail?"')


def test_the_lines_of_clients_are_those_that_setup_prints() -> None:
    launch, demo = Launch("outlook-mcp", ("serve",)), Launch("outlook-mcp", ("demo", "--stdio"), name="outlook-demo")
    told = README.read_text()
    assert f"`{ClaudeCode().line(launch)}`" in told
    assert f"`{VsCode().line(launch)}`" in told
    assert json.dumps({"mcpServers": {"outlook": launch.entry}}) in told
    assert Inspector().line(launch).replace(" --", "") in told
    assert ClaudeCode().line(demo).replace(" --scope user", "") in told


def test_the_folders_of_each_system_are_those_that_the_program_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(windows, "get_win_folder", lambda _: "%LOCALAPPDATA%")
    told = README.read_text()
    for system in (unix.Unix, macos.MacOS, windows.Windows):
        folders = system("outlook-mcp", appauthor=False)
        separator = "\\" if system is windows.Windows else "/"
        config = f"{folders.user_config_dir}{separator}config.toml".replace(str(Path.home()), "~")
        data = folders.user_data_dir.replace(str(Path.home()), "~")
        assert f"| `{config}` | `{data}` |" in (told.replace("%\\", "%/") if separator == "\\" else told)


def test_the_app_of_a_company_is_given_every_permission_that_its_clients_may_ask_for() -> None:
    """Some clients ask for all scopes that they see; Entra refuses what was not consented to.

    Those of toolsets that are not offered by default stand in the table of scopes.
    """
    step = re.search(r"^3\. \*API permissions\*(.*?)\. Then", README.read_text(), re.MULTILINE | re.DOTALL)
    assert step is not None
    needed = {permission for scope in SCOPES if scope.is_default for permission in scope.graph}
    assert set(re.findall(r"`([\w.]+)`", step[1])) == needed | {*BASIC_PERMISSIONS, OFFLINE_ACCESS}


def test_the_scopes_that_entra_must_expose_are_those_of_the_table() -> None:
    told = re.search(r"expose the scopes (.*?) under", README.read_text(), re.DOTALL)
    assert told is not None
    assert re.findall(r"`([\w.]+)`", told[1]) == [scope.name for scope in SCOPES]


def test_the_permissions_of_every_sign_in_are_told_beside_the_table_of_scopes() -> None:
    told = re.search(r"<!-- /scopes -->\s+(.*?):", README.read_text(), re.DOTALL)
    assert told is not None
    assert re.findall(r"`([\w.]+)`", told[1]) == [*BASIC_PERMISSIONS, OFFLINE_ACCESS]


def test_every_option_of_the_sandbox_is_told() -> None:
    helped = subprocess.run(
        [sys.executable, "-m", "outlook_mcp", "sandbox", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = re.findall(r"^\| `(--[a-z-]+)", README.read_text(), re.MULTILINE)
    assert sorted(told) == sorted(set(re.findall(r"^  (--[a-z-]+)", helped.stdout, re.MULTILINE)))


def test_every_call_of_the_control_api_is_told() -> None:
    told = re.findall(r"^\| `([A-Z]+) /_sandbox(/[a-z]+)", README.read_text(), re.MULTILINE)
    (mount,) = control_routes(cast(ControllableSandbox, SimpleNamespace(entra=None)))
    assert isinstance(mount, Mount)
    routes = [route for route in mount.routes if isinstance(route, Route)]
    assert sorted(told) == sorted(
        (verb, route.path) for route in routes for verb in (route.methods or set()) - {"HEAD"}
    )
