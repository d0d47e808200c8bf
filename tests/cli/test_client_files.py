"""Files of MCP clients and the configuration file lose nothing when `setup` writes into them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from outlook_mcp.cli.client_file import parsed, with_server
from outlook_mcp.cli.doctor_checks.machine import client_findings
from outlook_mcp.cli.mcp_clients import ClaudeCode, ClaudeDesktop, Launch, VsCode
from outlook_mcp.cli.setup import add_server
from outlook_mcp.config.file import write_settings
from outlook_mcp.config.folders import claude_code_file, claude_desktop_file, vscode_file
from outlook_mcp.errors import ConfigurationError
from tests.cli.commands import Typing

LAUNCH = Launch("/bin/outlook-mcp", ("serve",), {"OUTLOOK_MCP_PROFILE": "work"})
ENTRY = json.dumps(LAUNCH.entry)
THEIRS = '{"mcpServers": {"outlook": {"command": "node", "args": ["/theirs.js"], "env": {"KEY": "theirs"}}}}'
GUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("CLAUDE_CONFIG_DIR", "OUTLOOK_MCP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    typed(monkeypatch)
    for file in (claude_code_file(), claude_desktop_file(), vscode_file()):
        file.parent.mkdir(parents=True, exist_ok=True)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", Typing("".join(f"{line}\n" for line in lines)))


def program(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str) -> Path:
    """A program of this name, which writes what it was asked into the file that is returned."""
    calls = folder / "calls"
    (folder / name).write_text(f'#!/bin/sh\necho "$*" >> {calls}\n')
    (folder / name).chmod(0o700)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return calls


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{ "big": 12345678901234567890.10, "mcpServers": {} }', None),
        ('{"mcpServers": {"fs": {"command": "é😀", "args": ["\\ud83d"]}}, "far": 1e999}', None),
        ('{"mcpServers": {"a": {}}, "mcpServers": {"b": {}}}', None),
        ('{\r\n\t"mcpServers": {\r\n\t\t"a": {"env": {"}": "{"}}\r\n\t}\r\n}\r\n', None),
        ('{"theme": "dark"}', '{"theme": "dark","mcpServers": {"outlook": ENTRY}}'),
        (" \n", '{\n  "mcpServers": {\n    "outlook": INDENTED\n  }\n}\n'),
        ("{}", '{"mcpServers": {"outlook": ENTRY}}'),
    ],
)
def test_every_other_letter_of_a_clients_file_stays(before: str, after: str | None) -> None:
    changed = with_server(before, LAUNCH.name, LAUNCH.entry)
    assert json.loads(changed)["mcpServers"]["outlook"] == LAUNCH.entry
    if after is None:
        at = changed.index('"outlook"')
        rest = changed[:at].rstrip().removesuffix(",") + changed[at + len(f'"outlook": {ENTRY}') :]
        assert rest.split() == before.split()
        assert with_server(changed, LAUNCH.name, LAUNCH.entry) == changed
    else:
        indented = json.dumps(LAUNCH.entry, indent=2).replace("\n", "\n    ")
        assert changed == after.replace("ENTRY", ENTRY).replace("INDENTED", indented)


@pytest.mark.parametrize("wrong", ['{"mcpServers": []}', "[]", '{"mcpServers": null}', "{,}", "{} // mine", "7"])
def test_a_file_of_claude_desktop_in_another_form_is_left_alone(wrong: str) -> None:
    claude_desktop_file().write_text(wrong)
    with pytest.raises(ConfigurationError, match="cannot be changed: it is no JSON object"):
        ClaudeDesktop().add_server(LAUNCH)
    assert claude_desktop_file().read_text() == wrong


def test_the_place_is_told_where_a_file_of_claude_desktop_is_no_json() -> None:
    claude_desktop_file().write_text('{\n  // mine\n  "mcpServers": {}\n}')
    with pytest.raises(ConfigurationError, match=r"`mcpServers` \(line 2, column 3\)\."):
        ClaudeDesktop().add_server(LAUNCH)


def test_a_file_that_is_a_link_stays_one_and_keeps_its_permissions(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.json"
    kept.write_text('{"mcpServers": {"fs": {"command": "x"}}}')
    kept.chmod(0o640)
    claude_desktop_file().symlink_to(kept)
    ClaudeDesktop().add_server(LAUNCH)
    assert claude_desktop_file().is_symlink()
    assert json.loads(kept.read_text())["mcpServers"].keys() == {"fs", "outlook"}
    assert kept.stat().st_mode & 0o777 == 0o640


def test_the_copy_of_a_file_before_the_first_change_stays() -> None:
    claude_desktop_file().write_text("{}")
    for name in ("outlook", "outlook-demo"):
        ClaudeDesktop().add_server(Launch("outlook-mcp", ("serve",), name=name))
    assert claude_desktop_file().with_name("claude_desktop_config.json.before-outlook").read_text() == "{}"


def test_another_server_of_the_same_name_stays_unless_the_person_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    claude_desktop_file().write_text(THEIRS)
    for typed_lines in ((), ("n",)):
        typed(monkeypatch, *typed_lines)
        with pytest.raises(ConfigurationError, match="already, which starts node; nothing was changed"):
            add_server(ClaudeDesktop(), LAUNCH)
    assert claude_desktop_file().read_text() == THEIRS
    typed(monkeypatch, "y")
    add_server(ClaudeDesktop(), LAUNCH)
    assert json.loads(claude_desktop_file().read_text())["mcpServers"] == {"outlook": LAUNCH.entry}


def test_a_client_that_has_the_server_already_is_left_alone() -> None:
    claude_desktop_file().write_text(json.dumps({"mcpServers": {"outlook": LAUNCH.entry}}))
    before = claude_desktop_file().stat().st_mtime_ns
    assert "has this server already" in add_server(ClaudeDesktop(), LAUNCH)
    assert claude_desktop_file().stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("lines", "calls"),
    [(("n",), []), (("y",), ["mcp remove --scope user outlook", "mcp add --scope user outlook -e"])],
)
def test_claude_code_replaces_its_server_when_the_person_agrees(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: Sequence[str], calls: Sequence[str]
) -> None:
    asked = program(monkeypatch, tmp_path, "claude")
    claude_code_file().write_text(THEIRS)
    typed(monkeypatch, *lines)
    if calls:
        add_server(ClaudeCode(), LAUNCH)
    else:
        with pytest.raises(ConfigurationError, match="nothing was changed"):
            add_server(ClaudeCode(), LAUNCH)
    written = asked.read_text().splitlines() if asked.exists() else []
    assert [line[: len(call)] for line, call in zip(written, calls, strict=True)] == list(calls)


def test_vs_code_whose_file_has_comments_does_not_lose_a_server_of_the_same_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its own command replaces it without a question."""
    asked = program(monkeypatch, tmp_path, "code")
    vscode_file().write_text('{ // mine\n "servers": {"outlook": {"command": "node", "args": ["//x"],},}, /* b */ }')
    with pytest.raises(ConfigurationError, match="already, which starts node"):
        add_server(VsCode(), LAUNCH)
    assert not asked.exists()


