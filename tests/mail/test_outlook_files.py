"""A mail in Outlook's own format is read like any other, with its files and the mails inside of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from outlook_mcp.mail.models import AttachedItem
from outlook_mcp.mail.msg import job
from tests.text.files.compound import (
    ADDRESS,
    BODY,
    FILE_CONTENT,
    FILE_NAME,
    FILE_TYPE,
    HTML,
    NAME,
    RECIPIENT_TYPE,
    SENDER,
    SENDER_ADDRESS,
    SENT,
    SUBJECT,
    compound,
    outlook_tree,
)

INNER = outlook_tree({SUBJECT: "Inside", BODY: "Good morning."}, head=24)
VALUES = {
    SUBJECT: "Die Übergabe\r\nBcc: x@y.example",
    SENDER: "Jörg, Chef",
    SENDER_ADDRESS: "joerg@partner.example",
    SENT: datetime(2026, 11, 16, 8, 0, tzinfo=UTC),
    HTML: "<p>Grüße</p>".encode(),
}
PEOPLE = [
    {NAME: "Alice", ADDRESS: "alice@contoso.example", RECIPIENT_TYPE: 1},
    {NAME: "Erin", ADDRESS: "erin@fabrikam.example", RECIPIENT_TYPE: 2},
]
FILES: list[Mapping[Any, Any]] = [{FILE_NAME: "Preise.csv", FILE_TYPE: "text/csv", FILE_CONTENT: b"item,price"}, INNER]


def test_headers_text_and_files_of_an_outlook_file_are_read() -> None:
    mail = msgspec.json.decode(job.run([], compound(outlook_tree(VALUES, PEOPLE, FILES))), type=AttachedItem)
    assert mail.subject == "Die Übergabe Bcc: x@y.example"
    assert mail.from_ is not None
    assert (mail.from_.email_address.name, mail.from_.email_address.address) == ("Jörg, Chef", "joerg@partner.example")
    assert [person.email_address.address for person in mail.to_recipients] == ["alice@contoso.example"]
    assert [person.email_address.address for person in mail.cc_recipients] == ["erin@fabrikam.example"]
    assert mail.sent_date_time == datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
    assert mail.body is not None
    assert mail.body.content is not None
    assert "Grüße" in mail.body.content
    assert [file.name for file in mail.files] == ["Preise.csv", "Inside.eml"]


def test_a_mail_inside_an_outlook_file_is_given_in_mime_form() -> None:
    source = compound(outlook_tree(VALUES, PEOPLE, FILES))
    file, content = msgspec.msgpack.decode(job.run(["1"], source))
    assert (file["name"], content) == ("Preise.csv", b"item,price")
    file, content = msgspec.msgpack.decode(job.run(["2"], source))
    assert file["contentType"] == "message/rfc822"
    assert b"Subject: =?utf-8?b?SW5zaWRl?=" in content
