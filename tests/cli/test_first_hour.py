"""Every mistake of the first hour is told in words that name it and say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import SandboxProcess
from tests.cli.first_hour import Machine, Mistake
from tests.cli.mistakes import MISTAKES


@pytest.fixture
def machine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Machine:
    def sandbox() -> SandboxProcess:
        process: SandboxProcess = request.getfixturevalue("sandbox")
        return process

    return Machine(tmp_path, monkeypatch, capsys, sandbox)


def test_there_are_at_least_25() -> None:
    assert len({mistake.what for mistake in MISTAKES}) == len(MISTAKES) >= 25


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_mistake_is_named_with_what_to_do(machine: Machine, mistake: Mistake) -> None:
    printed = mistake.provoke(machine)
    assert mistake.named in printed
    assert mistake.fix in printed
    assert "Traceback" not in printed
    assert machine.status != 0
    # Nobody is sent to a browser, from which Entra ID would send nobody back.
    assert "Open http" not in printed
