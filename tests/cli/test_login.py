"""`outlook-mcp login` and `logout`: mistakes told at once, whose profile it is, and what stays signed in."""

from __future__ import annotations

from argparse import Namespace

import httpx
import pytest

from outlook_mcp.cli.login import SignInWay
from tests.cli.commands import DEADLINE_S, SandboxProcess, Terminal

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
UNKNOWN = "99999999-2222-3333-4444-555555555555"


def app_of(sandbox: SandboxProcess, **app: object) -> str:
    answer = httpx.post(
        f"{sandbox.origin}/_sandbox/apps", json={"name": "Mine", **app}, timeout=DEADLINE_S, trust_env=False
    )
    return str(answer.raise_for_status().json()["client_id"])


def refused(terminal: Terminal, **settings: str) -> str:
    """What `login` says when it ends without anybody in a browser."""
    outcome = terminal.run("login", "--no-browser", **settings)
    assert (outcome.status, outcome.out) == (1, "")
    assert "Open http" not in outcome.err
    return outcome.err


def test_a_wrong_client_id_ends_the_sign_in_at_once(terminal: Terminal) -> None:
    told = refused(terminal, client_id=UNKNOWN)
    assert "AADSTS700016" in told
    assert "correct the client id" in told


def test_a_wrong_tenant_ends_the_sign_in_at_once(terminal: Terminal) -> None:
    told = refused(terminal, tenant="nobody.example")
    assert "AADSTS90002" in told
    assert "correct the tenant setting" in told


def test_a_redirect_address_that_is_not_registered_ends_the_sign_in_at_once(
    terminal: Terminal, sandbox: SandboxProcess
) -> None:
    told = refused(terminal, client_id=app_of(sandbox, redirect_uris=["http://localhost/elsewhere"]))
    assert "AADSTS50011" in told
    assert "add the redirect address" in told


@pytest.mark.parametrize("status", [503, 200])
def test_an_answer_that_says_nothing_of_the_app_stops_no_sign_in(
    terminal: Terminal, sandbox: SandboxProcess, status: int
) -> None:
    odd = {"times": 1, "status": status, "body": "Something new"}
    sandbox.set_faults({"route": "*/devicecode", **odd}, {"route": "*/authorize", **odd})
    try:
        outcome, _ = terminal.sign_in()
    finally:
        sandbox.set_faults()
    assert outcome.status == 0, outcome.printed


def test_login_says_that_it_waits_and_offers_a_code(terminal: Terminal) -> None:
    outcome, _ = terminal.sign_in()
    assert "Waiting until you have signed in, for at most 10 minutes" in outcome.err
    assert "--device" in outcome.err


def test_over_ssh_login_chooses_the_code_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    assert SignInWay.chosen_by(Namespace(device=False, no_browser=False)) == SignInWay(device=True, browser=None)
    assert "This is an SSH session" in capsys.readouterr().err
    assert not SignInWay.chosen_by(Namespace(device=False, no_browser=True)).device


def test_another_account_takes_a_profile_only_when_somebody_agrees(signed_in: Terminal) -> None:
    outcome, _ = signed_in.sign_in(hint=BOB)
    assert outcome.status == 1
    assert "The profile 'default' stays with the account that it had." in outcome.err
    assert "--replace" in outcome.err
    assert ALICE in signed_in.run("whoami").out
    outcome, _ = signed_in.sign_in("--replace", hint=BOB)
    assert outcome.out.splitlines() == [
        f"Signed in as {BOB} under the profile 'default'.",
        f"{ALICE} had this profile before and was signed out.",
    ]
    # Nothing stays connected that no command of a profile would show.
    assert signed_in.run("logout").out == f"Disconnected {BOB}. Your browser stays signed in to Microsoft.\n"


def test_logout_lists_the_mailboxes_that_stay_and_how_to_forget_them(signed_in: Terminal) -> None:
    signed_in.sign_in("--profile", "work", hint=BOB)
    told = signed_in.run("logout").out.splitlines()
    assert told == [
        f"Disconnected {ALICE}. Your browser stays signed in to Microsoft.",
        f"Still connected: {BOB}, under the profile 'work' (`outlook-mcp logout --profile work`).",
    ]
