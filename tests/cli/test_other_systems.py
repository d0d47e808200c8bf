"""The command line where parts of Linux are missing, as on Windows and macOS."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import webbrowser
from pathlib import Path

import httpx
import pytest

from outlook_mcp.cli import main, stopping
from tests.cli.administration import alone
from tests.cli.commands import SandboxProcess

MISSING = ("fchmod", "fchown", "getgid", "getegid", "fork", "register_at_fork", "O_NOFOLLOW")


@pytest.fixture(autouse=True)
def _lacking_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: SandboxProcess) -> None:
    """A Python without what only Linux has; Alice signs in in its browser."""

    def browse(url: str) -> bool:
        httpx.get(url, follow_redirects=True, timeout=30, trust_env=False).raise_for_status()
        return True

    def lacking(*_: object) -> None:
        raise NotImplementedError

    alone(monkeypatch)
    for name in MISSING:
        monkeypatch.delattr(os, name, raising=False)
    for name in ("add_signal_handler", "remove_signal_handler"):
        monkeypatch.setattr(asyncio.SelectorEventLoop, name, lacking)
    for name, value in {**sandbox.settings, "data_dir": str(tmp_path / "data")}.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name.upper()}", value)
    monkeypatch.setattr(webbrowser, "open", browse)


def test_every_command_of_a_person_works(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    # Here and not in a fixture: after one, the test runner puts its own streams back.
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(written, encoding="cp437", write_through=True))
    commands = (
        ["login"],
        ["whoami"],
        ["accounts"],
        ["doctor"],
        ["keys", "list"],
        ["keys", "rotate", "--drop-old"],
        ["audit", "tail"],
        ["audit", "verify"],
        ["users", "list"],
        ["sessions", "list"],
        ["logout"],
    )
    statuses = {" ".join(command): main(command) for command in commands}
    printed = written.getvalue().decode("cp437")
    assert statuses == dict.fromkeys(statuses, 0), printed
    assert "Signed in as alice@contoso.example" in printed
    assert "Disconnected alice@contoso.example" in printed


def test_a_command_that_serves_until_ctrl_c_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    real = stopping.wait_for_stop

    async def stopped_at_once(announcement: str) -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        await real(announcement)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("outlook_mcp.cli.sandbox.wait_for_stop", stopped_at_once)
    assert main(["sandbox", "--port", "0"]) == 0
    assert signal.getsignal(signal.SIGINT) is before
