"""Arguments that a command would ignore are refused, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("audit tail --lines 0", "--lines: read 0; expected at least 1."),
        ("audit tail --lines -3", "--lines: read -3; expected at least 1."),
        ("keys list --drop-old", "--drop-old: expected with keys rotate only."),
        ("accounts list work", "accounts list: 'work' is one argument too many."),
        ("accounts disconnect work home", "accounts disconnect: 'home' is one argument too many."),
        ("accounts default work home", "accounts default: 'home' is one argument too many."),
    ],
)
def test_an_argument_that_a_command_would_ignore_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, said: str
) -> None:
    data = tmp_path / "data"
    assert main([*arguments.split(), "--data-dir", str(data)]) == 2
    assert capsys.readouterr().err == f"outlook-mcp: {said}\n"
    assert not data.exists()
