"""A mail in Outlook's own format written in MIME form, so that it is read like any other mail.

Used in worker processes alone: the library and the format bound neither time nor memory.
"""

from __future__ import annotations

from base64 import b64encode, encodebytes
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import TypeVar

from olefile import OleFileIO
from oxmsg.domain import constants as tags
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from outlook_mcp.mail.msg.packed_rtf import rtf_text

# Where the list of properties begins in its stream (MS-OXMSG, section 2.4).
_OF_FILE, _OF_INNER_MAIL, _OF_OTHERS = 32, 24, 8
_INNER_MAIL = "__substg1.0_3701000D"
# MS-OXPROPS: of recipients, and the address of a sender in the form of SMTP.
_RECIPIENT_TYPE, _SENDER_SMTP = 0x0C15, 0x5D01
_FIELDS = {1: "To", 2: "Cc", 3: "Bcc"}
_RTF_PACKED = 0x1009
_MOST_DEPTH = 5
Value = TypeVar("Value")


def as_mime(source: bytes) -> bytes:
    """The mail with its files. Whatever is missing or broken is left out; raises OSError for what is no such file."""
    with OleFileIO(source) as file:
        return _mail(Storage.from_ole(file), _OF_FILE, 0)


def _mail(storage: Storage, offset: int, depth: int) -> bytes:
    values = Properties(storage, properties_header_offset=offset)
    boundary = f"-- part of level {depth}"
    parts = [*_body(values), *_files(storage, depth)]
    lines = [*_headers(storage, values), "MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{boundary}"']
    # No line of base64 can begin with two hyphens.
    ends = b"".join(b"\r\n--%s\r\n%s" % (boundary.encode(), part) for part in parts)
    return "\r\n".join([*lines, ""]).encode() + ends + b"\r\n--%s--\r\n" % boundary.encode()


def _headers(storage: Storage, values: Properties) -> Iterator[str]:
    text = values.str_prop_value
    yield f"Subject: {_word(_known(text, tags.PID_SUBJECT) or '')}"
    name = _known(text, tags.PID_SENDER_NAME) or _known(text, tags.PID_SENT_REPRESENTING_NAME) or ""
    address = _known(text, _SENDER_SMTP) or _known(text, tags.PID_SENDER_EMAIL_ADDRESS) or ""
    yield f"From: {_person(name, address)}"
    if sent := _known(values.date_prop_value, tags.PID_CLIENT_SUBMIT_TIME):
        yield f"Date: {format_datetime(sent)}"
    people: dict[str, list[str]] = {}
    for recipient in storage.iter_recipient_storages():
        of_recipient = Properties(recipient, properties_header_offset=_OF_OTHERS)
        read = of_recipient.str_prop_value
        field = _FIELDS.get(_known(of_recipient.int_prop_value, _RECIPIENT_TYPE) or 1, "To")
        address = _known(read, tags.PID_SMTP_ADDRESS) or _known(read, tags.PID_EMAIL_ADDRESS) or ""
        people.setdefault(field, []).append(_person(_known(read, tags.PID_DISPLAY_NAME) or "", address))
    for field, found in people.items():
        yield f"{field}: {', '.join(found)}"


def _body(values: Properties) -> Iterator[bytes]:
    html = _known(values.binary_prop_value, tags.PID_HTML)
    # Without this number the library takes Latin-9, where the text itself tells more.
    has_label = _known(values.int_prop_value, tags.PID_INTERNET_CODEPAGE)
    label = _known(lambda _: values.body_encoding, 0) if has_label else None
    written = _known(values.str_prop_value, tags.PID_BODY_HTML) or _known(values.str_prop_value, tags.PID_BODY)
    if html:
        yield _part(f"text/html{f'; charset={label}' if label else ''}", html)
    elif written:
        is_html = _known(values.str_prop_value, tags.PID_BODY_HTML) is not None
        yield _part(f"text/{'html' if is_html else 'plain'}; charset=utf-8", written.encode("utf-8", "replace"))
    elif packed := _known(values.binary_prop_value, _RTF_PACKED):
        yield _part("text/plain; charset=utf-8", rtf_text(packed).encode("utf-8", "replace"))


def _files(storage: Storage, depth: int) -> Iterator[bytes]:
    for attached in storage.iter_attachment_storages():
        values = Properties(attached, properties_header_offset=_OF_OTHERS)
        text = values.str_prop_value
        inner = next((found for found in attached.storages if found.name == _INNER_MAIL), None)
        if inner is not None and depth < _MOST_DEPTH:
            mail = _mail(inner, _OF_INNER_MAIL, depth + 1)
            yield b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + mail
            continue
        name = _known(text, tags.PID_ATTACH_LONG_FILENAME) or _known(text, tags.PID_ATTACH_FILENAME) or "unnamed"
        kind = _known(text, tags.PID_ATTACH_MIME_TAG) or "application/octet-stream"
        is_inline = bool(_known(text, tags.PID_ATTACH_CONTENT_ID))
        content = _known(values.binary_prop_value, tags.PID_ATTACH_DATA_BINARY) or b""
        yield _part(_one_line(kind), content, name, is_inline)


def _part(kind: str, content: bytes, name: str = "", is_inline: bool = False) -> bytes:
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    if name:
        place = "inline" if is_inline else "attachment"
        lines.append(f'Content-Disposition: {place}; filename="{_word(name)}"')
    return "\r\n".join([*lines, "", ""]).encode("ascii", "replace") + encodebytes(content)


def _person(name: str, address: str) -> str:
    # Addresses of Exchange's own kind (X.500) are of no use to a reader.
    shown = _one_line(address) if "@" in address else ""
    return f"{_word(name)} <{shown}>" if shown else _word(name)


def _word(text: str) -> str:
    """As an encoded word (RFC 2047), so that no sign of the text has a meaning in the header."""
    return f"=?utf-8?b?{b64encode(_one_line(text).encode('utf-8', 'replace')).decode()}?=" if text.strip() else ""


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _known(read: Callable[[int], Value | None], tag: int) -> Value | None:
    """A property that may be missing, broken, or in a charset that nobody knows: None then."""
    try:
        return read(tag)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError):
        return None
