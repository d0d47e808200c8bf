"""Bytes of an Internet message to a `Message`, however malformed they are."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Iterator

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime import headers, parts
from outlook_mcp.sandbox.mime.addresses import read_addresses
from outlook_mcp.sandbox.mime.calendar import MEETING_METHODS, read_event
from outlook_mcp.sandbox.mime.headers import Header, decode_words
from outlook_mcp.sandbox.mime.parts import Leaf

_BODY_TYPES = {"text/plain", "text/html", "text/enriched", "text/richtext"}
_IMPORTANCE = {"high": "high", "urgent": "high", "1": "high", "2": "high"} | {
    "low": "low",
    "non-urgent": "low",
    "4": "low",
    "5": "low",
}
_EXTENSIONS = {"text/calendar": ".ics", "application/pgp-signature": ".asc", "message/delivery-status": ".txt"}


def parse(raw: bytes) -> Message:
    """Never raises. `mime` is `raw`, Bcc included; `received` is None when the message does not tell."""
    header, body = headers.split_header(raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    leaves = parts.leaves(header, body)
    chosen = _body_leaves(leaves)
    body_type, text = _body(chosen)
    message = _envelope(header)
    message.body_type, message.body = body_type, text
    meeting = _meeting_leaf(leaves)
    if meeting:
        message.calendar = meeting.text
        message.body = message.body if chosen else _description(meeting.text)
    message.attachments = list(_attachments(leaves, [*chosen, *([meeting] if meeting else [])]))
    message.mime = raw
    return message


def _envelope(header: Header) -> Message:
    from_ = next(iter(_people(header, "from")), None)
    sent = headers.date(header.first("date"))
    return Message(
        subject=" ".join(decode_words(header.first("subject")).splitlines()).strip(),
        sender=next(iter(_people(header, "sender")), from_),
        from_=from_,
        to=_people(header, "to"),
        cc=_people(header, "cc"),
        bcc=_people(header, "bcc"),
        reply_to=_people(header, "reply-to"),
        received=next(headers.received_dates(header.values("received")), sent),
        sent=sent,
        internet_message_id=headers.own_id(header.first("message-id")),
        in_reply_to=headers.parent_id(header.first("in-reply-to")),
        references=headers.message_ids(" ".join(header.values("references"))),
        headers=[(name, decode_words(value)) for name, value in header.fields if name.lower() != "bcc"],
        importance=_importance(header),
    )


def _people(header: Header, name: str) -> list[Address]:
    return [address for value in header.values(name) for address in read_addresses(value)]


def _importance(header: Header) -> str:
    for name in ("importance", "x-priority", "priority"):
        words = header.first(name).lower().split()
        if words and words[0] in _IMPORTANCE:
            return _IMPORTANCE[words[0]]
    return "normal"


def _body_leaves(leaves: list[Leaf]) -> list[Leaf]:
    """All text parts, but of each multipart/alternative only the last child with HTML, else with text."""
    texts = [leaf for leaf in leaves if _is_body(leaf)] or _named_body(leaves)
    best: dict[int, tuple[bool, int]] = {}
    for leaf in texts:
        if leaf.choice:
            group, child = leaf.choice
            rank = (leaf.content_type == "text/html", child)
            best[group] = max(best.get(group, rank), rank)
    return [leaf for leaf in texts if leaf.choice is None or best[leaf.choice[0]][1] == leaf.choice[1]]


def _is_body(leaf: Leaf) -> bool:
    return leaf.content_type in _BODY_TYPES and leaf.disposition != "attachment" and not leaf.file_name


def _named_body(leaves: list[Leaf]) -> list[Leaf]:
    """Some programs give the only text of a message a file name."""
    first = leaves[:1]
    return [leaf for leaf in first if leaf.content_type in _BODY_TYPES and leaf.disposition != "attachment"]


def _body(chosen: list[Leaf]) -> tuple[str, str]:
    if not any(leaf.content_type == "text/html" for leaf in chosen):
        return "text", "\n".join(leaf.text for leaf in chosen)
    return "html", "<br>\n".join(_as_html(leaf) for leaf in chosen if leaf.text.strip() or len(chosen) == 1)


def _as_html(leaf: Leaf) -> str:
    if leaf.content_type == "text/html":
        return leaf.text
    return html.escape(leaf.text, quote=False).replace("\n", "<br>\n")


def _meeting_leaf(leaves: list[Leaf]) -> Leaf | None:
    """The calendar part that makes a message a meeting message, as Exchange reads it: it is no attachment then."""
    for leaf in leaves:
        if leaf.content_type == "text/calendar" and leaf.disposition != "attachment":
            event = read_event(leaf.text)
            return leaf if event and event.method in MEETING_METHODS else None
    return None


def _description(calendar: str) -> str:
    event = read_event(calendar)
    return event.text("DESCRIPTION") if event else ""


def _attachments(leaves: list[Leaf], shown_leaves: list[Leaf]) -> Iterator[Attachment]:
    shown = {id(leaf) for leaf in shown_leaves}
    for number, leaf in enumerate(leaves, 1):
        if id(leaf) in shown or (leaf.choice and _is_body(leaf)):
            continue
        yield Attachment(
            name=leaf.file_name or _name(leaf, number),
            content_type=leaf.content_type,
            content=b"" if leaf.link else leaf.content,
            is_inline=leaf.content_id is not None and leaf.disposition != "attachment",
            content_id=leaf.content_id,
            kind="reference" if leaf.link else "item" if leaf.content_type == "message/rfc822" else "file",
            source_url=leaf.link,
        )


def _name(leaf: Leaf, number: int) -> str:
    if leaf.content_type == "message/rfc822":
        header, _ = headers.split_header(leaf.content)
        return decode_words(header.first("subject")) or "Attached message"
    extension = _EXTENSIONS.get(leaf.content_type) or mimetypes.guess_extension(leaf.content_type) or ".bin"
    return f"attachment-{number}{extension}"
