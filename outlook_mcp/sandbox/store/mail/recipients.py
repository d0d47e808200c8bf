"""What administrators set for a recipient, and groups, which are addresses of several people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

_RECIPIENT = "recipient"
# 35 MB, as in Exchange Online.
_MOST_BYTES = 36_700_160


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientSettings:
    """`max_message_size` is in bytes; with `delivery_restricted` nothing is accepted from other organizations."""

    custom_mail_tip: str = ""
    mailbox_full: bool = False
    delivery_restricted: bool = False
    moderated: bool = False
    max_message_size: int = _MOST_BYTES


def recipient_settings(mailbox: Mailbox) -> RecipientSettings:
    return RecipientSettings(**(mailbox.records(_RECIPIENT).find_record("") or {}))


def set_recipient(mailbox: Mailbox, settings: RecipientSettings) -> None:
    mailbox.records(_RECIPIENT).put_record("", asdict(settings))


class Groups:
    """Distribution groups, by address without case; a member is an address, also of another group or of nobody."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_group(self, address: str, display_name: str, members: Iterable[str]) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO distribution_group (address, display_name, members) VALUES (?, ?, ?)",
            (address, display_name, json.dumps(list(members))),
        )

    def members_of(self, address: str) -> list[str] | None:
        """The addresses that mail to the group reaches, those of groups inside it too; None where it is no group."""
        if self._direct_members(address) is None:
            return None
        found: dict[str, str] = {}
        waiting, seen = [address], set()
        while waiting:
            name = waiting.pop(0)
            members = self._direct_members(name)
            if members is None:
                found.setdefault(name.lower(), name)
            elif name.lower() not in seen:
                seen.add(name.lower())
                waiting += members
        return list(found.values())

    def expand(self, people: Iterable[Address]) -> list[Address]:
        """Everybody once, with members in the place of their groups."""
        found: dict[str, Address] = {}
        for person in people:
            members = self.members_of(person.address)
            reached = [person] if members is None else [Address(member) for member in members]
            for address in reached:
                found.setdefault(address.address.lower(), address)
        return list(found.values())

    def clear(self) -> None:
        self._database.execute("DELETE FROM distribution_group")

    def _direct_members(self, address: str) -> list[str] | None:
        value = self._database.value("SELECT members FROM distribution_group WHERE address = ?", (address,))
        return None if value is None else list(json.loads(value))
