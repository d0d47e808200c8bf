"""The demo mailboxes as they are made at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from outlook_mcp.sandbox.directory import USERS
from outlook_mcp.sandbox.seed import seed
from outlook_mcp.sandbox.store import MailStore, open_database

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def store() -> Iterator[MailStore]:
    """Only read by the tests."""
    store = MailStore(open_database())
    seed(store, USERS, now=NOW)
    yield store
    store.close()
