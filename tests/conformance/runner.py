"""The official runner and what it found."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.npm import CONFORMANCE, Programs

RUN_S = 180
_RESULT = re.compile(r"(?:authorization-server|server)-(.+)-\d{4}-\d\d-\d\dT[-\d]+Z")


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


def runner_of(programs: Programs, folder: Path) -> Runner:
    """Writes its results into this folder."""
    return Runner(programs.node, programs.path_in(CONFORMANCE, "dist/index.js"), folder)


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
