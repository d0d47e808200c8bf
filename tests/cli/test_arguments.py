"""Arguments that a command would ignore are refused, before anything is opened."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import pytest

from outlook_mcp.cli import main
from outlook_mcp.cli.doctor_checks.finding import State
from outlook_mcp.cli.doctor_checks.machine import folder_finding
from outlook_mcp.cli.settings import settings_of


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("audit tail --lines 0", "--lines: read 0; expected at least 1."),
        ("audit tail --lines -3", "--lines: read -3; expected at least 1."),
        ("keys list --drop-old", "--drop-old: expected with keys rotate only."),
        ("keys list --rekey", "--rekey: expected with keys rotate only."),
        ("keys rotate --json", "--json: expected with keys list only."),
        ("audit verify --lines 5", "--lines: expected with audit tail only."),
        ("sessions list 4711", "sessions list: '4711' is one argument too many."),
        ("sessions revoke 4711 --json", "--json: expected with sessions list only."),
        ("users list bob@contoso.example", "users list: 'bob@contoso.example' is one argument too many."),
        ("users list --yes", "--yes: expected with users erase only."),
        ("users show bob@contoso.example --yes", "--yes: expected with users erase only."),
        ("users export bob@contoso.example --json", "--json: expected with users list and users show only."),
        ("accounts --device", "--device: expected with accounts connect only."),
        ("accounts rename work home --no-browser", "--no-browser: expected with accounts connect only."),
        ("accounts list work", "accounts list: 'work' is one argument too many."),
        ("accounts disconnect work home", "accounts disconnect: 'home' is one argument too many."),
        ("demo --stdio --http", "demo --stdio: expected without --http; `demo --http` serves many users."),
        ("accounts default work home", "accounts default: 'home' is one argument too many."),
    ],
)
def test_an_argument_that_a_command_would_ignore_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, said: str
) -> None:
    data = tmp_path / "data"
    folder = [] if arguments.startswith("demo") else ["--data-dir", str(data)]
    assert main([*arguments.split(), *folder]) == 2
    assert capsys.readouterr().err == f"outlook-mcp: {said}\n"
    assert not data.exists()


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ("serv", "Did you mean serve?"),
        ("start", "Did you mean store?"),
        ("doctor --josn", "Did you mean --json?"),
        ("login --client-di 7", "Did you mean --client-id?"),
        ("users lst", "Did you mean list?"),
        ("zzz", "choose from"),
        ("whoami --json", "--json is an option of doctor, keys, audit, sessions, users, and stands after that word."),
        ("--json doctor", "--json is an option of doctor"),
        ("login --port 9000", "--port is an option of serve, doctor,"),
        ("logout --auth own", "--auth is an option of serve, doctor,"),
        ("login --profil work", "Did you mean --profile?"),
        ("--tenant common login", "--tenant stands before the command"),
        ("--profile=work login", "--profile stands before the command"),
        ("login --config my.toml", "The variable OUTLOOK_MCP_CONFIG names the configuration file."),
    ],
)
def test_a_mistyped_word_is_asked_back(capsys: pytest.CaptureFixture[str], arguments: str, asked: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments.split())
    assert end.value.code == 2
    assert asked in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        "login --tenant contoso.example --tenant common",
        "login --tenant=contoso.example --client-id 1 --tenant=common",
        "doctor --read-only --read-only false",
        "audit tail --lines 5 --lines 50",
        "logout --account work --account home",
        "users list --store redis://:hush@cache.example --store sqlite:",
    ],
)
def test_an_option_with_two_values_is_refused(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments.split())
    assert end.value.code == 2
    printed = capsys.readouterr().err
    assert ": given twice, with different values. Remove one of the two." in printed
    assert "hush" not in printed


@pytest.mark.parametrize("given", ["--client-secret hush", "--client-secret=hush", "--master-key hush"])
def test_an_option_for_a_secret_is_refused_with_the_place_where_secrets_stand(
    capsys: pytest.CaptureFixture[str], given: str
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", *given.split()])
    printed = capsys.readouterr().err
    assert "there is no such option. Every program on this machine can read a command line: set OUTLOOK_MCP_" in printed
    assert "hush" not in printed


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert "register an app, write config.toml, sign in and connect a client" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        "users list --store redis://:hush@cache.example",
        "users list --store redis+sentinel://cache.example/main?sentinel_password=hush",
        "store copy redis://:hush@cache.example",
        "store copy sqlite: redis://:hush@cache.example",
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    """Every program of the machine can read it there."""
    assert main([*arguments.split(), "--data-dir", str(tmp_path / "data")]) == 2
    printed = capsys.readouterr().err
    assert "every program on this machine can read a command line" in printed
    assert "hush" not in printed


def test_the_address_of_a_store_with_its_password_is_read_from_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "address").write_text("redis://:hush@127.0.0.1:1/x\n")
    assert main(["store", "copy", f"@{tmp_path / 'address'}", "--data-dir", str(tmp_path / "data")]) == 2
    printed = capsys.readouterr().err
    assert "its database is no number" in printed
    assert "hush" not in printed


def test_a_redis_on_another_machine_without_tls_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody on the way can read its password."""
    monkeypatch.setattr("outlook_mcp.cli.settings.log_to_stderr", lambda *_: None)
    settings_of(Namespace(store="redis://cache.example", data_dir=str(tmp_path)))
    assert "the network in between can read its password. Use rediss:" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_a_data_folder_that_every_user_can_write_to_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user of the machine could put a vault of theirs in its place."""
    monkeypatch.setattr("outlook_mcp.cli.settings.log_to_stderr", lambda *_: None)
    settings_of(Namespace(data_dir=str(tmp_path)))
    assert caplog.text == ""
    tmp_path.chmod(0o777)
    configuration = settings_of(Namespace(data_dir=str(tmp_path)))
    assert f"Run `chmod 700 {tmp_path}`" in caplog.text
    (finding,) = folder_finding(configuration)
    assert (finding.state, finding.fix) == (State.WARN, f"Run `chmod 700 {tmp_path}`.")
    tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_a_configuration_file_that_every_user_can_write_to_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user of the machine could name a server of theirs in it, which would get all tokens."""
    monkeypatch.setattr("outlook_mcp.cli.settings.log_to_stderr", lambda *_: None)
    file = tmp_path / "config.toml"
    file.write_text('log_level = "info"\n')
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(file))
    settings_of(Namespace(data_dir=str(tmp_path)))
    assert caplog.text == ""
    file.chmod(0o666)
    configuration = settings_of(Namespace(data_dir=str(tmp_path)))
    assert f"Run `chmod go-w {file}`" in caplog.text
    (finding,) = folder_finding(configuration)
    assert (finding.name, finding.state, finding.fix) == (
        "configuration",
        State.WARN,
        f"Run `chmod go-w {file}`, for its folder too.",
    )
