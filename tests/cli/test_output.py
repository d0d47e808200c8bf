"""What commands print: to a closed pipe, on a console without most characters, and as help."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from outlook_mcp.cli import main, whoami
from outlook_mcp.cli.output import PIPE_CLOSED, is_closed_pipe
from outlook_mcp.cli.parser import build_parser
from tests.cli.administration import alone
from tests.cli.commands import DEADLINE_S, PROGRAM, Terminal, environment
from tests.forked import ForkedCommand


# The parser swallows the error itself where output is not buffered.
@pytest.mark.parametrize(("arguments", "statuses"), [(["--help"], {0, PIPE_CLOSED}), (["keys", "list"], {PIPE_CLOSED})])
def test_a_command_whose_output_nobody_reads_ends_quietly(
    tmp_path: Path, arguments: list[str], statuses: set[int]
) -> None:
    unread, writing = os.pipe()
    os.close(unread)
    errors, to_errors = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    command = ForkedCommand(arguments, environment(tmp_path), (nothing, writing, to_errors))
    for stream in (nothing, writing, to_errors):
        os.close(stream)
    status = command.wait(DEADLINE_S)
    with open(errors) as said:
        assert said.read() == ""
    assert status in statuses


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is full")
def test_a_full_disk_under_the_output_is_told_in_a_sentence(tmp_path: Path) -> None:
    errors, to_errors = os.pipe()
    full, nothing = os.open("/dev/full", os.O_WRONLY), os.open(os.devnull, os.O_RDONLY)
    command = ForkedCommand(["keys", "list"], environment(tmp_path), (nothing, full, to_errors))
    for stream in (nothing, full, to_errors):
        os.close(stream)
    assert command.wait(DEADLINE_S) == 1
    with open(errors) as said:
        assert said.read() == "outlook-mcp: No space is left where the output goes. Make room there.\n"


def test_only_a_closed_pipe_is_quiet() -> None:
    assert is_closed_pipe(BaseExceptionGroup("", [BrokenPipeError(), ExceptionGroup("", [BrokenPipeError()])]))
    assert not is_closed_pipe(BaseExceptionGroup("", [BrokenPipeError(), ValueError()]))


def test_a_console_that_lacks_a_character_shows_another(monkeypatch: pytest.MonkeyPatch) -> None:
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp437")
    alone(monkeypatch)
    monkeypatch.setattr(sys, "stdout", console)

    def answered(_: object) -> int:
        print("Łukasz Müller 山")
        return 0

    monkeypatch.setattr(whoami, "run", answered)
    assert main(["whoami"]) == 0
    console.seek(0)
    assert console.read().splitlines() == ["?ukasz Müller ?"]


def test_lines_keep_their_order_where_no_terminal_reads_them(tmp_path: Path) -> None:
    """Both streams into one file, as `2>&1 | tee` has them."""
    variables = environment(tmp_path, {"authority": "http://127.0.0.1:1", "graph_url": "http://127.0.0.1:1"})
    variables.pop("PYTHONUNBUFFERED", None)
    printed = subprocess.run(
        [*PROGRAM, "setup", "--client-id", "11111111-2222-3333-4444-555555555555", "--tenant", "common"],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    ).stdout.split("\n")
    assert [line.partition(" ")[0] for line in printed if line] == ["2.", "3.", "outlook-mcp:"]


def helped(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_help_shows_the_options_of_the_command_first_and_the_settings_in_a_second_part(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = helped("login", capsys=capsys)
    usage, _, rest = told.partition("\n\n")
    assert usage == "usage: outlook-mcp login [-h] [--device] [--no-browser] [--replace] [settings]"
    assert rest.index("--replace") < rest.index("settings:") < rest.index("--client-id")


def test_help_tells_the_choices_and_the_default_of_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    told = " ".join(helped("login", capsys=capsys).split())
    assert "--cloud global|usgov|usgov-dod|china Microsoft cloud (default: global)" in told
    assert "--read-only [true|false]" in told
    assert re.search(r"--toolsets VALUE .*?\(default: mail-read mail-write mail-send\)", told)
    # Where there is no default, none is told.
    assert "(default: )" not in told
    assert "None" not in told


def test_the_sandbox_prints_the_variables_that_point_the_server_at_it(tmp_path: Path) -> None:
    with Terminal(tmp_path).start("sandbox", "--port", "0", "--state", str(tmp_path / "state.db")) as running:
        running.until("Ctrl-C stops it")
        variables = dict(re.findall(r"^  export (OUTLOOK_MCP_[A-Z_]+)=(\S+)$", running.out, re.MULTILINE))
        settings = {name.removeprefix("OUTLOOK_MCP_").lower(): value for name, value in variables.items()}
        outcome, _ = Terminal(tmp_path, settings).sign_in()
        assert outcome.status == 0, outcome.printed
        # The state holds the secret of the confidential app.
        for file in tmp_path.glob("state.db*"):
            assert file.stat().st_mode & 0o077 == 0, file


def test_a_state_file_of_before_is_closed_to_others(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    state.touch(0o644)
    with Terminal(tmp_path).start("sandbox", "--port", "0", "--state", str(state)) as running:
        running.until("Ctrl-C stops it")
        assert state.stat().st_mode & 0o777 == 0o600
