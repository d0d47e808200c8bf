"""The programs of npm that tests run, installed together and once for all processes of a run.

The Node that runs them is the one that Playwright brings: those of systems are often too old for the Inspector.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import playwright
import pytest

INSPECTOR = "@modelcontextprotocol/inspector@2"
CONFORMANCE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
NODE = Path(playwright.__file__).parent / "driver" / "node"
INSTALL_S = 180.0


@dataclass(frozen=True, slots=True)
class Programs:
    """`node` runs what stands in `modules`."""

    node: Path
    modules: Path

    def path_in(self, package: str, file: str) -> Path:
        """A file of a package that is named with its version."""
        return self.modules / package.rpartition("@")[0] / file


class CannotInstall(Exception):
    """Why the programs are not to be had here."""


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    folder = _of_this_run(tmp_path_factory) / "npm"
    folder.mkdir(exist_ok=True)
    failed = folder / "failed"
    with _alone_in(folder):
        try:
            if failed.exists():
                raise CannotInstall(failed.read_text())
            return installed(folder)
        except CannotInstall as reason:
            failed.write_text(str(reason))
            pytest.skip(f"programs of npm are not here: {reason}")


def installed(folder: Path) -> Programs:
    """In this folder, where they may be already.

    Raises CannotInstall without npm, without the Node of Playwright, and when npm fails.
    """
    npm = shutil.which("npm")
    if npm is None or not NODE.exists():
        raise CannotInstall("npm is missing" if npm is None else "Playwright brings no Node")
    if not (folder / "complete").exists():
        _install(npm, folder, INSPECTOR, CONFORMANCE)
        (folder / "complete").touch()
    return Programs(NODE, folder / "node_modules")


def _install(npm: str, folder: Path, *packages: str) -> None:
    (folder / "package.json").write_text('{"private": true}')
    options = ("--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--no-package-lock")
    command = [npm, "install", *options, *packages]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"npm took more than {INSTALL_S:.0f} s") from None
    except subprocess.CalledProcessError as error:
        told = [line for line in str(error.stderr).splitlines() if "error" in line]
        raise CannotInstall(f"npm failed: {' '.join(told)[:300]}") from None


def _of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Waits for other processes; a lock of SQLite ends with the process that holds it."""
    with closing(sqlite3.connect(folder / "lock", timeout=2 * INSTALL_S, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield
