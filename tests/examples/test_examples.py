"""The shortest example runs as it stands; the others are tried in this process, each in a file of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.examples.loading import EXAMPLES


def test_the_client_lists_unread_mail_of_the_demo() -> None:
    example = EXAMPLES / "unread.py"
    done = subprocess.run([sys.executable, example], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Quarterly budget review" in done.stdout


def test_every_example_has_tests() -> None:
    names = [path.stem for path in EXAMPLES.glob("*.py")] + [path.name for path in EXAMPLES.iterdir() if path.is_dir()]
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")} | {"unread"}
    assert set(names) - {"__pycache__"} <= tested
