"""One sandbox process for the whole folder, and terminals that are signed in to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import SandboxProcess, Terminal, sandbox_process


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with sandbox_process(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def terminal(sandbox: SandboxProcess, tmp_path: Path) -> Terminal:
    """Nobody has signed in here yet."""
    return Terminal(tmp_path, sandbox.settings)


@pytest.fixture(scope="session")
def _signed_in_once(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    first = Terminal(tmp_path_factory.mktemp("signed-in"), sandbox.settings)
    outcome, _ = first.sign_in()
    assert outcome.status == 0, outcome.printed
    return first.data


@pytest.fixture
def signed_in(terminal: Terminal, _signed_in_once: Path) -> Terminal:
    """Alice has signed in here; the data folder is this test's own copy."""
    shutil.copytree(_signed_in_once, terminal.data)
    return terminal
