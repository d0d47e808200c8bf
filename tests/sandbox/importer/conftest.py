from __future__ import annotations

from collections.abc import Iterator

import pytest

from outlook_mcp.sandbox.store import Mailbox, MailStore


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    store = MailStore(":memory:")
    yield store.add_mailbox("tenant", "alice", "alice@contoso.example", "Alice")
    store.close()
