"""The first command of the README, run as it stands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.readme.test_readme import DEMO, ROOT


def test_the_demo_runs_from_a_fresh_virtual_environment(tmp_path: Path) -> None:
    """The README's line, with `--once` so that it ends; the packages come from where this environment got them."""
    line = f"{DEMO} --once".replace("-m venv .venv", f"-m venv {tmp_path}").replace(".venv/bin", f"{tmp_path}/bin")
    # Only what the demo loads need be compiled: pip takes 0 for yes here.
    variables = {**os.environ, "PIP_NO_COMPILE": "0"}
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every step worked." in done.stdout
