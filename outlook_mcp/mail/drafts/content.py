"""What a caller writes in a draft, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.attaching import AttachmentRef
from outlook_mcp.mail.drafts.recipients import check_number, recipients_json
from outlook_mcp.mail.models import Importance

_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContent:
    """None leaves a field as it is. `html` is a fragment, recipients are `Name <a@b.example>`."""

    to: tuple[str, ...] | None = None
    cc: tuple[str, ...] | None = None
    bcc: tuple[str, ...] | None = None
    subject: str | None = None
    html: str | None = None
    importance: Importance | None = None
    attach: tuple[AttachmentRef, ...] = ()

    def fields(self) -> dict[str, Any]:
        """The JSON of everything but body and attachments. Raises InvalidInput.

        >>> DraftContent(to=("bob@contoso.example",), subject="Hello").fields()
        {'toRecipients': [{'emailAddress': {'address': 'bob@contoso.example'}}], 'subject': 'Hello'}
        """
        fields: dict[str, Any] = {}
        groups = {"toRecipients": self.to, "ccRecipients": self.cc, "bccRecipients": self.bcc}
        for name, written in groups.items():
            if written is not None:
                check_number(written)
                fields[name] = recipients_json(written)
        check_number(*(fields.get(name, ()) for name in groups))
        if self.subject is not None:
            fields["subject"] = _checked_subject(self.subject)
        if self.importance is not None:
            fields["importance"] = self.importance
        return fields


def body_json(html: str) -> dict[str, Any]:
    """The JSON field of a body."""
    return {"body": {"contentType": "html", "content": html}}


def _checked_subject(written: str) -> str:
    if any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in written):
        raise InvalidInput("The subject contains a line break or control character.")
    if len(written) > _LONGEST_SUBJECT:
        raise InvalidInput(f"The subject is longer than {_LONGEST_SUBJECT} characters.")
    return written
