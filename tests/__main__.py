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
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import collecting
from tests.effort import VARIABLE

ROOT = Path(__file__).parent.parent
SOURCES = ("outlook_mcp", "tests", "examples", "conftest.py")
Command = tuple[str, ...]
STYLE: tuple[Command, ...] = (("ruff", "check", *SOURCES), ("ruff", "format", "--check", *SOURCES))
TYPES_AND_IMPORTS: tuple[Command, ...] = (("mypy",), ("lint-imports",))
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 2**30
SPREAD = ("-n", "3", "--dist", "worksteal")


def tests(arguments: Sequence[str]) -> Command:
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


def run(command: Command, variables: Mapping[str, str], *, captured: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs a tool of this environment; what it prints is shown at once unless captured."""
    name, *options = command
    tool = Path(sys.executable).parent / name
    if not captured:
        print("+", *command, flush=True)
    output = subprocess.PIPE if captured else None
    return subprocess.run(
        [tool, *options], cwd=ROOT, env=variables, check=False, text=True, stdout=output, stderr=subprocess.STDOUT
    )


def main(arguments: Sequence[str]) -> int:
    """The exit status of the first check that fails, else 0."""
    variables = environment(arguments)
    for command in STYLE:
        if status := run(command, variables).returncode:
            return status
    compileall.compile_dir(ROOT / "outlook_mcp", quiet=1)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=1) as beside:
        if not collecting.is_compiled():
            variables[collecting.VARIABLE] = str(Path(folder) / "collected")
        # They use one processor; the tests have the others meanwhile.
        checks = [(command, beside.submit(run, command, variables, captured=True)) for command in TYPES_AND_IMPORTS]
        statuses = [run(tests(arguments), variables).returncode]
        for command, check in checks:
            print("+", *command, flush=True)
            print(check.result().stdout, flush=True)
            statuses.append(check.result().returncode)
    return next((status for status in statuses if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
