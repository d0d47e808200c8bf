"""Who is meant by a name: the people to whom the user has written, and those of other sources that are the user's own.

Names on mail that came in are chosen by its senders, so none of them is ever taken for a recipient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from outlook_mcp.answers.frame import framed_names
from outlook_mcp.answers.people import Person, full_name
from outlook_mcp.errors import InvalidInput, OutlookError
from outlook_mcp.graph.models import Address
from outlook_mcp.mail.drafts.recipients import is_name, split_recipients
from outlook_mcp.mail.sent_people import SentPeople
from outlook_mcp.text.names import is_called

_MOST_SHOWN = 8
_LONGEST_NAME = 80
_LONGEST_PERSON = 160


class NameSource(Protocol):
    """Where names have addresses, such as the contacts of the user."""

    async def people_called(self, name: str) -> Sequence[Person]:
        """People who have every word of the name. Raises an OutlookError where the source does not answer."""


class People:
    """Finds the addresses of people for one mailbox, whose own address is `me`.

    `sent` is None where Sent Items may not be read; `others` are asked too.
    """

    def __init__(self, sent: SentPeople | None, *, me: str, others: Sequence[NameSource] = ()) -> None:
        self._sent = sent
        self._me = me
        self._others = others

    async def recipients(self, written: Sequence[str]) -> tuple[str, ...]:
        """Each of `written` with an address: `me` and names are replaced, addresses stay.

        Raises InvalidInput for a name that nobody or more than one person has, with those who have it.
        """
        known: dict[str, str] = {}
        entries = split_recipients(written)
        for entry in dict.fromkeys(entries):
            known[entry] = await self._address(entry) if is_name(entry) else entry
        return tuple(known[entry] for entry in entries)

    async def people_called(self, name: str) -> Sequence[Person]:
        """Each address of those who have every word of the name. Raises an OutlookError where Sent Items fail."""
        return list((await self._called(name)).values())

    async def _address(self, name: str) -> str:
        if name.strip().casefold() in ("me", "myself"):
            return self._me
        by_address = await self._called(name)
        if len(by_address) == 1:
            return next(iter(by_address.values())).address or ""
        shown = name.strip()[:_LONGEST_NAME]
        if not by_address:
            raise InvalidInput(
                self._nobody(shown), next_step="Write the address, and ask the user for it rather than guess."
            )
        people = [full_name(person) for person in by_address.values()]
        raise InvalidInput(
            f"{shown!r} can be more than one person.",
            next_step="Ask the user who is meant, and write the address: "
            f"{framed_names(people, most=_MOST_SHOWN, longest=_LONGEST_PERSON)}.",
        )

    def _nobody(self, name: str) -> str:
        if self._sent is None and not self._others:
            return f"This client may look up no names, so the address of {name!r} is not known."
        if not self._others:
            return f"The user has written to nobody called {name!r}, so the address is not known."
        also = "and has written to nobody of that name" if self._sent else "of the sources that could be asked"
        return f"The user has no contact called {name!r} {also}, so the address is not known."

    async def _called(self, name: str) -> dict[str, Person]:
        """By address in small letters. Sent Items have to answer; another source that does not is passed over."""
        found: list[Person] = []
        if self._sent is not None:
            people = [Address(name=person.name, address=person.address) for person in await self._sent.written_to(name)]
            found += [person for person in people if is_called(person.name, person.address, name)]
        for source in self._others:
            try:
                found += await source.people_called(name)
            except OutlookError:
                # The others tell enough, and what was found is shown with its address before anything is sent.
                continue
        return {(person.address or "").lower(): person for person in found if person.address}
