from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.authorization.replica import Replica, replica


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Replica]:
    async with replica(tmp_path) as server:
        yield server


@pytest.fixture
async def second(tmp_path: Path, server: Replica) -> AsyncIterator[Replica]:
    """Another server on the same vault."""
    async with replica(tmp_path) as second:
        yield second
