"""The parts of a mail in MIME form: which of them are its text and which are files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from outlook_mcp.mail.mime.headers import decode_words, header, parameter

_TEXT = ("text/html", "text/plain", "text/enriched")
_MOST_PARTS = 2_000


@dataclass(slots=True)
class Parts:
    """Text parts in their order, one of each group of alternatives; all others are files."""

    texts: list[Message] = field(default_factory=list)
    files: list[Message] = field(default_factory=list)


def parts_of(message: Message) -> Parts:
    """The parts of a mail, without those of a mail inside of it: that is one file."""
    found = Parts()
    _sort(message, found)
    return found


def _sort(message: Message, found: Parts) -> None:
    children = _children(message)
    if children is None:
        (found.texts if _is_text(message) else found.files).append(message)
    elif message.get_content_subtype() == "alternative":
        _sort_alternatives(children, found)
    else:
        for child in children:
            _sort(child, found)


def _sort_alternatives(children: list[Message], found: Parts) -> None:
    """The last one with HTML, else the last with text; of the others only what is no text."""
    sorted_children = [parts_of(child) for child in children]
    ranked = [
        (any(text.get_content_type() == "text/html" for text in parts.texts), number)
        for number, parts in enumerate(sorted_children)
        if parts.texts
    ]
    best = max(ranked)[1] if ranked else None
    for number, parts in enumerate(sorted_children):
        if number == best:
            found.texts += parts.texts
        found.files += parts.files


def _children(message: Message) -> list[Message] | None:
    """None for a part that holds content itself."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        return None
    return inner_messages(message)[:_MOST_PARTS]


def _is_text(part: Message) -> bool:
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        return True  # It has no parts, so it is what the sender wrote.
    return kind in _TEXT and part.get_content_disposition() != "attachment" and not file_name(part)


def file_name(part: Message) -> str:
    """The name that the sender gave it, without folders; "" if there is none."""
    name = parameter(part, "filename", "Content-Disposition") or parameter(part, "name")
    return " ".join(name.split()).replace("\\", "/").rpartition("/")[2]


def shown_name(part: Message) -> str:
    """The file's name; for a mail without one its subject, for others the type."""
    if name := file_name(part):
        return name
    inner = next(iter(_embedded_mail(part)), None)
    subject = decode_words(header(inner, "Subject")) if inner is not None else ""
    return f"{subject or 'mail'}.eml" if inner is not None else part.get_content_subtype()


def _embedded_mail(part: Message) -> Iterator[Message]:
    """The mail that a part of type message/rfc822 holds."""
    if part.get_content_type() in ("message/rfc822", "message/global"):
        yield from inner_messages(part)[:1]


def inner_messages(part: Message) -> list[Message]:
    """The parts, or the mails, that a part is made of.

    A text is not asked for: the library would decode it by the codec that its sender names.
    """
    payload = part.get_payload() if part.is_multipart() else None
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def content_of(part: Message) -> bytes:
    """The bytes of a part; of a mail or a report, its MIME form."""
    if part.is_multipart():
        return b"\n".join(map(_written, inner_messages(part)))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _written(message: Message) -> bytes:
    """The library cannot write every mail that it can read; of such a one, nothing."""
    try:
        return message.as_bytes()
    except (ValueError, TypeError, LookupError, AttributeError):
        return b""
