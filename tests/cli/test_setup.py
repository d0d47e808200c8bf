"""`outlook-mcp setup`: from nothing to a connected client, as a person types it."""

from __future__ import annotations

import io
import json
import sys
import tomllib
import webbrowser
from pathlib import Path

import httpx
import pytest

from outlook_mcp.cli import main
from outlook_mcp.cli.mcp_clients import ClaudeCode, ClaudeDesktop, Launch
from outlook_mcp.config.folders import claude_desktop_file
from outlook_mcp.errors import ConfigurationError
from tests.cli.administration import alone
from tests.cli.commands import SandboxProcess, Typing

ALICE = "alice@contoso.example"
UNKNOWN = "99999999-2222-3333-4444-555555555555"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: SandboxProcess) -> list[str]:
    """A clean machine whose server is the sandbox; the pages that were opened in its browser, which signs Alice in."""
    pages: list[str] = []

    def browse(url: str) -> bool:
        pages.append(url)
        if url.startswith(sandbox.origin):
            httpx.get(url, follow_redirects=True, timeout=30, trust_env=False).raise_for_status()
        return True

    alone(monkeypatch)
    monkeypatch.delenv("OUTLOOK_MCP_CONFIG")
    for name, value in {"HOME": tmp_path, "XDG_CONFIG_HOME": tmp_path / "config", "XDG_DATA_HOME": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("authority", "graph_url", "login_hint"):
        monkeypatch.setenv(f"OUTLOOK_MCP_{name.upper()}", sandbox.settings[name])
    monkeypatch.setenv("OUTLOOK_MCP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(webbrowser, "open", browse)
    return pages


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", Typing("".join(f"{line}\n" for line in lines)))


def written(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "config" / "outlook-mcp" / "config.toml").read_text())


def test_a_person_is_led_from_the_registration_to_a_client(
    opened: list[str],
    sandbox: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    claude_desktop_file().parent.mkdir(parents=True)
    claude_desktop_file().write_text('{"mcpServers": {"other": {"command": "x"}}, "theme": "dark"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUTLOOK_MCP_DATA_DIR", "data")
    typed(monkeypatch, "4", "3", "my secret", sandbox.public_client.upper(), "y")
    assert main(["setup"]) == 0
    told = capsys.readouterr()
    assert opened[0] == "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/CreateApplicationBlade"
    for word in ("http://localhost/callback", "personal Microsoft accounts", "Mail.Send", "Allow public client flows"):
        assert word in told.out
    assert "Expected 1, 2 or 3." in told.out
    assert "not a name and not a secret" in told.out
    assert f"Signed in as {ALICE}" in told.out
    path = tmp_path / "config" / "outlook-mcp" / "config.toml"
    assert written(tmp_path) == {"client_id": sandbox.public_client, "tenant": "common"}
    assert path.stat().st_mode & 0o077 == 0
    desktop = json.loads(claude_desktop_file().read_text())
    assert desktop["theme"] == "dark"
    assert set(desktop["mcpServers"]) == {"other", "outlook"}
    # What this command found in its variables, the client would not.
    assert desktop["mcpServers"]["outlook"]["env"]["OUTLOOK_MCP_AUTHORITY"] == sandbox.origin
    assert desktop["mcpServers"]["outlook"]["env"]["OUTLOOK_MCP_DATA_DIR"] == str(tmp_path / "data")
    assert desktop["mcpServers"]["outlook"]["args"][-1] == "serve"
    assert claude_desktop_file().with_name("claude_desktop_config.json.before-outlook").exists()


def test_with_flags_nothing_is_asked_and_a_mistake_ends_it_with_the_reason(
    opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["setup", "--client-id", UNKNOWN, "--tenant", "organizations"]) == 1
    assert "AADSTS700016" in capsys.readouterr().err
    assert opened == []
    assert written(tmp_path)["client_id"] == UNKNOWN


def test_without_a_terminal_it_says_which_flags_it_needs(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["setup"]) == 2
    assert "give --client-id and --tenant" in capsys.readouterr().err


def test_a_variable_that_would_override_the_file_is_named(
    opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setenv("OUTLOOK_MCP_TENANT", "contoso.example")
    assert main(["setup", "--client-id", UNKNOWN, "--tenant", "organizations"]) == 2
    assert "Remove the variable OUTLOOK_MCP_TENANT" in capsys.readouterr().err
    assert not (tmp_path / "config").exists()


def test_what_the_file_says_is_changed_only_when_the_person_agrees(
    opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config" / "outlook-mcp" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('# mine\nclient_id = "11111111-2222-3333-4444-555555555555"\nread_only = true\n')
    typed(monkeypatch, "n")
    assert main(["setup", "--client-id", UNKNOWN, "--tenant", "organizations"]) == 2
    assert "nothing was changed" in capsys.readouterr().err
    typed(monkeypatch, "y")
    assert main(["setup", "--client-id", UNKNOWN, "--tenant", "organizations"]) == 1
    assert path.read_text().startswith(f'# mine\nclient_id = "{UNKNOWN}"\nread_only = true\n')


def test_claude_code_is_told_by_its_own_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "claude"
    program.write_text('#!/bin/sh\nprintf "Added %s" "$*"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    launch = Launch("/bin/outlook-mcp", ("serve",), {"OUTLOOK_MCP_PROFILE": "work"})
    told = ClaudeCode().add_server(launch)
    assert told == "Added mcp add --scope user outlook -e OUTLOOK_MCP_PROFILE=work -- /bin/outlook-mcp serve"


def test_a_file_of_claude_desktop_with_a_byte_order_mark_is_changed(opened: list[str]) -> None:
    claude_desktop_file().parent.mkdir(parents=True)
    claude_desktop_file().write_bytes(b'\xef\xbb\xbf{"theme": "dark"}')
    ClaudeDesktop().add_server(Launch("outlook-mcp", ("serve",)))
    assert ClaudeDesktop().server() is not None
    assert json.loads(claude_desktop_file().read_text())["theme"] == "dark"


def test_a_file_of_claude_desktop_that_is_no_json_is_left_alone(
    opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    claude_desktop_file().parent.mkdir(parents=True)
    claude_desktop_file().write_text("{ not json")

    with pytest.raises(ConfigurationError, match="cannot be changed: it is no JSON object"):
        ClaudeDesktop().add_server(Launch("outlook-mcp", ("serve",)))
    assert claude_desktop_file().read_text() == "{ not json"
