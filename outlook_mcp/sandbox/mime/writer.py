"""A `Message` as MIME bytes, ready to be delivered."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.header import Header
from email.message import Message as Part
from email.policy import compat32
from email.utils import format_datetime, make_msgid

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime.calendar import read_event
from outlook_mcp.sandbox.mime.plaintext import html_to_text

_POLICY = compat32.clone(linesep="\r\n", max_line_length=0)
_OWN_FIELDS = {
    *("from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id"),
    *("in-reply-to", "references", "importance", "x-priority", "mime-version"),
}
_FIELD_NAME = re.compile(r"[!-9;-~]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 _'-]+")
_PLAIN_FILE_NAME = re.compile(r"[A-Za-z0-9 ._-]{1,60}")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_LINE_LIMIT = 76


def build(message: Message) -> bytes:
    """Valid MIME with Message-ID and Date (now, when the message has none); Bcc is never written."""
    root = _content(message)
    own, content = Part(), root.items()
    for name, value in _fields(message):
        own[name] = value
    own["MIME-Version"] = "1.0"
    for name, value in content:
        own[name] = value
    own.set_payload(root.get_payload())
    return own.as_bytes(policy=_POLICY)


def _fields(message: Message) -> Iterable[tuple[str, str]]:
    for name, value in message.headers:
        if _FIELD_NAME.fullmatch(name) and name.lower() not in _OWN_FIELDS and not _describes_content(name):
            yield name, _text(value)
    for name, people in _people(message):
        if people:
            yield name, ",\r\n ".join(_person(person) for person in people)
    yield "Subject", _text(message.subject)
    yield "Date", format_datetime((message.sent or message.received or datetime.now(UTC)).astimezone(UTC))
    yield "Message-ID", _plain(message.internet_message_id or make_msgid(domain=_domain(message)))
    if message.in_reply_to:
        yield "In-Reply-To", _plain(message.in_reply_to)
    if message.references:
        yield "References", "\r\n ".join(_plain(reference) for reference in message.references)
    if message.importance != "normal":
        yield "Importance", message.importance
        yield "X-Priority", "1" if message.importance == "high" else "5"


def _describes_content(name: str) -> bool:
    return name.lower().startswith("content-")


def _people(message: Message) -> Iterable[tuple[str, list[Address]]]:
    yield "From", [message.from_] if message.from_ else []
    yield "Sender", [message.sender] if message.sender and message.sender != message.from_ else []
    yield "To", message.to
    yield "Cc", message.cc
    yield "Reply-To", message.reply_to


def _domain(message: Message) -> str:
    author = message.from_ or message.sender
    domain = author.address.rpartition("@")[2] if author else ""
    return domain if re.fullmatch(r"[A-Za-z0-9.-]+", domain) else "localhost"


def _person(person: Address) -> str:
    name, address = " ".join(_plain_text(person.name).split()), _plain(person.address)
    if not name:
        return f"<{address}>"
    if not _PLAIN_PHRASE.fullmatch(name):
        name = _encoded(name)
    return f"{name} <{address}>" if address else name


def _text(value: str) -> str:
    value = _plain_text(value).strip()
    return value if value.isascii() and "=?" not in value and len(value) <= 900 else _encoded(value)


def _encoded(value: str) -> str:
    return Header(value, "utf-8", maxlinelen=_LINE_LIMIT - 1).encode(linesep="\r\n")


def _plain_text(value: str) -> str:
    """One line: a line break in a value would start a new header field."""
    return _CONTROLS.sub(" ", value)


def _plain(token: str) -> str:
    return "".join(_plain_text(token).split())


def _content(message: Message) -> Part:
    inline = [attachment for attachment in message.attachments if attachment.is_inline]
    others = [attachment for attachment in message.attachments if not attachment.is_inline]
    content = _body(message)
    if inline:
        content = _multipart("related", [content, *map(_attachment, inline)])
    if others:
        content = _multipart("mixed", [content, *map(_attachment, others)])
    return content


def _body(message: Message) -> Part:
    forms = [_text_part(message.body, "plain")]
    if message.body_type == "html":
        forms = [_text_part(html_to_text(message.body), "plain"), _text_part(message.body, "html")]
    if message.calendar is not None:
        forms.append(_calendar_part(message.calendar))
    return _multipart("alternative", forms) if len(forms) > 1 else forms[0]


def _multipart(subtype: str, children: list[Part]) -> Part:
    part = Part()
    part["Content-Type"] = f"multipart/{subtype}"
    for child in children:
        part.attach(child)
    return part


def _text_part(text: str, subtype: str) -> Part:
    raw = "\n".join(_LINE_BREAK.split(text)).encode("utf-8", "replace")
    part = Part()
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    if _is_mostly_ascii(raw):
        part["Content-Transfer-Encoding"] = "quoted-printable"
        part.set_payload(binascii.b2a_qp(raw, istext=True).decode("ascii"))
    else:
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(raw).decode("ascii"))
    return part


def _calendar_part(calendar: str) -> Part:
    part = _text_part(calendar, "calendar")
    event = read_event(calendar)
    part.set_param("method", event.method if event else "PUBLISH")
    return part


def _is_mostly_ascii(raw: bytes) -> bool:
    return sum(byte > 127 for byte in raw) * 5 <= len(raw)


def _attachment(attachment: Attachment) -> Part:
    part = Part()
    part["Content-Type"] = _content_type(attachment)
    if attachment.kind == "reference" and attachment.source_url:
        part.set_param("access-type", "URL")
        part.set_param("URL", _plain(attachment.source_url))
    disposition = "inline" if attachment.is_inline else "attachment"
    name = _plain_text(attachment.name)
    plain = _PLAIN_FILE_NAME.fullmatch(name)
    part.add_header("Content-Disposition", disposition, filename=name if plain else ("utf-8", "", name))
    if attachment.content_id:
        part["Content-ID"] = f"<{_plain(attachment.content_id)}>"
    if part["Content-Type"] == "message/rfc822":
        part.set_payload(attachment.content.decode("ascii", "surrogateescape"))
    else:
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(attachment.content).decode("ascii"))
    return part


def _content_type(attachment: Attachment) -> str:
    if attachment.kind == "item" and attachment.content_type == "message/rfc822":
        return "message/rfc822"
    if attachment.kind == "reference":
        return "message/external-body"
    plain = re.fullmatch(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", attachment.content_type)
    is_container = attachment.content_type.lower().startswith(("multipart/", "message/"))
    return attachment.content_type if plain and not is_container else "application/octet-stream"
