"""A mail in a file is read however badly it is written."""

from __future__ import annotations

from base64 import b64encode

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
        ("Subject: =?no-such-charset?q?x_y?=", "x y"),
        ("Subject: =?punycode?q?x-kva?=", "x-kva"),
        ("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe an alle?=", "Grüße an alle"),
        ("Subject: =?utf-8?q?Really??= yes", "Really? yes"),
        ("Subject: =?utf-8?b?x?=", "=?utf-8?b?x?="),
        ("X-Other: 1", None),
    ],
)
def test_a_subject_is_decoded_where_it_can_be(line: str, subject: str | None) -> None:
    assert read_mail(f"{line}\r\n\r\nHello".encode()).subject == subject
    if subject == "Über":
        assert read_mail(line.encode("cp1252") + b"\n\n").subject == subject


@pytest.mark.parametrize("label", ["a\x00b", "idna", "rot13", "no-such-charset"])
def test_no_codec_of_python_is_looked_up_by_the_name_that_a_sender_gives(label: str) -> None:
    raw = f'Content-Type: text/plain; charset="{label}"\nContent-Transfer-Encoding: 8bit\n\nGrüße'.encode()
    assert body_of(raw)[1] == "Grüße"


def test_a_subject_whose_label_is_wrong_is_guessed_and_said_to_be() -> None:
    word = f"=?utf-8?b?{b64encode('Встреча в пятницу'.encode('koi8-r')).decode()}?="
    found = read_mail(f"Subject: Re: {word}\n\nHello".encode())
    assert (found.subject, found.charset_guess) == ("Re: Встреча в пятницу", "koi8-r")


@pytest.mark.parametrize(
    ("field", "name", "address"),
    [
        ("Smith, John <j@x.example>", "Smith, John", "j@x.example"),
        ('"Smith, John" <j@x.example>', "Smith, John", "j@x.example"),
        ("Name ,_<u@x.example>", "Name", "u@x.example"),
        ("John <mailto:j@x.example>", "John", "j@x.example"),
        ("[mailto:j@x.example]", None, "j@x.example"),
        ("j@x.example>", None, "j@x.example"),
        ("John <c@[192.0.2.1]>", "John", "c@[192.0.2.1]"),
        ('"two words"@x.example', None, '"two words"@x.example'),
        ('John "two words"@x.example', "John", '"two words"@x.example'),
        ("ceo@bank.example <x@evil.example>", "ceo@bank.example", "x@evil.example"),
        ("Bob@Work <b@x.example>", "Bob@Work", "b@x.example"),
        ('J. R. "Bob" D., Jr. <j@x.example>', "J. R. Bob D., Jr.", "j@x.example"),
        ("j@x.example (John)", "John", "j@x.example"),
        ("=?utf-8?q?Smith=2C_J=C3=B6rg?= <j@x.example>", "Smith, Jörg", "j@x.example"),
        ("<@relay.example:j@x.example>", None, "j@x.example"),
        ("John Doe", "John Doe", None),
        ('"unclosed <j@x.example>', '"unclosed', "j@x.example"),
        (r'"John \"JJ\" Doe" <j@x.example>', 'John "JJ" Doe', "j@x.example"),
    ],
)
def test_a_sender_is_who_stands_in_the_brackets(field: str, name: str | None, address: str | None) -> None:
    sender = read_mail(f"From: {field}\n\nHello".encode()).from_
    assert sender
    assert (sender.email_address.name, sender.email_address.address) == (name, address)


def test_all_recipients_of_a_field_are_read_and_groups_are_none() -> None:
    field = "Smith, John <j@x.example>, team: a@x.example, Bob <b@x.example>;, undisclosed-recipients:;, c@x.example"
    found = read_mail(f"To: {field}\n\nHello".encode()).to_recipients
    assert [person.email_address.address for person in found] == [
        "j@x.example",
        "a@x.example",
        "b@x.example",
        "c@x.example",
    ]


@pytest.mark.parametrize("part", ['"a\\', "(a", "a<b ", "a, ", '"', "<"])
def test_a_field_of_pieces_that_are_not_closed_is_read_as_one(part: str) -> None:
    found = read_mail(f"To: {part * 20_000}\n\nHello".encode()).to_recipients
    assert len(found) <= 1


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


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=5), max_size=40).map(b"".join))
def test_any_bytes_are_read(raw: bytes) -> None:
    read_mail(raw)
