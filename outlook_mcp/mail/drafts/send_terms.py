"""What a caller must repeat to send a draft: everybody who gets it, and a check of all that it says.

So a client that asks its user before a call shows who gets the message, and what is sent is what was shown.
"""

from __future__ import annotations

import base64
import hmac
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import SecretBytes

from outlook_mcp.graph.models import Recipient
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.drafts.recipients import parse_recipient, split_recipients
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.text.characters import one_line

# So many addresses are written out; of more recipients these, and how many there are besides.
MOST_NAMED = 20
_LONGEST_NAME = 100
# 40 bits, eight letters in base 32.
_CHECK_BYTES = 5


@dataclass(frozen=True, slots=True)
class SendTerms:
    """`to` names everybody, Bcc included; `check` is made of everything that the message says."""

    to: tuple[str, ...]
    check: str


@dataclass(frozen=True, slots=True)
class SendChecks:
    """Makes and compares the terms for one mailbox, whose own address is `address`.

    `key` is the same on every server that shares the vault.
    """

    key: SecretBytes
    user: UserKey
    connection: ConnectionId | None
    address: str

    def terms_of(self, draft: Message) -> SendTerms:
        """`draft` has to be read with DRAFT or FULL, and its attachments."""
        return SendTerms(_named_recipients(_addresses(draft.recipients), self.address), self._check_of(draft))

    def is_current(self, check: str, draft: Message) -> bool:
        """Whether the check is that of the draft as it is now; compared in constant time."""
        return hmac.compare_digest(check.strip().lower().encode(), self._check_of(draft).encode())

    def names_everybody(self, written: Sequence[str], draft: Message) -> bool:
        """Whether `written` are the recipients of the draft, each once, whole or as `to` shortens them.

        Also where they are whole, the first ones are those that `to` names: nobody reads the end of a long list.
        """
        given = [self._plain(recipient) for recipient in split_recipients(written)]
        addresses = _addresses(draft.recipients)
        shortened = _named_recipients(addresses, self.address)
        if len(given) > len(addresses) or set(given) not in (_folded(addresses), _folded(shortened)):
            return False
        return _folded(shortened[:MOST_NAMED]) <= set(given[:MOST_NAMED])

    def _plain(self, written: str) -> str:
        if written.strip().casefold() == "me":
            return self.address.lower()
        if "<" not in written:
            return written.strip().lower()
        name, address = parse_recipient(written)
        # A name that looks like an address would show somebody else to the user, and one that is long or has letters
        # that nobody can see shows the address elsewhere or not at all.
        is_plain = one_line(name, _LONGEST_NAME) == name and "@" not in unicodedata.normalize("NFKC", name)
        return address.lower() if is_plain else written

    def _check_of(self, draft: Message) -> str:
        says = [
            [self.user.tid, self.user.oid, self.connection, draft.id],
            [_people(people) for people in (draft.to_recipients, draft.cc_recipients, draft.bcc_recipients)],
            [_people(draft.reply_to), _people([person for person in (draft.from_, draft.sender) if person])],
            [draft.importance, bool(draft.is_read_receipt_requested), bool(draft.is_delivery_receipt_requested)],
            draft.subject,
            [draft.body.content_type, draft.body.content] if draft.body else None,
            [_facts(attachment) for attachment in draft.attachments],
            # The time is in whole seconds; the change key is another one after every change, also of what a file holds.
            # https://learn.microsoft.com/en-us/graph/api/resources/message
            draft.last_modified_date_time.isoformat() if draft.last_modified_date_time else None,
            draft.etag,
        ]
        digest = hmac.digest(self.key.get_secret_value(), json.dumps(says).encode(), "sha256")
        return base64.b32encode(digest[:_CHECK_BYTES]).decode("ascii").lower()


def _named_recipients(addresses: Sequence[str], own_address: str) -> tuple[str, ...]:
    """All of them; of more than 20, first those outside the user's own domain, and how many more there are.

    >>> _named_recipients(["bob@contoso.example", "eve@x.example"], "alice@contoso.example")
    ('bob@contoso.example', 'eve@x.example')
    >>> many = [f"p{number}@contoso.example" for number in range(30)]
    >>> named = _named_recipients([*many, "eve@x.example"], "alice@contoso.example")
    >>> named[0], named[1], named[-1], len(named)
    ('eve@x.example', 'p0@contoso.example', 'and 11 more', 21)
    """
    if len(addresses) <= MOST_NAMED:
        return tuple(addresses)
    own = _domain(own_address)
    ordered = sorted(addresses, key=lambda address: _domain(address) == own)
    return (*ordered[:MOST_NAMED], f"and {len(addresses) - MOST_NAMED} more")


def _addresses(people: Iterable[Recipient]) -> list[str]:
    return [recipient.email_address.address or "" for recipient in people]


def _people(people: Iterable[Recipient]) -> list[list[str | None]]:
    """With the names, which those who get the message see."""
    return [[person.email_address.name, person.email_address.address] for person in people]


def _folded(recipients: Iterable[str]) -> set[str]:
    return {recipient.lower() for recipient in recipients}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _facts(attachment: Attachment) -> list[object]:
    return [attachment.kind, attachment.name, attachment.content_type, attachment.size, attachment.is_inline]
