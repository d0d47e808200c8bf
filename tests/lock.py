"""`python -m tests.lock` writes the lock file of the company example anew: every dependency with its hashes.

Those that installing needs are among them, since they run too.
It needs the program `uv`, and an index of packages as that is configured.
"""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "examples" / "company" / "requirements.lock"
# What the image can do, so that nobody has to install something into it.
EXTRAS = ("files", "pictures", "telemetry")
HEAD = "# The dependencies of the image with their hashes, made by `python -m tests.lock`. Any index may serve them.\n"


def main() -> None:
    needed_to_install = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    resolved = subprocess.run(
        [
            *("uv", "pip", "compile", "pyproject.toml", "-", "--quiet", "--no-header", "--no-emit-index-url"),
            *(f"--extra={extra}" for extra in EXTRAS),
            *("--generate-hashes", "--python-version", "3.13", "--python-platform", "x86_64-manylinux_2_28"),
        ],
        cwd=ROOT,
        input="\n".join(needed_to_install),
        check=True,
        capture_output=True,
        text=True,
    )
    LOCK.write_text(HEAD + resolved.stdout)


if __name__ == "__main__":
    main()
