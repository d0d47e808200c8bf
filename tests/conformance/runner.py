"""The official runner, installed into a folder with npm, and what it found."""

from __future__ import annotations

import asyncio
import json
import platform
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
NODE_MAJOR = 24
INSTALL_S = 120
RUN_S = 180
_RESULT = re.compile(r"(?:authorization-server|server)-(.+)-\d{4}-\d\d-\d\dT[-\d]+Z")
_MACHINES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class CannotRun(Exception):
    """Why the runner is not to be had here."""


@dataclass(frozen=True, slots=True)
class Check:
    """`status` is SUCCESS, FAILURE, WARNING, SKIPPED or INFO."""

    id: str
    status: str
    message: str


Results = dict[str, tuple[Check, ...]]


@dataclass(frozen=True, slots=True)
class Runner:
    """`node` runs `script`; results are written into `folder`."""

    node: Path
    script: Path
    folder: Path

    async def ask_server(self, url: str, revision: str) -> Results:
        """Every scenario that this revision of the specification requires."""
        results = self.folder / f"server-{revision}"
        async with self._running("server", "--url", url, "--requirements", revision, "-o", str(results)) as lines:
            async for _ in lines:
                pass
        return read_results(results)

    async def ask_authorization_server(
        self, issuer: str, port: int, client_id: str, browse: Callable[[str], Awaitable[None]]
    ) -> Results:
        """`browse` signs a user in at the address it is given, up to the redirect to the runner's `port`."""
        results = self.folder / "authorization"
        arguments = ("--client-id", client_id, "--resource", f"{issuer}/mcp", "-p", str(port), "-o", str(results))
        async with self._running("authorization", "--url", issuer, *arguments) as lines:
            async for line in lines:
                if line.startswith(f"{issuer}/".encode()):
                    await browse(line.decode().strip())
        return read_results(results)

    @asynccontextmanager
    async def _running(self, *arguments: str) -> AsyncIterator[asyncio.StreamReader]:
        """What the runner prints; it is waited for, and ended when that takes too long."""
        process = await asyncio.create_subprocess_exec(
            self.node,
            self.script,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(RUN_S):
                yield process.stdout
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def installed(folder: Path) -> Runner:
    """Raises CannotRun without npm, for a machine without a packed Node, and when npm cannot install it."""
    npm = shutil.which("npm")
    machine = _MACHINES.get(platform.machine())
    if npm is None or machine is None:
        raise CannotRun("npm is missing" if npm is None else f"no Node is packed for {platform.machine()}")
    node = f"node-{platform.system().lower()}-{machine}"
    (folder / "package.json").write_text('{"private": true}')
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE, f"{node}@{NODE_MAJOR}"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        raise CannotRun(f"npm took more than {INSTALL_S} s to install the runner") from None
    except subprocess.CalledProcessError as failed:
        told = [line for line in str(failed.stderr).splitlines() if "error" in line]
        raise CannotRun(f"npm cannot install the runner: {' '.join(told)[:300]}") from None
    modules = folder / "node_modules"
    script = modules / PACKAGE.rpartition("@")[0] / "dist" / "index.js"
    return Runner(modules / node / "bin" / "node", script, folder)


def read_results(folder: Path) -> Results:
    """The checks of each scenario, by its name."""
    found: Results = {}
    for file in folder.glob("*/checks.json"):
        shape = _RESULT.fullmatch(file.parent.name)
        assert shape, f"The runner wrote {file.parent.name}, which names no scenario."
        checks = json.loads(file.read_text())
        found[shape[1]] = tuple(
            Check(check["id"], check["status"], check.get("errorMessage") or "") for check in checks
        )
    return found
