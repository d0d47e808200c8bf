"""`kill -9` during a refresh, a write or a rotation of keys: the next start is still signed in."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.cli.commands import Running, SandboxProcess, Terminal, environment, sandbox_process
from tests.effort import IS_THOROUGH, usually
from tests.waiting import wait_until

ALICE = "alice@contoso.example"
ROUNDS = usually(3, thoroughly=8)
NEVER_ANSWERED = ROUNDS - 1
TOKEN_LIFETIME_S = 2
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
SEARCH = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "mail_search", "arguments": {}, "_meta": META},
}


@pytest.fixture
def hasty_sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """Its access tokens expire after two seconds, so that every later start has to refresh."""
    with sandbox_process(tmp_path / "hasty", "--token-lifetime", str(TOKEN_LIFETIME_S)) as process:
        yield process


def test_killed_while_a_refresh_is_in_flight(hasty_sandbox: SandboxProcess, tmp_path: Path) -> None:
    """To all processes but the last Entra never answers; to that one it answers when it is dead."""
    terminals = _signed_in_terminals(hasty_sandbox, tmp_path)
    wait_until(lambda: time.time() > (terminals[0].data / "audit.log").stat().st_mtime + TOKEN_LIFETIME_S)
    asked = _token_requests(hasty_sandbox)
    never = {"route": "*/token", "times": NEVER_ANSWERED, "delay_s": 3600, "cut": "before"}
    late = {"route": "*/token", "times": ROUNDS - NEVER_ANSWERED, "delay_s": 5}
    hasty_sandbox.set_faults(never, late)
    with ExitStack() as stack:
        servers = [stack.enter_context(terminal.start("serve")) for terminal in terminals]
        for server in servers:
            server.say(json.dumps(SEARCH))
        wait_until(lambda: _token_requests(hasty_sandbox) == asked + ROUNDS)
        for server in servers:
            server.signal(signal.SIGKILL)
        for server in servers:
            outcome = server.end()
            assert (outcome.status, outcome.out) == (-signal.SIGKILL, ""), outcome.printed
    hasty_sandbox.set_faults()
    _all_still_signed_in(terminals)
    assert _token_requests(hasty_sandbox) >= asked + 2 * ROUNDS


def test_killed_in_the_middle_of_writing(signed_in: Terminal) -> None:
    for count in (1, 2, 5, 17, 40)[:: 1 if IS_THOROUGH else 3]:
        command = (sys.executable, "-m", "tests.cli.writing_loop", str(signed_in.data))
        with Running.started(command, environment(signed_in.home)) as writer:
            first = int(writer.until(r"^written (\d+)$")[1])
            writer.until(rf"^written {first + count}$")
            writer.signal(signal.SIGKILL)
            assert writer.end().status == -signal.SIGKILL
        outcome = signed_in.run("whoami")
        assert outcome.status == 0, outcome.printed


def test_killed_while_keys_are_rotated(signed_in: Terminal) -> None:
    key = signed_in.data / "vault.key"
    for _ in range(usually(1, thoroughly=5)):
        before = key.read_bytes()
        with signed_in.start("keys", "rotate", "--drop-old") as rotation:
            wait_until(partial(_differs, key, before))
            rotation.signal(signal.SIGKILL)
            rotation.end()
        outcome = signed_in.run("whoami")
        assert outcome.status == 0, outcome.printed


def _signed_in_terminals(sandbox: SandboxProcess, folder: Path) -> list[Terminal]:
    terminals = [Terminal(folder / f"round-{number}", sandbox.settings) for number in range(ROUNDS)]
    outcome, _ = terminals[0].sign_in()
    assert outcome.status == 0, outcome.printed
    for terminal in terminals[1:]:
        shutil.copytree(terminals[0].data, terminal.data)
    return terminals


def _all_still_signed_in(terminals: list[Terminal]) -> None:
    """Asked at once, because each waits for the lease that the killed process held."""
    with ExitStack() as stack:
        commands = [stack.enter_context(terminal.start("whoami")) for terminal in terminals]
        for command in commands:
            outcome = command.end()
            assert outcome.status == 0, outcome.printed
            assert ALICE in outcome.out


def _token_requests(sandbox: SandboxProcess) -> int:
    return sum(str(request["path"]).endswith("/token") for request in sandbox.requests())


def _differs(file: Path, content: bytes) -> bool:
    return file.read_bytes() != content
