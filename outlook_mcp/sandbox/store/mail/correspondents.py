"""With whom the user of a mailbox exchanges mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.rows import load_addresses, one_address

_MOST_MESSAGES = 1000
_COLUMNS = ("to_recipients", "cc_recipients")


def correspondents_of(mailbox: Mailbox) -> Sequence[tuple[Address, int]]:
    """The people of the newest messages, and how many of those they sent or got; not the user."""
    counts: Counter[str] = Counter()
    people: dict[str, Address] = {}
    messages = mailbox.messages.select("m.mailbox = ?", (mailbox.account.key,), "m.received DESC", _MOST_MESSAGES)
    for message in messages:
        found = [person for column in _COLUMNS for person in load_addresses(message.row[column])]
        sender = one_address(message.row, "from")
        for person in [*found, *([sender] if sender else [])]:
            if person.address and not mailbox.account.has_address(person.address):
                people.setdefault(person.address.casefold(), person)
                counts[person.address.casefold()] += 1
    return [(person, counts[address]) for address, person in people.items()]