def test_comments_and_last_commas_in_texts_are_text() -> None:
    assert parsed('{"a": "/* b */ // c ,}", "d": ["\\",]",],}') == {"a": "/* b */ // c ,}", "d": ['",]']}


def test_doctor_reads_files_with_comments_and_says_when_one_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    entry = {"command": sys.executable, "args": ["-m", "outlook_mcp"]}
    vscode_file().write_text(f'{{"servers": {{"mail": {json.dumps(entry)}, }}, }} // mine')
    claude_desktop_file().write_text("{")
    found = {finding.name: finding for finding in client_findings()}
    assert found["VS Code"].told.endswith("has this server.")
    assert found["Claude Desktop"].told.startswith(f"{claude_desktop_file()}: cannot be read: it is no JSON (line 1, ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '# mine\r\nclient_id = "old" # app\r\nread_only = true',
            '# mine\r\nclient_id = "NEW" # app\r\nread_only = true',
        ),
        ("  \"client_id\"='old'\n[[clients]]\n", '  "client_id"="NEW"\n[[clients]]\n'),
        ("read_only = true\r\n", 'read_only = true\r\nclient_id = "NEW"\r\n'),
    ],
)
def test_every_other_letter_of_the_configuration_file_stays(tmp_path: Path, before: str, after: str) -> None:
    kept, path = tmp_path / "dotfiles.toml", tmp_path / "outlook-mcp" / "config.toml"
    kept.write_bytes(before.encode())
    kept.chmod(0o640)
    path.parent.mkdir()
    path.symlink_to(kept)
    write_settings({"client_id": GUID})
    assert kept.read_bytes().decode() == after.replace("NEW", GUID)
    assert path.is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o640


def test_a_configuration_file_whose_setting_is_written_in_another_form_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "outlook-mcp" / "config.toml"
    path.parent.mkdir()
    path.write_text('client_id = """old"""\n')
    with pytest.raises(ConfigurationError, match="cannot be changed as it is written.") as no:
        write_settings({"client_id": GUID})
    assert f'client_id = "{GUID}"' in (no.value.next_step or "")
    assert path.read_text() == 'client_id = """old"""\n'


def test_a_file_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    claude_desktop_file().mkdir()
    with pytest.raises(ConfigurationError, match=r"cannot be changed: .* Write there what is printed above\."):
        ClaudeDesktop().add_server(LAUNCH)
    (tmp_path / "outlook-mcp").write_text("no folder")
    with pytest.raises(ConfigurationError, match=r"config.toml: .* or name another one: OUTLOOK_MCP_CONFIG\."):
        write_settings({"client_id": GUID})
