"""A mail in a file is read however badly it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlook_mcp.mail.mime.reader import read_mail


def body_of(raw: bytes) -> tuple[str, str | None]:
    body = read_mail(raw).body
    return (body.content_type, body.content) if body else ("", None)


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ("Subject: plain", "plain"),
        ("Subject: =?utf-8?b?w5xiZXI=?=\r\n =?utf-8?q?gabe?=", "Übergabe"),
        ("Subject: Über", "Über"),
        ("Subject: =?no-such-charset?q?x?=", "=?no-such-charset?q?x?="),
        ("Subject: =?utf-8?b?x?=", "=?utf-8?b?x?="),
        ("X-Other: 1", None),
    ],
)
def test_a_subject_is_decoded_where_it_can_be(line: str, subject: str | None) -> None:
    assert read_mail(f"{line}\r\n\r\nHello".encode()).subject == subject
    if subject == "Über":
        assert read_mail(line.encode("cp1252") + b"\n\n").subject == subject


def test_what_is_missing_or_broken_is_left_out() -> None:
    found = read_mail(b"Date: yesterday\nFrom: \nTo: ,;<>\n\nHello")
    assert (found.sent_date_time, found.from_, found.to_recipients) == (None, None, [])
    assert body_of(b"no header at all") == ("text", "no header at all")
    assert body_of(b"") == ("text", "")


def test_the_text_of_a_mail_inside_or_of_an_attachment_is_not_that_of_the_mail() -> None:
    parts = (
        "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/html\n\n<p>inner</p>",
        "Content-Type: text/html\nContent-Disposition: attachment\n\n<p>file</p>",
        "Content-Type: text/plain\n\nouter",
    )
    raw = "Content-Type: multipart/mixed; boundary=b\n\n" + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    assert body_of(raw.encode()) == ("text", "outer")


PIECES = (
    *(b"Subject:", b"From:", b"To: ", b"Date: ", b"Content-Type: ", b"multipart/mixed; boundary=b", b"text/html"),
    *(b"\n", b"\r\n", b"--b", b"--b--", b"=?utf-8?q?", b"?=", b"<", b">", b"\x00", b'"', b";", b"\xff"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=5), max_size=40).map(b"".join))
def test_any_bytes_are_read(raw: bytes) -> None:
    read_mail(raw)
