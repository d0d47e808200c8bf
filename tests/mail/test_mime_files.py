"""Files and texts of a mail that is itself a file: all are told, and each can be read by its number."""

from __future__ import annotations

import pytest
from msgspec import msgpack

from outlook_mcp.mail.mime.headers import decode_words
from outlook_mcp.mail.mime.job import run
from outlook_mcp.mail.mime.reader import read_file, read_mail
from outlook_mcp.mail.mime.smime import signed_content


def multipart(*parts: str, kind: str = "mixed") -> bytes:
    joined = "".join(f"--b\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary=b\n\n{joined}--b--\n".encode("latin-1")


TEXT = "Content-Type: text/plain\n\nSee the files."
CSV = 'Content-Type: text/csv; charset="koi8-r"\nContent-Disposition: attachment; filename="prices.csv"\n\nitem,price'
PICTURE = "Content-Type: image/png; name=logo.png\nContent-ID: <l@x>\n\nPNG"
MAIL = "Content-Type: message/rfc822\n\nSubject: =?gb2312?B?1uzpRrv5?=\n\ninner"


def test_files_are_told_with_name_type_size_and_place() -> None:
    found = read_mail(multipart(TEXT, CSV, PICTURE, MAIL))
    assert found.body is not None
    assert found.body.content == "See the files."
    assert [(file.name, file.content_type, file.size, file.is_inline) for file in found.files] == [
        ("prices.csv", "text/csv; charset=koi8-r", 10, False),
        ("logo.png", "image/png", 3, True),
        ("朱镕基.eml", "message/rfc822", 37, False),
    ]


def test_a_file_is_read_by_its_number() -> None:
    raw = multipart(TEXT, CSV, MAIL)
    assert [found[1] for number in (1, 2) if (found := read_file(raw, number))] == [
        b"item,price",
        b"Subject: =?gb2312?B?1uzpRrv5?=\n\ninner",
    ]
    assert (read_file(raw, 0), read_file(raw, 3)) == (None, None)
    assert msgpack.decode(run(["3"], raw)) is None


def test_text_around_a_file_is_read_whole_and_of_alternatives_the_html() -> None:
    footer = "Content-Type: text/plain\n\nYou get this as a member of the list. 1 < 2"
    assert read_mail(multipart(TEXT, CSV, footer)).body.content == (  # type: ignore[union-attr]
        "See the files.\nYou get this as a member of the list. 1 < 2"
    )
    alternatives = (
        multipart(TEXT, "Content-Type: text/html\n\n<p>See</p>", kind="alternative")
        .decode()
        .replace("=b\n", "=c\n")
        .replace("--b", "--c")
    )
    body = read_mail(multipart(alternatives, footer)).body
    assert body is not None
    assert body.content == "<p>See</p>\n<pre>You get this as a member of the list. 1 &lt; 2</pre>"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_B.?=", "Jörg B."),
        ("=?utf-8?b?w5w=?= and =?utf-8?b?w5w=?=", "Ü and Ü"),
        # One letter in two words, as some programs cut them.
        ("=?utf-8?b?5pel5pw=?= =?utf-8?b?rA==?=", "日本"),
        ("=?iso-8859-1?q?=80_500_don=92t?=", "€ 500 don’t"),
        ("=?utf-8*en?q?caf=C3=A9?=", "café"),
        ("=?punycode?q?hello-kva?=", "hello-kva"),
        ("=?x-unknown?q?x?= =?utf-8?q?=C3=9C?=", "xÜ"),
        ("=?utf-8?b?x?=", "=?utf-8?b?x?="),
    ],
)
def test_encoded_words_are_read_with_the_charsets_of_browsers(written: str, shown: str) -> None:
    assert decode_words(written) == shown


@pytest.mark.parametrize("label", ["punycode", "idna", "undefined", "rot13", "zlib", "no-such"])
def test_a_label_that_is_no_charset_does_not_lose_the_text(label: str) -> None:
    raw = f"Content-Type: text/plain; charset*={label}''{label}\nSubject: =?{label}?q?x?=\n\nhello from inside".encode()
    body = read_mail(raw).body
    assert body is not None
    assert body.content == "hello from inside"
    body = read_mail(f"Content-Type: text/plain; charset={label}\n\nhello from inside".encode()).body
    assert body is not None
    assert body.content == "hello from inside"


def test_a_guessed_charset_is_named() -> None:
    found = read_mail(b"Content-Type: text/plain\n\n" + "Здравствуйте, это счет".encode("cp1251"))
    assert (found.body and found.body.content, found.charset_guess) == ("Здравствуйте, это счет", "windows-1251")
    assert read_mail(b"Content-Type: text/plain\n\n" + "Grüße".encode()).charset_guess is None


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def test_the_mail_in_a_signed_file_is_taken_out_and_that_in_an_encrypted_one_is_not() -> None:
    mail = b"Content-Type: text/plain\n\n" + b"The contract is signed. " * 20
    data, signed, enveloped = (bytes.fromhex("2a864886f70d0107" + last) for last in ("01", "02", "03"))
    version, algorithms = element(0x02, b"\x01"), element(0x31, b"")
    for octets in (
        element(0x04, mail),
        element(0x24, element(0x04, mail[:100]) + element(0x04, mail[100:])),
        b"\x24\x80" + element(0x04, mail) + b"\x00\x00",
    ):
        inner = element(0x30, element(0x06, data) + element(0xA0, octets))
        content = element(0x30, version + algorithms + inner)
        raw = element(0x30, element(0x06, signed) + element(0xA0, content))
        assert signed_content(raw) == mail
        assert b"The contract is signed." in run(["signed"], raw)
        assert signed_content(element(0x30, element(0x06, enveloped) + element(0xA0, content))) is None
    broken = (b"", b"%PDF-1.4", b"\x30\x80" * 5000, b"\x30\x84\xff\xff\xff\xff")
    assert not any(map(signed_content, broken))
    assert run(["signed"], b"%PDF") == b"null"
