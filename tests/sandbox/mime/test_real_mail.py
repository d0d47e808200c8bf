"""Every real message reads as text and survives being written again."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.sandbox.mime import build, html_to_text, parse
from tests.effort import usually

MAIL = Path(__file__).parents[4] / "shared" / "mail"
MESSAGES = MAIL / "spamassassin"
PAGES = MAIL / "html"


@pytest.mark.skipif(not MESSAGES.is_dir(), reason=f"no real messages at {MESSAGES}")
def test_every_real_message_reads_as_text_and_reads_back() -> None:
    files = sorted(MESSAGES.glob("*.eml"))
    assert len(files) == 439
    for file in files[:: usually(4, thoroughly=1)]:
        message = parse(file.read_bytes())
        text = html_to_text(message.body) if message.body_type == "html" else message.body
        assert text.strip(), file.name
        assert message.from_, file.name
        assert message.received, file.name
        again = parse(build(message))
        assert (again.body, again.subject, again.to) == (message.body, message.subject, message.to), file.name
        assert [attachment.content for attachment in again.attachments] == [
            attachment.content for attachment in message.attachments
        ], file.name


@pytest.mark.skipif(not PAGES.is_dir(), reason=f"no real pages at {PAGES}")
def test_every_real_page_reads_as_text() -> None:
    files = sorted(PAGES.glob("*.html"))
    assert files
    for file in files:
        assert len(html_to_text(file.read_text("utf-8"))) > 100, file.name
