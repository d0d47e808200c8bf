"""A sandbox with one mailbox for all tests of a file, and a client of the server before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.office import Office, open_office
from tests.one_task import in_one_task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with in_one_task(open_office(tmp_path_factory.mktemp("office"))) as office:
        yield office
