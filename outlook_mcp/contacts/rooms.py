"""Which addresses of the organisation are meeting rooms, as the people of Graph tell it.

The places of Graph tell it too, but need a permission that only an administrator grants.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from outlook_mcp.contacts.models import ROOM, RelevantPerson
from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Address, Page
from outlook_mcp.text.names import is_called, written_words

_MOST = 20
_ROOM = "room"
# Without it Graph looks only among those with whom the user deals.
_WITH_DIRECTORY = {"X-PeopleQuery-QuerySources": "Mailbox,Directory"}


class RoomNames:
    """The rooms of the organisation."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def people_called(self, name: str) -> Sequence[Address]:
        """Rooms that have every word of the name. Raises an OutlookError."""
        query = {"$search": f'"{" ".join(written_words(name))}"', "$select": ROOM, "$top": _MOST}
        request = self._graph.request(self._graph.me.people, query=query, headers=_WITH_DIRECTORY)
        page = await self._graph.answer_to(request, Page[RelevantPerson])
        return [room for room in _rooms_of(page) if is_called(room.name, room.address, name)]


async def rooms_among(graph: GraphClient, addresses: Sequence[str]) -> list[Address]:
    """The rooms among the first 20 addresses, with their names; none where that cannot be asked."""
    requests = [
        graph.request(graph.me.people, query=_named(address), headers=_WITH_DIRECTORY) for address in addresses[:_MOST]
    ]
    try:
        answers = await graph.answers_to(requests)
    except OutlookError:
        # It only tells how they are shown: a room answers whatever it is invited as.
        return []
    wanted = {address.lower() for address in addresses}
    found: dict[str, Address] = {}
    pages = [answer.decode(Page[RelevantPerson]) for answer in answers if answer.is_success]
    for room in (room for page in pages for room in _rooms_of(page)):
        key = (room.address or "").lower()
        if key in wanted:
            found[key] = room
    return list(found.values())


def _rooms_of(page: Page[RelevantPerson]) -> Iterator[Address]:
    """By each of their addresses."""
    for person in page.value:
        kind = (person.person_type and person.person_type.subclass) or ""
        if kind.casefold() == _ROOM:
            yield from (
                Address(name=person.display_name, address=scored.address) for scored in person.scored_email_addresses
            )


def _named(address: str) -> dict[str, object]:
    name = address.partition("@")[0].replace('"', "").replace("\\", "")
    return {"$search": f'"{name}"', "$select": ROOM, "$top": _MOST}
