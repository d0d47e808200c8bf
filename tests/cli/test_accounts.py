"""Several mailboxes of one local profile."""

from __future__ import annotations

import webbrowser
from argparse import Namespace

import httpx
import pytest

from outlook_mcp.cli import accounts
from outlook_mcp.errors import ConfigurationError, InvalidInput
from tests.cli.administration import alone
from tests.cli.commands import SandboxProcess, Terminal

ALICE, DAVE = "alice@contoso.example", "dave@fabrikam.example"


class Typed:
    """Types `outlook-mcp accounts ...` at the terminal of somebody who is signed in."""

    def __init__(self, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
        self._terminal = terminal
        self._capsys = capsys

    def __call__(self, *words: str, **flags: object) -> str:
        given = dict(zip(("action", "name", "new_name"), words, strict=False))
        self._capsys.readouterr()
        accounts.run(Namespace(**self._terminal.settings, **given, **flags))
        return self._capsys.readouterr().out


@pytest.fixture
def typed(signed_in: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    def browse(url: str) -> None:
        httpx.get(url, follow_redirects=True, timeout=30, trust_env=False).raise_for_status()

    alone(monkeypatch)
    monkeypatch.setattr(webbrowser, "open", browse)
    return Typed(signed_in, capsys)


def test_a_second_mailbox_is_connected_named_chosen_and_disconnected(typed: Typed) -> None:
    assert typed("connect", DAVE, "Fabrikam") == f"Connected {DAVE} as 'Fabrikam'.\n"
    listed = typed()
    assert f"* {ALICE}: {ALICE}" in listed
    assert f"  Fabrikam: {DAVE}" in listed
    typed("default", "fabrikam")
    assert f"* Fabrikam: {DAVE}" in typed("list")
    typed("rename", DAVE, "Other work")
    assert "Other work" in typed()
    typed("disconnect", "other work")
    left = typed()
    assert DAVE not in left
    assert f"* {ALICE}" in left


def test_the_profile_stays_the_same_person(typed: Typed, signed_in: Terminal) -> None:
    typed("connect", DAVE)
    assert ALICE in signed_in.run("whoami").out


def test_without_the_last_mailbox_nobody_is_signed_in(typed: Typed, signed_in: Terminal) -> None:
    typed("disconnect", ALICE)
    assert signed_in.run("whoami").status == 1


@pytest.mark.parametrize("words", [("rename",), ("rename", ALICE), ("default",), ("disconnect",)])
def test_a_missing_argument_is_named(typed: Typed, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="NAME is missing"):
        typed(*words)


def test_a_mailbox_that_is_not_connected_is_not_found(typed: Typed, sandbox: SandboxProcess) -> None:
    with pytest.raises(InvalidInput, match=f"connected: {ALICE}"):
        typed("default", DAVE)
