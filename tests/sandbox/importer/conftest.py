from __future__ import annotations

from collections.abc import Iterator

import pytest

from outlook_mcp.sandbox.store import Mailbox, MailStore, open_database


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    store = MailStore(open_database())
    yield store.add_mailbox("tenant", "alice", "alice@contoso.example", "Alice")
    store.close()
