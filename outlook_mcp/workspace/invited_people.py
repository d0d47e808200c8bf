"""Who is meant by the names of attendees, and what is known of their addresses, from the mail of the mailbox."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.calendar.lazy import Person
from outlook_mcp.errors import AccessDenied, OutlookError
from outlook_mcp.mail.lazy import Correspondents, People, parse_recipient


class InvitedPeople:
    """For one mailbox; `may_read_sent` says whether the caller may have its Sent Items read."""

    def __init__(self, people: People, correspondents: Correspondents, *, may_read_sent: bool) -> None:
        self._people = people
        self._correspondents = correspondents
        self._may_read_sent = may_read_sent

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

    async def never_written_to(self, addresses: Sequence[str]) -> Sequence[str]:
        """Those to whom the user has not written lately; none where that cannot be known."""
        if not self._may_read_sent:
            return []
        try:
            return [address for address in addresses if not await self._correspondents.has_written_to(address)]
        except OutlookError:
            return []
