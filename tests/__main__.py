"""`python -m tests` runs everything that must hold: style, types, the order of imports, all tests with branch coverage.

`--quick` leaves out the tests marked slow, and coverage. `--thorough` repeats far more of what is random, concurrent or
a long list, and takes an hour or more. Other arguments go to pytest.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.effort import VARIABLE

ROOT = Path(__file__).parent.parent
SOURCES = ("outlook_mcp", "tests", "examples", "conftest.py")
CHECKS = (
    ("ruff", "check", *SOURCES),
    ("ruff", "format", "--check", *SOURCES),
    ("mypy",),
    ("lint-imports",),
)
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 2**30
SPREAD = ("-n", "3", "--dist", "worksteal")


def tests(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command line of pytest."""
    rest = [argument for argument in arguments if argument not in ("--quick", "--thorough")]
    if "--quick" in arguments:
        return ("pytest", *SPREAD, "-m", "not slow", *rest)
    return ("pytest", "--cov", "--cov-report=term:skip-covered", *SPREAD, *rest)


def environment(arguments: Sequence[str]) -> dict[str, str]:
    """The variables of this process, how thorough the run is, and temporary files in memory where there is room.

    SQLite waits for a disk at every write, and the tests write all the time.
    """
    variables = {**os.environ, VARIABLE: "1" if "--thorough" in arguments else "0"}
    # Hundreds of processes are started, and each would compile the package anew.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        variables.setdefault("TMPDIR", str(MEMORY))
    return variables


def main(arguments: Sequence[str]) -> int:
    """The exit status of the first check that fails, else 0."""
    tools = Path(sys.executable).parent
    variables = environment(arguments)
    compileall.compile_dir(ROOT / "outlook_mcp", quiet=1)
    for name, *options in (*CHECKS, tests(arguments)):
        print("+", name, *options, flush=True)
        done = subprocess.run([tools / name, *options], cwd=ROOT, env=variables, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
