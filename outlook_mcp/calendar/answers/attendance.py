"""Who takes part in an event, in a few words. Names are chosen by those who bear them, so outsiders get an address."""

from __future__ import annotations

from dataclasses import dataclass, field

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.people import AddressOnce, parts_of
from outlook_mcp.calendar.models import Event
from outlook_mcp.graph.models import Address

# At these, anybody can have an address: their domain says nothing of who is a colleague.
_PUBLIC_PROVIDERS = frozenset({"outlook.com", "hotmail.com", "live.com", "msn.com", "gmail.com", "googlemail.com"})


@dataclass(slots=True)
class Attendance:
    """Of the events of one list: whoever has an address of the caller's own domain is named without it."""

    context: AnswerContext
    _shown: AddressOnce = field(default_factory=AddressOnce)
    _colleagues: dict[str, str] = field(default_factory=dict)

    def line_of(self, event: Event, *, is_own: bool = True) -> str:
        """`mine, 3/5 yes, 1 no`, or the organizer and how many are invited; "" for an event without people.

        `is_own`: the calendar is that of the caller. In the one of somebody else, the organizer is somebody else.
        """
        people = [person for person in event.attendees if not person.is_room]
        if not people:
            return ""
        if event.is_organizer and is_own:
            answers = [person.response for person in people]
            no = answers.count("declined")
            return f"mine, {answers.count('accepted')}/{len(people)} yes" + (f", {no} no" if no else "")
        address = event.organizer.email_address if event.organizer else None
        return f"{self.name_of(address or Address())} +{len(people)}"

    def name_of(self, person: Address) -> str:
        """The name alone of a colleague, unless another one has the same; else with the address, the first time."""
        name, address = parts_of(person)
        if not name or not self.is_colleague(address):
            return self._shown.name(person)
        known = self._colleagues.setdefault(name, address)
        return name if known == address else f"{name} <{address}>"

    def is_colleague(self, address: str) -> bool:
        """Whether it is an address of the organisation that the caller's mailbox belongs to."""
        domain = self.context.mailbox_address.rpartition("@")[2].lower()
        is_own = bool(domain) and domain not in _PUBLIC_PROVIDERS
        return is_own and address.rpartition("@")[2].lower() == domain
