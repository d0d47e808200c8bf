"""Names and addresses of people, which senders choose freely and so are not to be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from outlook_mcp.mail.answers.context import AnswerContext
from outlook_mcp.mail.models import Address, Recipient
from outlook_mcp.text.characters import one_line

_LONGEST_NAME = 50
_LONGEST_ADDRESS = 100
_MOST_SHOWN = 10
# A name must not look as if it brought its own address.
_NO_BRACKETS = str.maketrans({"<": "(", ">": ")"})


def full_name(address: Address) -> str:
    """`Name <address>`, or the address alone where the name adds nothing."""
    name, mail = parts_of(address)
    if not mail:
        return name or "(no address)"
    return f"{name} <{mail}>" if name and name.casefold() != mail.casefold() else mail


def parts_of(address: Address) -> tuple[str, str]:
    """Name and address, each one short line."""
    name = one_line(address.name or "", _LONGEST_NAME).translate(_NO_BRACKETS).strip("'\" ")
    mail = one_line(address.address or "", _LONGEST_ADDRESS).translate(_NO_BRACKETS).replace(" ", "")
    return name, mail


def recipients_line(context: AnswerContext, recipients: Sequence[Recipient]) -> str:
    """`me, Name <address>, …`; a long list ends in how many more."""
    shown = [
        "me" if context.is_me(each.email_address.address) else full_name(each.email_address)
        for each in recipients[:_MOST_SHOWN]
    ]
    more = len(recipients) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


@dataclass(slots=True)
class AddressOnce:
    """Shows a person's address the first time, then only the name as long as no other address bears it."""

    _address_of: dict[str, str] = field(default_factory=dict)
    _parts_of: dict[Address, tuple[str, str]] = field(default_factory=dict)

    def name(self, address: Address) -> str:
        if address not in self._parts_of:
            self._parts_of[address] = parts_of(address)
        name, mail = self._parts_of[address]
        if not name or not mail:
            return name or mail or "(no sender)"
        known = self._address_of.setdefault(name, "")
        if known == mail:
            return name
        if not known:
            self._address_of[name] = mail
        return full_name(address)
