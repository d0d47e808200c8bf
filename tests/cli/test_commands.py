"""`login`, `whoami`, `accounts`, `audit`, `keys` and `logout`, against a sandbox."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

import httpx
import pytest

from tests.cli.commands import DEADLINE_S, Terminal

ALICE = "alice@contoso.example"
BOB = "bob@contoso.example"


def test_a_sign_in_lasts_through_every_command_and_every_key(terminal: Terminal) -> None:
    outcome, _ = terminal.sign_in()
    assert outcome.status == 0, outcome.printed
    assert outcome.out == f"Signed in as {ALICE} under the profile 'default'.\n"
    assert "Alice Archer <alice@contoso.example>" in _done(terminal, "whoami")
    assert f"* {ALICE}:" in _done(terminal, "accounts")
    assert "signed_in" in _done(terminal, "audit", "tail")
    assert re.match(r"2 records from \S+ to \S+: the chain is whole", _done(terminal, "audit", "verify"))
    old = _sealing_key(terminal)
    assert f"Old keys that still open the vault: {old}" in _done(terminal, "keys", "rotate")
    assert len(_done(terminal, "keys", "list").splitlines()) == 2
    assert f"{old} is no longer needed and was removed." in _done(terminal, "keys", "rotate", "--drop-old")
    assert len(_done(terminal, "keys", "list").splitlines()) == 1
    assert _sealing_key(terminal) != old
    assert ALICE in _done(terminal, "whoami")
    assert "key" in _done(terminal, "audit", "tail", "--lines", "1")
    assert "the chain is whole" in _done(terminal, "audit", "verify")


def test_a_device_code_approved_by_form_signs_in_and_a_cancelled_one_does_not(terminal: Terminal) -> None:
    shown = r"Open (\S+) and enter the code (\S+) to sign in"
    with terminal.start("login", "--device") as login, terminal.start("login", "--device", profile="work") as other:
        _approve(*login.until(shown).groups(), user=BOB)
        url, code = other.until(shown).groups()
        httpx.post(url, data={"user_code": code, "decision": "cancel"}, trust_env=False).raise_for_status()
        approved, cancelled = login.end(), other.end()
    assert approved.status == 0, approved.printed
    assert approved.out == f"Signed in as {BOB} under the profile 'default'.\n"
    assert BOB in _done(terminal, "whoami")
    assert (cancelled.status, cancelled.out) == (1, "")
    assert cancelled.err.splitlines()[-1].startswith("outlook-mcp: ")


def test_after_logout_whoami_asks_to_sign_in(signed_in: Terminal) -> None:
    app = signed_in.settings.pop("client_id")
    # The configuration may be gone already.
    assert f"Disconnected {ALICE}." in _done(signed_in, "logout")
    signed_in.settings["client_id"] = app
    outcome = signed_in.run("whoami")
    assert (outcome.status, outcome.out) == (1, "")
    assert "outlook-mcp login" in outcome.err


def test_at_level_debug_requests_to_graph_are_logged_by_route_alone(signed_in: Terminal) -> None:
    outcome = signed_in.run("whoami", "--log-level", "debug")
    assert outcome.status == 0
    assert re.search(r" GET /v1\.0/me/mailFolders/\{id\}: 200 in \d+ ms, request id \S+$", outcome.err, re.MULTILINE)
    assert "select" not in outcome.err
    assert "inbox" not in outcome.err


def test_two_profiles_have_two_users(signed_in: Terminal) -> None:
    before = signed_in.run("whoami", "--profile", "work")
    assert before.status == 1
    assert "outlook-mcp login" in before.err
    outcome, _ = signed_in.sign_in("--profile", "work", hint=BOB)
    assert outcome.out == f"Signed in as {BOB} under the profile 'work'.\n"
    accounts = _done(signed_in, "accounts", "--profile", "work")
    assert BOB in accounts
    assert ALICE not in accounts
    _done(signed_in, "logout", "--profile", "work")
    assert ALICE in _done(signed_in, "whoami")
    assert signed_in.run("whoami", "--profile", "work").status == 1


@pytest.mark.parametrize(
    ("arguments", "settings", "name", "read", "expected"),
    [
        (("--client-id", "abc"), {}, "--client-id", "'abc'", "a GUID"),
        ((), {"graph_url": "http://graph.example"}, "OUTLOOK_MCP_GRAPH_URL", "'http://graph.example'", "https://"),
        ((), {"cloud": "moon"}, "OUTLOOK_MCP_CLOUD", "'moon'", "'usgov'"),
        ((), {"tennant": "common"}, "OUTLOOK_MCP_TENNANT", "no such setting", "OUTLOOK_MCP_TENANT"),
        ((), {"config": "/nowhere.toml"}, "OUTLOOK_MCP_CONFIG", "'/nowhere.toml'", "TOML file"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    terminal: Terminal, arguments: tuple[str, ...], settings: dict[str, str], name: str, read: str, expected: str
) -> None:
    outcome = terminal.run("whoami", *arguments, **settings)
    assert (outcome.status, outcome.out) == (2, "")
    for part in (name, read, expected):
        assert part in outcome.err
    assert "Traceback" not in outcome.err
    assert not terminal.data.exists()


@pytest.mark.parametrize(
    ("settings", "status", "said"),
    [
        ({"data_dir": f"{__file__}/data"}, 2, "OUTLOOK_MCP_DATA_DIR: read "),
        ({"graph_url": "https://graph.example:99999/v1.0"}, 2, "OUTLOOK_MCP_GRAPH_URL: read "),
        ({"key_source": "environment", "master_key": "hunter2"}, 2, "OUTLOOK_MCP_MASTER_KEY: read a secret; "),
        ({"key_source": "environment"}, 2, "OUTLOOK_MCP_MASTER_KEY: nothing was read; "),
        ({"store": "tape:"}, 2, "OUTLOOK_MCP_STORE: read a secret; expected sqlite:"),
        ({"store": f"sqlite:{__file__}/vault.db"}, 1, "The vault "),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(
    terminal: Terminal, settings: dict[str, str], status: int, said: str
) -> None:
    with terminal.start("serve", **settings) as server:
        server.close_input()
        outcome = server.end()
    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.startswith(f"outlook-mcp: {said}")
    assert outcome.err.count("\n") == 1
    assert "hunter2" not in outcome.err


def _done(terminal: Terminal, *arguments: str) -> str:
    outcome = terminal.run(*arguments)
    assert outcome.status == 0, outcome.printed
    assert outcome.err == ""
    return outcome.out


def _sealing_key(terminal: Terminal) -> str:
    found = re.search(r"^(\S+)  seals new records", _done(terminal, "keys", "list"), re.MULTILINE)
    assert found
    return found[1]


def _approve(url: str, code: str, *, user: str) -> None:
    """What a person does on another device: types the code, picks the account, accepts."""
    with httpx.Client(timeout=DEADLINE_S, trust_env=False, follow_redirects=True) as browser:
        page = browser.get(url).text
        for typed in ({"user_code": code}, {"user": user}, {"decision": "accept"}):
            if "<form" not in page:
                break
            action = re.search(r'<form method="post" action="([^"]+)"', page)
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
            assert action
            fields = {name: html.unescape(value) for name, value in hidden} | typed
            answer = browser.post(urljoin(url, html.unescape(action[1])), data=fields)
            page = answer.raise_for_status().text
        assert "signed in" in page
