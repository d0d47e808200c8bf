"""`python -m tests` runs everything that must hold: style, types, the order of imports, all tests with branch coverage.

`--quick` leaves out the tests marked slow, and coverage. Other arguments go to pytest.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ("outlook_mcp", "tests", "examples", "conftest.py")
CHECKS = (
    ("ruff", "check", *SOURCES),
    ("ruff", "format", "--check", *SOURCES),
    ("mypy",),
    ("lint-imports",),
)
SPREAD = ("-n", "3", "--dist", "worksteal")


def tests(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command line of pytest."""
    if "--quick" in arguments:
        rest = [argument for argument in arguments if argument != "--quick"]
        return ("pytest", *SPREAD, "-m", "not slow", *rest)
    return ("pytest", "--cov", "--cov-report=term:skip-covered", *SPREAD, *arguments)


def main(arguments: Sequence[str]) -> int:
    """The exit status of the first check that fails, else 0."""
    tools = Path(sys.executable).parent
    for name, *options in (*CHECKS, tests(arguments)):
        print("+", name, *options, flush=True)
        done = subprocess.run([tools / name, *options], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
