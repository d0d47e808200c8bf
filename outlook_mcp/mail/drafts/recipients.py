"""Recipients as callers write them: `Name <a@b.example>` or the address alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from outlook_mcp.errors import InvalidInput
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.models import Recipient

MOST_RECIPIENTS = 500
_LONGEST = 600
_WRITTEN = re.compile(r"\s*(?:(?P<name>[^<>]*?)\s*<\s*(?P<inside>[^<>]+?)\s*>|(?P<bare>[^<>]+?))\s*")
# RFC 5321: at most 64 octets before the @ (4.5.3.1.1), where a dash may begin, as it may not in a host (4.1.2).
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?!-)(?:[\w-]+(?<!-)\.(?!-))*[\w-]+(?<!-)")
_SCHEME = re.compile(r"mailto:", re.I)
_WORD = re.compile(r"\w")
_SEPARATORS = re.compile(r"[;,]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def recipients_json(written: Iterable[str]) -> list[dict[str, Any]]:
    """The recipients as JSON for Graph, each address once. Raises InvalidInput for one that is not an address."""
    found: dict[str, dict[str, Any]] = {}
    for recipient in written:
        name, address = parse_recipient(recipient)
        entry = {"address": address, "name": name} if name else {"address": address}
        found.setdefault(address.lower(), {"emailAddress": entry})
    return list(found.values())


def split_recipients(written: Iterable[str]) -> list[str]:
    """Each recipient for itself, where several stand in one string; a comma within a name separates nothing.

    >>> split_recipients(["a@x.example, b@x.example; Bob", "Doe, Jo <jo@x.example>"])
    ['a@x.example', 'b@x.example', 'Bob', 'Doe, Jo <jo@x.example>']
    """
    return [recipient for text in written for recipient in _split(text)]


def is_name(recipient: str) -> bool:
    """Whether it is a name alone, whose address has to be found out."""
    return "@" not in recipient and bool(_WORD.search(recipient))


def check_recipients(written: Sequence[str]) -> None:
    """Raises InvalidInput for one that can be no recipient whoever is called by a name, and for too many."""
    recipients = split_recipients(written)
    check_number(recipients)
    for recipient in recipients:
        if not is_name(recipient):
            parse_recipient(recipient)


def parse_recipient(written: str) -> tuple[str, str]:
    """Display name and address. Raises InvalidInput.

    >>> parse_recipient("Bob Brandt <bob@contoso.example>")
    ('Bob Brandt', 'bob@contoso.example')
    >>> parse_recipient("mailto:bob@contoso.example")
    ('', 'bob@contoso.example')
    """
    if _CONTROL.search(written):
        raise _bad(written, "it contains a line break or control character")
    found = _WRITTEN.fullmatch(written) if len(written) <= _LONGEST else None
    address = _SCHEME.sub("", found["inside"] or found["bare"]) if found else ""
    if not found or not _ADDRESS.fullmatch(address):
        raise _bad(written, "it is not one address")
    return (found["name"] or "").strip("\"' "), address


def recipient_json(recipient: Recipient) -> dict[str, Any]:
    """One recipient as JSON for Graph."""
    person = recipient.email_address
    return {"emailAddress": {"address": person.address or "", **({"name": person.name} if person.name else {})}}


def address_of(recipient: Mapping[str, Any]) -> str:
    """The address in the JSON of a recipient, without regard to case."""
    return str(recipient["emailAddress"]["address"]).lower()


def check_number(*groups: Sequence[object]) -> None:
    """Raises InvalidInput for more recipients than Exchange allows, which it would refuse only when sending."""
    number = sum(map(len, groups))
    if number > MOST_RECIPIENTS:
        raise InvalidInput(
            f"{counted(number, 'recipient')} are more than the {MOST_RECIPIENTS} that Exchange allows.",
            next_step="Send to a distribution list or to fewer people.",
        )


def _split(written: str) -> Iterable[str]:
    parts = [part.strip() for part in written.split(";") if part.strip()]
    for part in parts or [written]:
        addresses = [address.strip() for address in _SEPARATORS.split(part)]
        yield from addresses if all("@" in address for address in addresses) else [part]


def _bad(written: str, why: str) -> InvalidInput:
    shown = _CONTROL.sub(" ", written)[:80]
    return InvalidInput(f"{shown!r} cannot be a recipient: {why}.", next_step="Write name@example.com.")
