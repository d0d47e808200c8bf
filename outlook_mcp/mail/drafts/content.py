"""What a caller writes in a draft, and its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.drafts.attach_references import AttachReference
from outlook_mcp.mail.drafts.recipients import check_number, check_recipients, recipients_json
from outlook_mcp.mail.models import Importance
from outlook_mcp.mail.people import People
from outlook_mcp.text.written_body import body_to_html

_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContent:
    """What a caller writes. None leaves a field as it is.

    A recipient is `Name <a@b.example>`, an address or the name of somebody the user has written to. `body` is Markdown
    or HTML.
    """

    to: Sequence[str] | None = None
    cc: Sequence[str] | None = None
    bcc: Sequence[str] | None = None
    subject: str | None = None
    body: str | None = None
    importance: Importance | None = None
    attach: Sequence[AttachReference] = ()


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
    for recipients in given.values():
        check_recipients(recipients)
    others: dict[str, Any] = {}
    if content.subject is not None:
        others["subject"] = _checked_subject(content.subject)
    if content.importance is not None:
        others["importance"] = content.importance
    html = await body_to_html(content.body) if content.body is not None else None
    found = {field: recipients_json(await people.recipients(recipients)) for field, recipients in given.items()}
    check_number(*found.values())
    addresses = [str(entry["emailAddress"]["address"]) for entries in found.values() for entry in entries]
    await correspondents.check_recipients(addresses)
    return PreparedContent(fields=found | others, html=html, attach=content.attach)


def body_json(html: str) -> dict[str, Any]:
    """The JSON field of a body."""
    return {"body": {"contentType": "html", "content": html}}


def _checked_subject(written: str) -> str:
    if any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in written):
        raise InvalidInput("The subject contains a line break or control character.")
    if len(written) > _LONGEST_SUBJECT:
        raise InvalidInput(f"The subject is longer than {_LONGEST_SUBJECT} characters.")
    return written
