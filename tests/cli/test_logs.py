"""At the debug level the product logs, and the libraries that would log whole requests do not."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from outlook_mcp.cli.logs import log_to_stderr


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("name", ["httpx", "httpx2", "httpcore.http11", "httpcore2.http11", "aiohttp.client", "mcp"])
def test_libraries_log_no_requests_at_the_debug_level(name: str) -> None:
    log_to_stderr("debug")
    assert logging.getLogger("outlook_mcp.graph").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
