"""Messages as they arrive in the wild."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.mime import parse
from tests.cpu_limit import cpu_limit


def lines(*text: str) -> bytes:
    return "\r\n".join(text).encode()


def multipart(subtype: str, *parts: str, boundary: str = "xx") -> bytes:
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"Content-Type: multipart/{subtype}; boundary={boundary}\r\n\r\n{body}--{boundary}--\r\n".encode()


PLAIN = "Content-Type: text/plain\r\n\r\nplain words"
HTML = "Content-Type: text/html\r\n\r\n<p>rich words</p>"
IMAGE = (
    "Content-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO"
)


def test_the_envelope_is_read() -> None:
    message = parse(
        lines(
            "Received: from a by b; Tue, 2 Sep 2025 10:00:05 +0200",
            "From: Alice Smith <alice@contoso.example>",
            'To: "Jones, Bob" <bob@contoso.example>, carol@contoso.example (Carol)',
            "Date: Tue, 2 Sep 2025 10:00:00 +0200",
            "Message-ID: <1@x>",
            "In-Reply-To: Message from Bob <bob@x> of Monday <0@x>",
            "References: <a@x>",
            "\t<0@x> <a@x>",
            "Subject: =?utf-8?q?Caf=C3=A9?= =?utf-8?b?IMOg?= Paris",
            "X-Priority: 1 (Highest)",
            "",
            "Hello",
        )
    )
    assert message.from_ == message.sender == Address("alice@contoso.example", "Alice Smith")
    assert message.to == [Address("bob@contoso.example", "Jones, Bob"), Address("carol@contoso.example", "Carol")]
    assert message.sent == datetime(2025, 9, 2, 8, 0, tzinfo=UTC)
    assert message.received == datetime(2025, 9, 2, 8, 0, 5, tzinfo=UTC)
    assert (message.internet_message_id, message.in_reply_to) == ("<1@x>", "<0@x>")
    assert message.references == ["<a@x>", "<0@x>"]
    assert message.subject == "Café à Paris"
    assert message.importance == "high"
    assert (message.body_type, message.body) == ("text", "Hello")


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("Name ,_<u@x.example>", [("u@x.example", "Name ,_")]),
        ("John [mailto:j@x.example]", [("j@x.example", "John")]),
        ('"two words"@x.example', [('"two words"@x.example', "")]),
        ("Smith, John <j@x.example>", [("j@x.example", "Smith, John")]),
        ("Team: a@x.example, b@x.example;, c@x.example", [(f"{name}@x.example", "") for name in "abc"]),
        ("Jane [j@x.example]", [("j@x.example", "Jane")]),
        ("Jane <mailto:j@x.example>", [("j@x.example", "Jane")]),
        ("'j@x.example', j@[127.0.0.1]", [("j@x.example", ""), ("j@[127.0.0.1]", "")]),
        ("=?utf-8?q?M=C3=BCller?=, Eva <e@x.example>", [("e@x.example", "Müller, Eva")]),
        ("Smith, John, Jr. <j@x.example>, ann@x.example", [("j@x.example", "Smith, John, Jr."), ("ann@x.example", "")]),
        ("a@x.example, Bob <b@x.example>", [("a@x.example", ""), ("b@x.example", "Bob")]),
        ("Ann; Bob <b@x.example>", [("", "Ann"), ("b@x.example", "Bob")]),
        ("Ann, Bob", [("", "Ann"), ("", "Bob")]),
    ],
)
def test_a_comma_in_an_unquoted_name_loses_no_address(value: str, people: list[tuple[str, str]]) -> None:
    """Exchange reads such a From, which RFC 5322 does not allow, as one mailbox."""
    found = parse(lines(f"To: {value}", "", "Hello")).to
    assert [(person.address, person.name) for person in found] == people


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?iso-8859-1?Q?caf\xe9?=", "café"),
        (b"=?utf-8?q?caf\xc3\xa9?= \xc3\xa0 Paris", "café à Paris"),
        (b"=?gb2312?Q?\xc4\xe3\xba\xc3?=", "你好"),
    ],
)
def test_raw_bytes_in_an_encoded_word_are_in_its_charset(raw: bytes, subject: str) -> None:
    """RFC 2047 allows only ASCII there; senders of mass mail write the bytes as they are."""
    assert parse(b"Subject: " + raw + b"\r\n\r\nHello").subject == subject


def test_html_wins_among_alternatives() -> None:
    message = parse(multipart("alternative", PLAIN, HTML))
    assert (message.body_type, message.body, message.attachments) == ("html", "<p>rich words</p>", [])


def test_several_text_parts_are_joined_as_html_when_one_is_html() -> None:
    message = parse(multipart("mixed", "\r\n1 < 2", HTML))
    assert message.body == "1 &lt; 2<br>\n<p>rich words</p>"
    assert parse(multipart("mixed", "\r\none", "\r\ntwo")).body == "one\ntwo"


def test_an_inline_image_keeps_its_content_id() -> None:
    (image,) = parse(multipart("related", HTML, IMAGE)).attachments
    assert (image.name, image.content_id, image.is_inline) == ("logo.png", "logo@x", True)
    assert image.content == b"\x89PN"


def test_a_calendar_alternative_is_kept_as_an_attachment() -> None:
    invitation = "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR"
    message = parse(multipart("alternative", PLAIN, HTML, invitation))
    assert [(attachment.content_type, attachment.content) for attachment in message.attachments] == [
        ("text/calendar", b"BEGIN:VCALENDAR")
    ]


def test_a_nested_message_is_an_item_attachment_with_its_exact_bytes() -> None:
    nested = (
        "Subject: =?utf-8?q?In=C3=A9s?=\r\nContent-Type: multipart/mixed; boundary=yy\r\n\r\n--yy\r\n\r\nin\r\n--yy--"
    )
    (item,) = parse(multipart("mixed", PLAIN, f"Content-Type: message/rfc822\r\n\r\n{nested}")).attachments
    assert (item.kind, item.name, item.content) == ("item", "Inés", nested.encode())


def test_bcc_is_known_but_no_header() -> None:
    message = parse(lines("Bcc: eve@x.example", "Subject: s", "", "b"))
    assert message.bcc == [Address("eve@x.example")]
    assert [name for name, _ in message.headers] == ["Subject"]


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("x-unknown", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", b"it\x92s", "it’s"),
        ("utf-8", b"One letter is bro\x92ken" + b"." * 40, "One letter is bro�ken" + "." * 40),
        ("utf-8", "Привет, как дела".encode("koi8-r"), "Привет, как дела"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("ISO-2022-JP", b"\x1b$B-!-j|bF|\x1b(B! \x1b(I6E\x1b(B \x1b$B!~q", "①㈱髙日! ｶﾅ ◇"),
        ("gb2312", "镕基".encode("gb18030"), "镕基"),
        ("rot13", b"plain", "plain"),
        ("idna", b"plain", "plain"),
        ("bad\x00name", b"a\x00b", "ab"),
        ("utf-7", b"+2AA-lone", "lone"),
    ],
)
def test_a_wrong_charset_still_gives_text(charset: str, raw: bytes, text: str) -> None:
    assert parse(f'Content-Type: text/plain; charset="{charset}"\r\n\r\n'.encode() + raw).body == text


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"Subject: Gr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"Subject: Gr\xfc\xdfe", "Grüße"),
        (b"Subject: =?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", "日本"),
        (b"Subject: =?utf-8?b?SGVsbG8?= there", "Hello there"),
        (b"Subject: =?utf-8?b?****?= =?nope?q?a_b?=", "a b"),
        (b"Subject: first\nSubject: second", "first"),
        (b"Subject : spaced", "spaced"),
        (b"From alice Thu Aug 22 2002\nSubject: after a mailbox line", "after a mailbox line"),
        (b"\xef\xbb\xbfSubject: after a mark", "after a mark"),
        (b"X: 1\nrubbish here\nSubject: after rubbish", "after rubbish"),
        (b"Subject: a\x00b", "ab"),
    ],
)
def test_broken_subjects_are_read(raw: bytes, subject: str) -> None:
    assert parse(raw + b"\n\nbody").subject == subject


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("undisclosed-recipients:;", []),
        ("Team: a@x.example, b@x.example;", [Address("a@x.example"), Address("b@x.example")]),
        ('"unclosed <a@x.example>, b@x.example', [Address("a@x.example", "unclosed"), Address("b@x.example")]),
        ("=?utf-8?q?J=C3=BCrgen_=3Cj=40x=2Eexample=3E?=", [Address("j@x.example", "Jürgen")]),
        ("=?utf-8?q?A=2C_B?= <ab@x.example>", [Address("ab@x.example", "A, B")]),
        ("nobody", [Address("", "nobody")]),
        (",,;<>", []),
        ("Bob bob@x.example", [Address("bob@x.example", "Bob")]),
        ("(" * 500 + "a@x.example", [Address("a@x.example", "(" * 500)]),
    ],
)
def test_broken_address_lists_are_read(value: str, expected: list[Address]) -> None:
    assert parse(f"To: {value}\r\n\r\n".encode()).to == expected


@pytest.mark.parametrize("value", ["", "yesterday", "99 Foo 2025", "Fri, 31 Dec 9999 23:59:59 -1400", "-0000 " * 50])
def test_a_date_that_is_none_is_none(value: str) -> None:
    message = parse(f"Date: {value}\r\n\r\nbody".encode())
    assert message.sent is message.received is None


@pytest.mark.parametrize(
    ("written", "body"),
    [
        (("SGVs!!bG8g", "d29ybGQ"), "Hello world"),
        (("SGVsbG8=", "IHdvcmxk"), "Hello world"),
        (("SGVsbG8gd29ybGQ", "="), "Hello world"),
        (("SGVsbG8gd29ybGQhh",), "Hello world!"),
    ],
)
def test_bad_base64_gives_what_can_be_read(written: tuple[str, ...], body: str) -> None:
    raw = lines("Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", *written)
    assert parse(raw).body == body


def test_a_multipart_without_its_boundary_is_text() -> None:
    assert parse(b"Content-Type: multipart/mixed\r\n\r\nwords").body == "words"
    assert parse(b"Content-Type: multipart/mixed; boundary=zz\r\n\r\nwords").body == "words"
    assert parse(b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\n\r\nwords").body == "words"


def test_the_only_text_is_the_body_even_with_a_file_name() -> None:
    message = parse(lines('Content-Type: text/plain; name="letter.txt"', "", "words"))
    assert (message.body, message.attachments) == ("words", [])


def test_a_transfer_encoding_with_a_remark_is_understood() -> None:
    assert parse(lines("Content-Transfer-Encoding: BASE64 (standard)", "", "SGVsbG8=")).body == "Hello"


def test_names_of_attachments_are_decoded() -> None:
    def name(parameters: str) -> str:
        return parse(multipart("mixed", f"Content-Disposition: attachment; {parameters}\r\n\r\nx")).attachments[0].name

    assert name('filename="=?utf-8?q?=C3=A9t=C3=A9.txt?="') == "été.txt"
    assert name("filename*=utf-8''%C3%A9t%C3%A9.txt") == "été.txt"
    assert name("filename*0*=utf-8''%C3%A9; filename*1=t.txt") == "ét.txt"
    assert name('filename="../../etc/passwd"') == ".._.._etc_passwd"
    assert name("filename*=1; filename*0=x; filename*" + "9" * 5000 + "=y").startswith("attachment-")


def deep_multipart(levels: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return opening + b"Content-Type: text/plain\r\n\r\nbottom"


@pytest.mark.parametrize(
    "raw",
    [
        deep_multipart(5_000),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 200_000,
        b"Content-Type: text/plain; " + b'";' * 200_000 + b"\r\n\r\nx",
        b"To: " + b'"\\"' * 200_000 + b"\r\n\r\nx",
        b"To: " + b"a" * 500_000 + b"\r\n\r\nx",
        b"From: " + b"a@(" * 200_000 + b"\r\n\r\nx",
        b"Subject: " + b"=?utf-8?b?" * 100_000 + b"\r\n\r\nx",
        b"References: " + b"<" * 500_000 + b"\r\n\r\nx",
        b"Content-Type: message/rfc822\r\n\r\n" * 50_000,
    ],
    ids=["deep", "wide", "parameters", "quotes", "long name", "comments", "words", "references", "nested messages"],
)
def test_a_bomb_is_read_in_bounded_time(raw: bytes) -> None:
    with cpu_limit(20):
        parse(raw)


@given(st.binary())
def test_any_bytes_give_a_message(raw: bytes) -> None:
    assert parse(raw).mime == raw


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["From", "To", "Date", "Content-Type", "Content-Transfer-Encoding", "References", "Subject"]
            ),
            st.text(st.sampled_from("=?utf-8?b?q <>@\",;:()/*'%\\\r\n\t\x00é"), max_size=40)
            | st.sampled_from(["multipart/mixed; boundary=a", "message/rfc822", "base64", "x-uuencode", "text/html"]),
        ),
        max_size=8,
    ),
    st.text(st.sampled_from("--a\r\nbegin 666 <>=:;")),
)
def test_any_header_gives_clean_text(fields: list[tuple[str, str]], body: str) -> None:
    header = "".join(f"{name}: {value}\r\n" for name, value in fields)
    message = parse(f"{header}\r\n{body}".encode())
    text = f"{message.subject}{message.body}{message.to}{message.headers}{message.attachments}"
    text.encode()
    assert "\x00" not in message.subject + message.body
