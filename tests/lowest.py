"""`python -m tests.lowest` tries the product with the lowest versions of its dependencies that pyproject.toml allows.

With `--quick` it runs the demo only, else the tests that are not slow. It needs the program `uv`, and an index of
packages as that is configured; the environment that it makes is deleted afterwards.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lowest", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the demo only")
    is_quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder) / "bin" / "python")
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, folder], check=True)
        # Processes that tests start find the tests too, as in the environment of a developer.
        wanted = ["."] if is_quick else ["--editable", ".[test]"]
        install = ["uv", "pip", "install", "--quiet", "--python", python, "--resolution", "lowest-direct", *wanted]
        subprocess.run(install, cwd=ROOT, check=True)
        tried = ["-m", "outlook_mcp", "demo", "--once"] if is_quick else ["-m", "pytest", "-q", "-m", "not slow"]
        return subprocess.run([python, *tried], cwd=ROOT).returncode


if __name__ == "__main__":
    raise SystemExit(main())
