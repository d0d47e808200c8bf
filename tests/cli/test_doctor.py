"""`outlook-mcp doctor`: what it finds, and that it changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import keyring.backends.null
import keyring.core
import keyring.errors
import pytest

from outlook_mcp.cli import main
from outlook_mcp.cli.doctor_checks.finding import State, checked
from outlook_mcp.cli.doctor_checks.machine import client_findings
from outlook_mcp.cli.doctor_checks.network import clock_finding
from outlook_mcp.cli.parser import build_parser
from outlook_mcp.config import Configuration, GivenConfiguration
from outlook_mcp.config.folders import claude_code_file, claude_desktop_file
from outlook_mcp.config.rules import RULES
from tests.cli.administration import alone
from tests.cli.commands import Terminal

UNKNOWN = "99999999-2222-3333-4444-555555555555"


def examined(terminal: Terminal, **settings: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """The exit status, the checks by name, and the whole report."""
    outcome = terminal.run("doctor", "--json", **settings)
    assert outcome.err == ""
    report = json.loads(outcome.out)
    return outcome.status, {check["name"]: check for check in report["checks"]}, report


def test_where_everything_works_every_check_is_ok_and_every_rule_is_told(signed_in: Terminal) -> None:
    status, checks, report = examined(signed_in)
    assert status == 0
    names = ("Python", "configuration", "key", "store", "Entra ID", "Microsoft Graph", "clock", "app registration")
    for name in (*names, "sign-in", "permissions", "mailbox"):
        assert checks[name]["state"] == "ok", checks[name]
    assert "alice@contoso.example" in checks["mailbox"]["told"]
    assert {rule["state"] for rule in report["rules"]} == {"ok"}
    assert "CLIENT_CERTIFICATE" in {rule["setting"] for rule in report["rules"]}


def test_on_a_clean_machine_it_says_where_to_begin_and_makes_no_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    unreachable = {"authority": "http://127.0.0.1:1", "graph_url": "http://127.0.0.1:1/v1.0"}
    terminal = Terminal(home)
    outcome = terminal.run("doctor", **unreachable)
    assert outcome.status == 1
    assert "fail  configuration" in outcome.out
    assert "Fix: Run `outlook-mcp setup`" in outcome.out
    assert "Rules between settings:" in outcome.out
    assert "fail  Entra ID" in outcome.out
    assert list(home.iterdir()) == []


def test_a_setting_that_is_wrong_is_told_and_the_rest_still_checked(terminal: Terminal) -> None:
    status, checks, _ = examined(terminal, tennant="common")
    assert status == 1
    assert checks["configuration"]["told"] == "OUTLOOK_MCP_TENNANT: no such setting. Did you mean OUTLOOK_MCP_TENANT?"
    assert checks["Python"]["state"] == "ok"


def test_an_app_that_entra_does_not_know_is_found(terminal: Terminal) -> None:
    status, checks, _ = examined(terminal, client_id=UNKNOWN)
    assert status == 1
    assert "AADSTS700016" in checks["app registration"]["told"]
    assert "Register the app, or correct the client id;" in checks["app registration"]["fix"]
    assert checks["sign-in"]["fix"] == "Run `outlook-mcp login`."


def test_a_server_for_many_users_is_checked_as_one(terminal: Terminal) -> None:
    """Its app has no address on this machine, must allow no public clients, and nobody signs in to its profile."""
    app = {"name": "Company", "redirect_uris": ["https://mail.example.com/callback"], "secret": "a secret of the app"}
    made = httpx.post(f"{terminal.settings['authority']}/_sandbox/apps", json=app, trust_env=False).json()
    server = {"client_id": made["client_id"], "client_secret": app["secret"], "behind_tls_proxy": "true"}
    status, checks, _ = examined(terminal, **server, public_url="https://mail.example.com")
    assert status == 0
    assert "back to https://mail.example.com/callback" in checks["app registration"]["told"]
    assert not {"sign-in", "mailbox", "clients"} & checks.keys()
    _, checks, _ = examined(terminal, **server, public_url="https://other.example.com")
    assert "AADSTS50011" in checks["app registration"]["told"]
    assert "for the platform Web" in checks["app registration"]["fix"]
    _, checks, _ = examined(terminal, public_url="https://mail.example.com")
    assert "OUTLOOK_MCP_BEHIND_TLS_PROXY" in checks["configuration"]["told"]
    assert checks["app registration"]["fix"] == "Mend 'configuration' above first."


def test_a_mailbox_that_was_signed_in_to_for_less_than_the_tools_need_is_found(terminal: Terminal) -> None:
    terminal.sign_in(scopes="User.Read MailboxSettings.Read Mail.Read offline_access")
    _, checks, _ = examined(terminal)
    assert checks["permissions"]["state"] == "warn"
    assert "Mail.ReadWrite, Mail.Send not granted, which mail-write, mail-send needs" in checks["permissions"]["told"]
    assert "--toolsets" in checks["permissions"]["fix"]


def test_without_tools_for_mail_a_mailbox_whose_mail_may_not_be_read_is_no_fault(terminal: Terminal) -> None:
    terminal.sign_in(scopes="User.Read MailboxSettings.Read Calendars.Read offline_access")
    _, checks, _ = examined(terminal, toolsets="calendar-read")
    said = "mail may not be read, which no offered tool needs."
    assert checks["mailbox"] == {"name": "mailbox", "state": "ok", "told": f"alice@contoso.example: {said}", "fix": ""}
    assert said in terminal.run("whoami", toolsets="calendar-read").out
    _, checks, _ = examined(terminal)
    assert "Mail.Read" in checks["mailbox"]["fix"]


def test_what_rests_on_an_address_that_is_not_reached_is_not_blamed_apart_from_it(signed_in: Terminal) -> None:
    nowhere = {"authority": "http://127.0.0.1:1", "graph_url": "http://127.0.0.1:1/v1.0"}
    outcome = signed_in.run("doctor", **nowhere)
    told = " ".join(outcome.out.split())
    assert "app registration Not checked: Entra ID could not be reached" in told
    assert "Fix: Mend what 'Entra ID' says above, then try again." in told
    assert "mailbox Not checked: Microsoft Graph could not be reached" in told
    assert "Fix: Mend what 'Microsoft Graph' says above, then try again." in told
    assert "run `outlook-mcp doctor`" not in told


def test_a_key_that_cannot_be_used_is_blamed_once_and_the_app_still_checked(signed_in: Terminal) -> None:
    (signed_in.data / "vault.key").chmod(0o644)
    _, checks, _ = examined(signed_in)
    assert "is open to other users" in checks["key"]["told"]
    for name in ("store", "sign-in"):
        assert checks[name]["told"] == "Not checked, because of what 'key' says above."
    assert checks["app registration"]["state"] == "ok"


def test_a_keyring_that_cannot_be_used_is_asked_once(signed_in: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question to one that waits for a person takes half a minute."""
    asked: list[str] = []

    class Locked(keyring.backends.null.Keyring):
        def get_password(self, service: str, username: str, password: str | None = None) -> None:
            asked.append(service)
            raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(keyring.core, "_keyring_backend", Locked())  # type: ignore[no-untyped-call]
    alone(monkeypatch)
    for name, value in {**signed_in.settings, "key_source": "keyring"}.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name.upper()}", value)
    assert main(["doctor"]) == 1
    assert asked == ["outlook-mcp"]


