"""The real messages come in whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.sandbox.importer import import_path
from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.store import Mailbox
from tests.cpu_limit import cpu_limit
from tests.sandbox.importer.stored import rows

MESSAGES = Path(__file__).parents[4] / "shared" / "mail" / "spamassassin"
pytestmark = pytest.mark.skipif(not MESSAGES.is_dir(), reason=f"no real messages at {MESSAGES}")


def test_every_real_message_comes_in_with_its_thread_and_is_found(mailbox: Mailbox) -> None:
    with cpu_limit(20):
        report = import_path(mailbox, MESSAGES)
    assert (report.imported, report.unreadable, mailbox.count()) == (439, [], 439)
    conversations = {row["internet_message_id"]: row["conversation"] for row in rows(mailbox)}
    replies = 0
    for file in MESSAGES.glob("*.eml"):
        message = parse(file.read_bytes())
        for parent in [*message.references, message.in_reply_to]:
            if parent in conversations:
                replies += 1
                assert conversations[parent] == conversations[message.internet_message_id or ""], file.name
    assert replies > 100
    found = mailbox.database.value("SELECT count(*) FROM message_text WHERE message_text MATCH 'linux'")
    assert found > 50
