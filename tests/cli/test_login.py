"""`outlook-mcp login` and `logout`: whose profile it is, and what stays signed in.

That mistakes in an app registration end a sign-in at once is tested in `test_first_hour`.
"""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace

import httpx
import pytest

from outlook_mcp.cli import main
from outlook_mcp.cli.login import SignInWay
from tests.cli.administration import alone
from tests.cli.commands import DEADLINE_S, SandboxProcess, Terminal, Typing

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"


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


def test_a_person_who_agrees_gives_the_profile_to_another_account(
    signed_in: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def browse(url: str) -> bool:
        httpx.get(url, follow_redirects=True, timeout=DEADLINE_S, trust_env=False).raise_for_status()
        return True

    alone(monkeypatch)
    monkeypatch.setattr(webbrowser, "open", browse)
    for name, value in {**signed_in.settings, "login_hint": BOB}.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name.upper()}", value)
    for answer, status in (("", 1), ("n", 1), ("y", 0)):
        monkeypatch.setattr(sys, "stdin", Typing(f"{answer}\n"))
        assert main(["login"]) == status
        asked = f"The profile 'default' is signed in as {ALICE}. Sign that out and use {BOB} instead? [y/N]"
        assert asked in capsys.readouterr().err


def test_logout_lists_the_mailboxes_that_stay_and_how_to_forget_them(signed_in: Terminal) -> None:
    signed_in.sign_in("--profile", "work", hint=BOB)
    told = signed_in.run("logout").out.splitlines()
    assert told == [
        f"Disconnected {ALICE}. Your browser stays signed in to Microsoft.",
        f"Still connected: {BOB}, under the profile 'work' (`outlook-mcp logout --profile work`).",
    ]


def test_logout_names_the_other_profiles_of_the_account_and_how_to_sign_in_there_again(signed_in: Terminal) -> None:
    signed_in.sign_in("--profile", "work")
    told = signed_in.run("logout").out.splitlines()
    assert told[1:] == ["Disconnected under the profile 'work' too, which has the same account."]
    assert "Run `outlook-mcp login --profile work` and sign in" in signed_in.run("whoami", "--profile", "work").err
    assert "Run `outlook-mcp login` and sign in" in signed_in.run("whoami").err
    assert "Fix: Run `outlook-mcp login --profile work`." in signed_in.run("doctor", profile="work").out