def test_the_last_line_names_all_that_fails(signed_in: Terminal) -> None:
    assert signed_in.run("doctor").out.splitlines()[-1] == "Nothing fails."
    (signed_in.data / "vault.key").unlink()
    assert "To be mended: store" in signed_in.run("doctor").out.splitlines()[-1]


def test_a_lost_key_is_found_with_the_way_back(signed_in: Terminal) -> None:
    (signed_in.data / "vault.key").unlink()
    status, checks, _ = examined(signed_in)
    assert status == 1
    assert checks["store"]["state"] == "fail"
    assert "sign in again" in checks["store"]["fix"]
    assert checks["key"]["state"] == "warn"
    assert "holds no key, though there may be a vault" in checks["key"]["told"]


def test_a_variable_that_overrides_another_value_of_the_file_is_found(terminal: Terminal) -> None:
    file = terminal.home / "config.toml"
    file.write_text('tenant = "contoso.example"\ntoolsets = ["mail-read"]\n')
    _, checks, _ = examined(terminal, config=str(file), toolsets="mail-read")
    assert checks["configuration"]["state"] == "warn"
    assert "The file has other values for OUTLOOK_MCP_TENANT, which override it" in checks["configuration"]["told"]


def test_an_audit_log_that_another_vault_began_is_found(signed_in: Terminal) -> None:
    for file in signed_in.data.glob("vault.db*"):
        file.unlink()
    signed_in.run("keys", "list")
    status, checks, _ = examined(signed_in)
    assert status == 1
    assert (checks["store"]["state"], checks["audit log"]["state"]) == ("ok", "fail")
    assert "files whose names begin with audit" in checks["audit log"]["fix"]


