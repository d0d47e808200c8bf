"""`python -m tests.conformance`: asks the official runner what it finds; exits with 1 when something fails."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.conformance.asking import ask_about_authorization, ask_about_protocol
from tests.conformance.runner import runner_of
from tests.conformance.scenarios import RUN
from tests.conformance.site import conforming_site
from tests.npm import CannotInstall, installed


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        try:
            runner = runner_of(await asyncio.to_thread(installed, Path(folder)), Path(folder))
        except CannotInstall as reason:
            print(f"Not run: {reason}.")
            return 0
        async with conforming_site(Path(folder) / "site") as site:
            found = {f"MCP {revision}": await ask_about_protocol(runner, site, revision) for revision in RUN}
            found["Authorization server"] = await ask_about_authorization(runner, site)
    for subject, judgement in found.items():
        print(subject, *judgement.rows, *(f"  WRONG: {failure}" for failure in judgement.failures), "", sep="\n")
    return int(any(judgement.failures for judgement in found.values()))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
