"""`outlook-mcp sandbox`: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import errno
import re
import signal
import ssl
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from outlook_mcp.cli import main
from tests.cli.commands import SandboxProcess, Terminal

LETTER = "From: a@contoso.example\nTo: b@contoso.example\nSubject: Hello\n\nA letter.\n"


def test_it_prints_addresses_ca_file_clients_and_users(sandbox: SandboxProcess) -> None:
    printed = sandbox.running.out
    for expected in (sandbox.origin, f"{sandbox.origin}/_sandbox/", "https://127.0.0.1:", "alice@contoso.example"):
        assert expected in printed
    assert sandbox.public_client != sandbox.confidential_client
    trusted = ssl.create_default_context(cafile=sandbox.ca_file)
    https = f"https://127.0.0.1:{int(sandbox.origin.rpartition(':')[2]) + 1}"
    assert https in printed
    assert httpx.get(f"{https}/common/discovery/v2.0/keys", verify=trusted, trust_env=False).status_code == 200


def test_the_control_api_answers(sandbox: SandboxProcess) -> None:
    users = httpx.get(f"{sandbox.origin}/_sandbox/users", trust_env=False).json()
    assert [user["upn"] for user in users][:2] == ["alice@contoso.example", "bob@contoso.example"]


def test_without_the_flag_there_is_no_control_api(tmp_path: Path) -> None:
    with Terminal(tmp_path).start("sandbox", "--port", "0") as running:
        running.until("Ctrl-C stops it")
        origin = running.until(r"^Graph +(\S+)/v1\.0$")[1]
        assert "Control API" not in running.out
        assert httpx.get(f"{origin}/_sandbox/users", trust_env=False).status_code != 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_exit_0_and_leaves_no_folder(tmp_path: Path, number: int) -> None:
    with Terminal(tmp_path).start("sandbox", "--port", "0") as running:
        ca_file = Path(running.until(r"^CA file +(\S+)$")[1])
        running.until("Ctrl-C stops it")
        assert ca_file.exists()
        running.signal(number)
        outcome = running.end()
    assert (outcome.status, outcome.err) == (0, "")
    assert not ca_file.parent.exists()


def test_an_import_names_the_bad_file_and_goes_on(tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / "good.eml").write_text(LETTER)
    (mail / "bad.eml").write_bytes(b"\x00\x01\x02")
    with Terminal(tmp_path).start("sandbox", "--port", "0", "--import", str(mail)) as running:
        running.until("Ctrl-C stops it")
        assert running.until(r"Imported (\d+) message")[1] == "1"
        assert running.until(r"not read: (\S+): \S+")[1] == "bad.eml"


def test_an_import_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("sandbox", "--port", "0", "--import", str(tmp_path / "none"))
    assert outcome.status == 2
    assert f"--import: read '{tmp_path / 'none'}'; expected a folder of .eml files" in outcome.err
    assert outcome.out == ""


def test_an_import_path_that_may_not_be_read_is_not_called_a_wrong_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> NoReturn:
        # The superuser, as whom tests may run, may read everything.
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr("outlook_mcp.cli.sandbox.run_sandbox", refuse)
    assert main(["sandbox", "--import", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"outlook-mcp: {tmp_path}: Permission denied. Choose another path.\n"


def test_a_taken_port_is_refused_in_one_line(sandbox: SandboxProcess, tmp_path: Path) -> None:
    outcome = Terminal(tmp_path).run("sandbox", "--port", sandbox.origin.rpartition(":")[2])
    assert outcome.status == 2
    assert "Address already in use" in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--port", "65535"), "--port: read 65535; expected 1 to 65534, or 0 for any free port."),
        (("--port", "-1"), "--port: read -1; expected 1 to 65534, or 0 for any free port."),
        (
            ("--upload-port", "8766"),
            "--upload-port: read 8766; expected 1 to 65534 apart from --port and its next, or 0.",
        ),
        (("--token-lifetime", "0"), "--token-lifetime: read 0; expected at least 1 second."),
        (("--concurrency", "-1"), "--concurrency: read -1; expected a number, or 0 for no limit."),
    ],
)
def test_a_number_out_of_range_is_refused_in_one_line(tmp_path: Path, arguments: tuple[str, str], reason: str) -> None:
    outcome = Terminal(tmp_path).run("sandbox", *arguments)
    assert (outcome.status, outcome.err) == (2, f"outlook-mcp: {reason}\n")


def test_a_state_file_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    state.write_text("not a database")
    outcome = Terminal(tmp_path).run("sandbox", "--port", "0", "--state", str(state))
    assert (outcome.status, outcome.err) == (2, f"outlook-mcp: --state: read '{state}'; file is not a database.\n")


def test_an_import_into_a_state_file_that_holds_mail_is_skipped_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_text(LETTER)
    state = tmp_path / "state.db"
    command = ("sandbox", "--port", "0", "--state", str(state), "--import", str(tmp_path / "one.eml"))
    for expected in ("Imported 1 message ", f"Nothing imported: {state} holds mail already."):
        with Terminal(tmp_path).start(*command) as running:
            running.until(re.escape(expected))
            running.until("Ctrl-C stops it")
