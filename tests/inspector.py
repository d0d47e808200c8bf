"""The MCP Inspector's command line."""

from __future__ import annotations

import pytest

from tests.npm import INSPECTOR, Programs

DEADLINE_S = 60.0


@pytest.fixture(scope="session")
def launcher(programs: Programs) -> list[str]:
    """The Inspector, and the Node.js that runs it."""
    return [str(programs.node), str(programs.path_in(INSPECTOR, "clients/launcher/build/index.js"))]
