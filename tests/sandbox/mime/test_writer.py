"""What is written is valid MIME and reads back as it was."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime import build, parse
from tests.effort import usually

WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")) | st.just(" "), max_size=120).map(
    lambda text: " ".join(text.split())
)
NAMES = WORDS.map(lambda name: " ".join(name.strip(" \"'<>").split()).strip(" \"'<>"))
ADDRESSES = st.builds(Address, st.from_regex(r"[a-z0-9.]{1,20}@[a-z]{1,10}\.example", fullmatch=True), NAMES)
IDS = st.from_regex(r"<[a-z0-9.]{1,80}@[a-z]{1,10}>", fullmatch=True)
BODIES = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"))
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
FILE_NAMES = WORDS.map(lambda name: name.replace("/", "").replace("\\", "").strip() or "a").filter(bool)
FILES = st.builds(Attachment, FILE_NAMES, st.sampled_from(["image/png", "text/plain", "application/pdf"]), st.binary())
INLINES = st.builds(
    Attachment,
    FILE_NAMES,
    st.just("image/png"),
    st.binary(),
    is_inline=st.just(True),
    content_id=st.from_regex(r"[a-z0-9@.]{1,30}", fullmatch=True),
)
ITEMS = st.builds(
    Attachment, FILE_NAMES, st.just("message/rfc822"), st.just(b"Subject: in\r\n\r\nside"), kind=st.just("item")
)
LINKS = st.builds(
    Attachment,
    FILE_NAMES,
    st.just("message/external-body"),
    st.just(b""),
    kind=st.just("reference"),
    source_url=st.from_regex(r"https://[a-z]{1,60}\.example/[a-z0-9/?=&;%\"]{0,80}", fullmatch=True),
)
MESSAGES = st.builds(
    Message,
    subject=WORDS,
    body=BODIES,
    body_type=st.sampled_from(["text", "html"]),
    sender=ADDRESSES,
    from_=ADDRESSES,
    to=st.lists(ADDRESSES, max_size=4),
    cc=st.lists(ADDRESSES, max_size=2),
    bcc=st.lists(ADDRESSES, max_size=2),
    reply_to=st.lists(ADDRESSES, max_size=2),
    sent=TIMES,
    internet_message_id=IDS,
    in_reply_to=IDS | st.none(),
    references=st.lists(IDS, max_size=30, unique=True),
    headers=st.lists(st.tuples(st.from_regex(r"X-Test-[A-Za-z]{1,10}", fullmatch=True), WORDS), max_size=3),
    attachments=st.tuples(st.lists(INLINES, max_size=2), st.lists(FILES | ITEMS | LINKS, max_size=3)).map(
        lambda pair: pair[0] + pair[1]
    ),
    importance=st.sampled_from(["low", "normal", "high"]),
)
KEPT = (
    *("subject", "body", "body_type", "sender", "from_", "to", "cc", "reply_to", "sent", "internet_message_id"),
    *("in_reply_to", "references", "attachments", "importance"),
)


@given(MESSAGES)
@settings(max_examples=usually(30, thoroughly=300))
def test_a_message_reads_back_as_it_was_written(message: Message) -> None:
    again = parse(build(message))
    for name in KEPT:
        assert getattr(again, name) == getattr(message, name), name
    assert [field for field in again.headers if field[0].startswith("X-Test-")] == message.headers


@given(MESSAGES)
@settings(max_examples=usually(30, thoroughly=300))
def test_bcc_is_never_delivered(message: Message) -> None:
    message.bcc = [Address("hidden@secret.example", "Hidden Person")]
    message.headers.append(("BCC", "hidden@secret.example"))
    written = build(message)
    assert b"hidden@secret.example" not in written
    assert parse(written).bcc == []


@given(MESSAGES)
@settings(max_examples=usually(30, thoroughly=300))
def test_every_line_is_short_seven_bit_and_ends_in_crlf(message: Message) -> None:
    for line in build(message).split(b"\r\n"):
        assert line.isascii()
        assert len(line) <= 998
        assert b"\n" not in line


def test_the_standard_library_finds_no_defect() -> None:
    message = Message(
        subject="Grüße",
        body="<p>γειά <img src=cid:a></p>",
        body_type="html",
        from_=Address("alice@contoso.example", "Alice, of Contoso"),
        to=[Address("bob@contoso.example", "Bøb")],
        attachments=[
            Attachment("a.png", "image/png", b"png", is_inline=True, content_id="a"),
            Attachment("日本.pdf", "application/pdf", b"%PDF"),
        ],
    )
    read = email.message_from_bytes(build(message), policy=email.policy.default)
    assert [part.get_content_type() for part in read.walk()] == [
        *("multipart/mixed", "multipart/related", "multipart/alternative", "text/plain", "text/html"),
        *("image/png", "application/pdf"),
    ]
    assert not any(part.defects for part in read.walk())
    assert (read["subject"], str(read["to"])) == ("Grüße", "Bøb <bob@contoso.example>")
    assert read["from"].addresses[0].display_name == "Alice, of Contoso"
    assert [part.get_filename() for part in read.walk() if part.get_filename()] == ["a.png", "日本.pdf"]


def test_a_message_without_id_and_date_gets_both() -> None:
    message = parse(build(Message(from_=Address("alice@contoso.example"))))
    assert message.internet_message_id is not None
    assert message.internet_message_id.endswith("@contoso.example>")
    assert message.sent is not None


def test_no_value_can_start_a_new_header_field() -> None:
    attack = "x\r\nBcc: eve@evil.example\r\n\r\nbody"
    written = build(
        Message(
            subject=attack,
            from_=Address(attack, attack),
            in_reply_to=attack,
            references=[attack],
            internet_message_id=attack,
            headers=[("X-A", attack), ("X-B: 1\r\nBcc", "eve@evil.example"), ("Content-Type", "text/html")],
            attachments=[Attachment(attack, attack, b"", content_id=attack, kind="reference", source_url=attack)],
        )
    )
    header = written.split(b"\r\n\r\n")[0].lower()
    assert b"\nbcc" not in header
    assert header.count(b"content-type:") == 1
    assert parse(written).bcc == []
