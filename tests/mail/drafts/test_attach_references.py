"""What models write to attach a file: each way means one thing, or is refused with how to write it."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.drafts.attach_references import (
    AttachmentRef,
    AttachReference,
    InlineFile,
    LocalPath,
    MessageRef,
    parse_reference,
)

FULL_ID = "A" * 68


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("4711/2", AttachmentRef(Handle("4711"), 2)),
        (f"{FULL_ID}/2", AttachmentRef(Handle(FULL_ID), 2)),
        ("outlook://me/messages/4711/attachments/2", AttachmentRef(Handle("4711"), 2)),
        ({"id": "4711", "n": 2}, AttachmentRef(Handle("4711"), 2)),
        ({"message_id": 4711, "attachment_number": "2"}, AttachmentRef(Handle("4711"), 2)),
        ("4711", MessageRef(Handle("4711"))),
        (FULL_ID, MessageRef(Handle(FULL_ID))),
        ({"uri": "outlook://me/messages/4711"}, MessageRef(Handle("4711"))),
        ("/home/me/plan.pdf", LocalPath("/home/me/plan.pdf")),
        ("file:///home/me/plan.pdf", LocalPath("file:///home/me/plan.pdf")),
        (r"C:\Users\me\plan.pdf", LocalPath(r"C:\Users\me\plan.pdf")),
        ("reports/plan 2.pdf", LocalPath("reports/plan 2.pdf")),
        ({"name": "plan.pdf", "path": "/home/me/plan.pdf"}, LocalPath("/home/me/plan.pdf")),
        ("notes.txt: Tea.\nAnd cake.", InlineFile("notes.txt", b"Tea.\nAnd cake.", "text/plain; charset=utf-8")),
        ({"filename": "a.csv", "content": "1,2"}, InlineFile("a.csv", b"1,2", "text/csv; charset=utf-8")),
        ('{"name": "a.html", "text": "<p>"}', InlineFile("a.html", b"<p>", "text/html; charset=utf-8")),
        ({"name": "a.png", "base64": "iVBO", "mimeType": "image/png"}, InlineFile("a.png", b"\x89PN", "image/png")),
        ({"name": "../../etc/passwd", "text": "x"}, InlineFile(".. .. etc passwd", b"x", "application/octet-stream")),
    ],
)
def test_it_means_one_thing(written: Any, meant: AttachReference) -> None:
    assert parse_reference(written) == meant


@pytest.mark.parametrize("written", ["", "plan", "4711/0", "4711/x", "see above", {}, {"name": "x"}, {"colour": "red"}])
def test_what_is_unclear_is_refused_with_how_to_write_it(written: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_reference(written)
    assert "`id/n`" in caught.value.next_step


def test_a_web_address_is_not_fetched() -> None:
    with pytest.raises(InvalidInput, match="web addresses"):
        parse_reference("https://files.example/plan.pdf")