def test_a_client_that_would_start_a_command_which_is_not_there_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA", "CLAUDE_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert [finding.told for finding in client_findings()] == ["No MCP client was found on this machine."]
    claude_desktop_file().parent.mkdir(parents=True)
    assert client_findings()[0].state is State.WARN
    entry = {"command": str(tmp_path / "outlook-mcp"), "args": ["serve"]}
    claude_desktop_file().write_text(json.dumps({"mcpServers": {"mine": entry}}))
    assert client_findings()[0].state is State.FAIL
    assert "which is not there" in client_findings()[0].told
    (tmp_path / "outlook-mcp").touch(0o700)
    assert client_findings()[0].state is State.OK
    # Claude Code keeps the servers of one project below it.
    claude_code_file().write_text(json.dumps({"projects": {"/p": {"mcpServers": {"mail": entry}}}}))
    code = client_findings()[0]
    assert (code.name, code.state) == ("Claude Code", State.OK)


@pytest.mark.parametrize(("off_by_s", "state"), [(2, State.OK), (120, State.WARN), (3600, State.FAIL)])
def test_a_clock_that_is_wrong_is_found(off_by_s: int, state: State) -> None:
    assert clock_finding(format_datetime(datetime.now(UTC) + timedelta(seconds=off_by_s))).state is state


def test_a_date_that_cannot_be_is_no_clock_to_compare_with() -> None:
    finding = clock_finding("Mon, 02 Nov 99999999999 09:00:00 GMT")
    assert (finding.state, finding.told) == (State.OK, "Entra ID did not say what time it is.")


def test_a_host_that_no_name_can_be_is_found(signed_in: Terminal) -> None:
    status, checks, _ = examined(signed_in, graph_url="https://graph..example/v1.0")
    assert status == 1
    assert checks["Microsoft Graph"]["told"] == "The name graph..example has no address."


async def test_a_check_that_hangs_ends_and_says_so() -> None:
    async def hanging(_: Configuration) -> list[Any]:
        await anyio.sleep_forever()
        return []

    (finding,) = await checked("network", hanging, GivenConfiguration.model_construct(), deadline_s=0.01)
    assert (finding.state, finding.told) == (State.FAIL, "Not answered within 0.01 s.")


def test_every_rule_of_the_table_is_told_where_a_public_address_is_set(terminal: Terminal) -> None:
    _, _, report = examined(terminal, public_url="http://127.0.0.1:8080")
    assert [rule["setting"] for rule in report["rules"]] == [rule.setting for rule in RULES]
    assert all("{" not in rule["told"] for rule in report["rules"])


def test_doctor_has_a_flag_for_json() -> None:
    assert build_parser().parse_args(["doctor", "--json"]).json
