"""What a caller writes in a draft, and its JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.choices import Importance
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.drafts.attach_references import AttachReference
from outlook_mcp.mail.drafts.recipients import check_number, check_recipients, parse_recipient, recipients_json
from outlook_mcp.mail.people import People
from outlook_mcp.text.written_body import body_to_html

_LONGEST_SUBJECT = 255
_MESSAGE_ID = re.compile(r"[0-9]{1,20}|[A-Za-z0-9_=+/-]{60,}")
Receipt = Literal["read", "delivery"]
RECEIPTS: tuple[Receipt, ...] = ("read", "delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContent:
    """What a caller writes. None leaves a field as it is.

    A recipient is `Name <a@b.example>`, an address or the name of somebody the user has written to. `body` is Markdown
    or HTML. `sender` is the address that the message comes from, when it is not the mailbox's own. No `receipts` ask
    for none.
    """

    to: Sequence[str] | None = None
    cc: Sequence[str] | None = None
    bcc: Sequence[str] | None = None
    subject: str | None = None
    body: str | None = None
    importance: Importance | None = None
    attach: Sequence[AttachReference] = ()
    reply_to: Sequence[str] | None = None
    sender: str | None = None
    receipts: frozenset[Receipt] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedContent:
    """What is to be written: `fields` are JSON without the body, `html` is a fragment or None to leave the body."""

    fields: dict[str, Any]
    html: str | None = None
    attach: Sequence[AttachReference] = ()


async def prepare(content: DraftContent, people: People, correspondents: Correspondents) -> PreparedContent:
    """Raises InvalidInput. The mailbox is asked for names only when everything else is right."""
    written = {"toRecipients": content.to, "ccRecipients": content.cc, "bccRecipients": content.bcc}
    given = {field: recipients for field, recipients in written.items() if recipients is not None}
    if content.reply_to is not None:
        given["replyTo"] = content.reply_to
    for recipients in given.values():
        check_recipients(recipients)
    others = _sending_fields(content)
    if content.subject is not None:
        others["subject"] = _checked_subject(content.subject)
    if content.importance is not None:
        others["importance"] = content.importance
    html = await body_to_html(content.body) if content.body is not None else None
    found = {field: recipients_json(await people.recipients(recipients)) for field, recipients in given.items()}
    check_number(*(found[field] for field in written if field in found))
    addresses = [str(entry["emailAddress"]["address"]) for entries in found.values() for entry in entries]
    await correspondents.check_recipients(addresses)
    return PreparedContent(fields=found | others, html=html, attach=content.attach)


def body_json(html: str) -> dict[str, Any]:
    """The JSON field of a body."""
    return {"body": {"contentType": "html", "content": html}}


def parse_receipts(written: str) -> frozenset[Receipt]:
    """Raises InvalidInput for anything but `read`, `delivery`, both, or `none`.

    >>> sorted(parse_receipts("read and delivery")), sorted(parse_receipts("none"))
    (['delivery', 'read'], [])
    """
    words = set(re.findall(r"\w+", written.lower())) - {"and", "receipt", "receipts"}
    if words and words <= {"none", "no", "off", "false"}:
        return frozenset()
    if words and words <= {"read", "delivery", "both", "all"}:
        return frozenset(kind for kind in RECEIPTS if kind in words or words & {"both", "all"})
    raise InvalidInput("Receipts are `read`, `delivery`, both of them, or `none`.")


def reply_to_addresses(written: str) -> tuple[str, ...]:
    """The addresses of one string. Raises InvalidInput for what is the id of a message.

    >>> reply_to_addresses("a@x.example, b@x.example"), reply_to_addresses("")
    (('a@x.example, b@x.example',), ())
    """
    if _MESSAGE_ID.fullmatch(written.strip()):
        raise InvalidInput("`reply_to` takes addresses.", next_step="Give the message to answer as `of`.")
    return (written,) if written.strip() else ()


def _sending_fields(content: DraftContent) -> dict[str, Any]:
    """The JSON of the sender and of the receipts."""
    fields: dict[str, Any] = {}
    if content.sender is not None:
        name, address = parse_recipient(content.sender)
        fields["from"] = {"emailAddress": {"address": address, **({"name": name} if name else {})}}
    if content.receipts is not None:
        fields["isReadReceiptRequested"] = "read" in content.receipts
        fields["isDeliveryReceiptRequested"] = "delivery" in content.receipts
    return fields


def _checked_subject(written: str) -> str:
    if any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in written):
        raise InvalidInput("The subject contains a line break or control character.")
    if len(written) > _LONGEST_SUBJECT:
        raise InvalidInput(f"The subject is longer than {_LONGEST_SUBJECT} characters.")
    return written
