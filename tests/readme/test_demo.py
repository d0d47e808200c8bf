"""The first command of the README, run as it stands."""

from __future__ import annotations

import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.readme.test_readme import DEMO, ROOT


def test_the_demo_runs_from_a_fresh_virtual_environment(tmp_path: Path) -> None:
    """The README's line, with `--once` so that it ends. The packages that the project needs are not fetched anew but
    links to those of this environment; what only the tests need is not there."""
    venv.create(tmp_path, symlinks=True)
    link_packages(Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path)})))
    line = f"{DEMO} --once".replace("-m venv .venv", f"-m venv {tmp_path}").replace(".venv/bin", f"{tmp_path}/bin")
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every step worked." in done.stdout


def link_packages(folder: Path) -> None:
    for package in packages_needed_by(distribution("outlook-mailbox-mcp"), set()):
        for name in {file.parts[0] for file in package.files or () if file.parts[0] != ".."}:
            if not (folder / name).exists():
                (folder / name).symlink_to(str(package.locate_file(name)))


def packages_needed_by(
    package: Distribution, known: set[str], extras: frozenset[str] = frozenset()
) -> Iterator[Distribution]:
    """What `package` needs, and what that needs, each once, but not `package` itself."""
    for line in package.requires or ():
        needed = Requirement(line)
        wanted = needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras or {""})
        if wanted and needed.name not in known:
            known.add(needed.name)
            found = distribution(needed.name)
            yield found
            yield from packages_needed_by(found, known, frozenset(needed.extras))
