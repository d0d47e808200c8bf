"""Who is meant by the names of attendees, and what is known of their addresses, from the mail of the mailbox."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.calendar.lazy import Person
from outlook_mcp.contacts.lazy import rooms_among
from outlook_mcp.errors import AccessDenied, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.mail.lazy import Correspondents, People, parse_recipient
from outlook_mcp.workspace.models import PeopleSources


class InvitedPeople:
    """For the mailbox with `address`, as far as the caller may look in `sources`; `directory` asks for people of the
    organisation, None where the caller may not."""

    def __init__(
        self,
        people: People,
        correspondents: Correspondents,
        address: str,
        sources: PeopleSources,
        directory: GraphClient | None,
    ) -> None:
        self._people = people
        self._correspondents = correspondents
        self._address = address
        self._may_read_sent = sources.sent_items
        self._directory = directory

    async def people_named(self, written: Sequence[str]) -> Sequence[Person]:
        """Each with an address. Raises InvalidInput for a name that nobody or more than one person has."""
        found = [parse_recipient(recipient) for recipient in await self._people.recipients(written)]
        return [Person(address, name) for name, address in found]

    async def check_addresses(self, addresses: Sequence[str]) -> None:
        """Raises InvalidInput for one that looks like the address of somebody to whom the user has written."""
        if not self._may_read_sent:
            return
        try:
            await self._correspondents.check_recipients(addresses)
        except AccessDenied:
            # Microsoft did not grant mail, so nobody is known.
            return

    async def rooms_among(self, addresses: Sequence[str]) -> Sequence[Person]:
        """The addresses of the own organisation that are meeting rooms; none where that cannot be known."""
        domain = self._address.rpartition("@")[2].lower()
        own = [address for address in addresses if address.rpartition("@")[2].lower() == domain]
        if self._directory is None or not own:
            return []
        rooms = await rooms_among(self._directory, own)
        return [Person(room.address or "", room.name or "") for room in rooms]

    async def never_written_to(self, addresses: Sequence[str]) -> Sequence[str]:
        """The addresses to which the user has not written lately; none where that cannot be known."""
        if not self._may_read_sent:
            return []
        try:
            return [address for address in addresses if not await self._correspondents.has_written_to(address)]
        except OutlookError:
            return []
