"""Everything that must hold, in one go: style, types, the order of the components, behaviour with branch coverage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHECKS = (
    ("ruff", "check", "outlook_mcp", "tests", "examples"),
    ("ruff", "format", "--check", "outlook_mcp", "tests", "examples"),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "--cov", "--cov-report=term:skip-covered", "-n", "3", "--dist", "worksteal", *sys.argv[1:]),
)


def main() -> int:
    tools = Path(sys.executable).parent
    for name, *arguments in CHECKS:
        print("+", name, *arguments, flush=True)
        done = subprocess.run([tools / name, *arguments], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
