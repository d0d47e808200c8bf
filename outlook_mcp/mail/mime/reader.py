"""Parses a mail in MIME form into what Graph would give for it. Used in worker processes alone: see `job`."""

from __future__ import annotations

import email
from email.message import Message
from html import escape

from outlook_mcp.graph.models import Body
from outlook_mcp.mail.mime.headers import date, header, parameter, people, read_words
from outlook_mcp.mail.mime.parts import Parts, content_of, parts_of, shown_name
from outlook_mcp.mail.models import AttachedItem, FileInside
from outlook_mcp.text.charset_guess import guessed_charset
from outlook_mcp.text.charsets import DecodedText, decoded_by_guess, label_in_html

_MOST_FILES = 200
_LONGEST_NAME = 300


def read_mail(raw: bytes) -> AttachedItem:
    """Headers, text and the names of its files; whatever is missing or broken is left out. It limits nothing itself."""
    message = email.message_from_bytes(raw)
    parts = parts_of(message)
    senders = people(message, "From")
    subject = read_words(header(message, "Subject"))
    texts = [_text_of(part) for part in parts.texts]
    return AttachedItem(
        subject=subject.text or None,
        from_=senders[0] if senders else None,
        to_recipients=people(message, "To"),
        cc_recipients=people(message, "Cc"),
        sent_date_time=date(message),
        body=_body(parts, texts),
        charset_guess=next((text.charset for text in (*texts, subject) if text.is_guess), None),
        files=[_file(part) for part in parts.files[:_MOST_FILES]],
        more_files=max(0, len(parts.files) - _MOST_FILES),
    )


def read_file(raw: bytes, number: int) -> tuple[FileInside, bytes] | None:
    """File `number`, counted from 1, of a mail, and its content; None if there is no such file."""
    files = parts_of(email.message_from_bytes(raw)).files[:_MOST_FILES]
    if not 1 <= number <= len(files):
        return None
    return _file(files[number - 1]), content_of(files[number - 1])


def _file(part: Message) -> FileInside:
    return FileInside(
        name=shown_name(part)[:_LONGEST_NAME],
        content_type=_content_type(part),
        size=len(content_of(part)),
        is_inline=part.get_content_disposition() == "inline" or "content-id" in part,
    )


def _content_type(part: Message) -> str:
    charset = parameter(part, "charset")
    kind = part.get_content_type()
    return f"{kind}; charset={charset}" if charset else kind


def _text_of(part: Message) -> DecodedText:
    raw = content_of(part)
    label = parameter(part, "charset") or (label_in_html(raw) if part.get_content_type() == "text/html" else None)
    return decoded_by_guess(raw, label, guessed_charset)


def _body(parts: Parts, texts: list[DecodedText]) -> Body | None:
    if not texts:
        return None
    is_html = [part.get_content_type() == "text/html" for part in parts.texts]
    if not any(is_html):
        return Body(content_type="text", content="\n".join(text.text for text in texts))
    html = [
        text.text if already else f"<pre>{escape(text.text)}</pre>"
        for text, already in zip(texts, is_html, strict=True)
        if text.text.strip()
    ]
    return Body(content_type="html", content="\n".join(html))
