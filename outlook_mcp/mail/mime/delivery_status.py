"""Takes a delivery report (RFC 3464) apart. Used in worker processes alone: see `job`."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message

from outlook_mcp.mail.mime.headers import decode_words, header
from outlook_mcp.mail.mime.parts import inner_messages
from outlook_mcp.mail.models import RecipientReport

_TYPES = ("message/delivery-status", "message/global-delivery-status")
_MOST_RECIPIENTS = 50
_LONGEST = 500
_BLANK_LINES = re.compile(r"\n\s*\n")


def read_reports(raw: bytes) -> list[RecipientReport]:
    """What a mail, or its beginning, reports for each recipient; none if it is no report."""
    found = _reports(email.message_from_bytes(raw))
    return [report for _, report in zip(range(_MOST_RECIPIENTS), found, strict=False)]


def _reports(message: Message) -> Iterator[RecipientReport]:
    for part in message.walk():
        for block in _blocks(part) if part.get_content_type() in _TYPES else ():
            address = _typed_value(block, "Final-Recipient") or _typed_value(block, "Original-Recipient")
            if address:
                yield RecipientReport(
                    recipient=address,
                    action=_first_word(block, "Action").lower(),
                    status=_first_word(block, "Status"),
                    diagnostic=_typed_value(block, "Diagnostic-Code"),
                )


def _blocks(part: Message) -> Iterator[Message]:
    """Of the newer type, whose blocks behind the first one the library takes for the text of a mail, too."""
    for block in inner_messages(part):
        yield block
        text = block.get_payload()
        if isinstance(text, str):
            yield from map(email.message_from_string, _BLANK_LINES.split(text))


def _first_word(block: Message, name: str) -> str:
    return header(block, name).partition(" ")[0][:_LONGEST]


def _typed_value(block: Message, name: str) -> str:
    """Without the type in front of it: of `rfc822; x@y.example` the address."""
    written = decode_words(header(block, name))
    _, semicolon, value = written.partition(";")
    return (value if semicolon else written).strip()[:_LONGEST]
