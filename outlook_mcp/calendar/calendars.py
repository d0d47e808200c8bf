"""Which calendars a call is about: the default one, one by its name, all of them, or that of somebody else."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from outlook_mcp.answers.frame import framed_names
from outlook_mcp.answers.people import Person, address_words, full_name
from outlook_mcp.calendar.calendar_names import calendar_name, is_address
from outlook_mcp.calendar.event_ids import EventIds, SharedEventIds
from outlook_mcp.calendar.models import CALENDAR, CalendarId, CalendarInfo
from outlook_mcp.errors import AccessDenied, InvalidInput, MailboxUnavailable, NotFound, OutlookError
from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles, mailbox_guid_of_folder
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.graph.models import Page
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.names import is_called

_PAGE_SIZE = 100
_MOST_CALENDARS = 200
_MOST_NAMED = 12
_LONGEST_PERSON = 160
_ALL = ("all", "*")
_DEFAULT = ("", "default", "calendar", "me")


class PeopleByName(Protocol):
    """Who is meant by a name: from what the user has written themselves and the directory, never from received mail."""

    async def recipients(self, written: Sequence[str]) -> Sequence[str]:
        """Each of `written` with an address. Raises InvalidInput for a name that nobody or more than one person has."""

    async def people_called(self, name: str) -> Sequence[Person]:
        """People who have every word of the name. Raises an OutlookError."""


@dataclass(frozen=True, slots=True)
class OneCalendar:
    """Where events are read and written: the client of a mailbox, and one of its calendars, None for the default one.

    `name` is told beside events where several calendars are listed. `is_foreign`: it belongs to somebody else, whose
    private events show that they are busy and no more. `owner` is the address of another mailbox that it is in.
    """

    graph: GraphClient
    ids: EventIds
    calendar_id: CalendarId | None = None
    name: str = ""
    is_foreign: bool = False
    owner: str = ""
    can_edit: bool = True

    @property
    def builder(self) -> Any:
        """The SDK's builder of the mailbox or calendar."""
        return calendar_builder(self.graph, self.calendar_id)

    @property
    def mailbox(self) -> str:
        """The address by which the client reaches the mailbox; "" for the one that was opened."""
        return "" if self.calendar_id else self.owner


def calendar_builder(graph: GraphClient, calendar_id: CalendarId | None) -> Any:
    """The SDK's builder of a calendar of the client's mailbox; of the mailbox itself for its default calendar."""
    return graph.me.calendars.by_calendar_id(calendar_id) if calendar_id else graph.me


class Calendars:
    """The calendars that the owner of one mailbox can see. `is_foreign`: the mailbox itself is somebody else's.

    `people` is None where nobody can be found by name.
    """

    def __init__(
        self,
        graph: GraphClient,
        area: GraphArea,
        ids: EventIds,
        address: str,
        *,
        is_foreign: bool = False,
        people: PeopleByName | None = None,
    ) -> None:
        self._graph = graph
        self._area = area
        self._ids = ids
        self._address = address
        self._is_foreign = is_foreign
        self._people = people

    async def named(self, name: str | None) -> list[OneCalendar]:
        """The default calendar for None, every one for `all`, else the one of that name, or of a person by name or
        address.

        Raises NotFound with the names that there are, InvalidInput when more than one fits.
        """
        wanted = " ".join((name or "").split())
        if wanted.casefold() in _DEFAULT or wanted.lower() == self._address.lower():
            return [self.own()]
        if is_address(wanted):
            return [await self._of_owner(wanted.lower())]
        known = await self._known()
        if wanted.casefold() in _ALL:
            return [await self._of(calendar) for calendar in known]
        found = [calendar for calendar in known if (calendar.name or "").casefold() == wanted.casefold()]
        if len(found) > 1:
            raise InvalidInput(f"Several calendars are called {one_line(wanted, 80)!r}.", next_step="Use `all`.")
        return [await (self._of(found[0]) if found else self._fitting(wanted, known))]

    async def _fitting(self, wanted: str, known: Sequence[CalendarInfo]) -> OneCalendar:
        """The only one of the user, or of a person, that has every word of a name. Whoever shares one has named it."""
        own = [calendar for calendar in known if self._is_of_owner(calendar) and is_called(calendar.name, None, wanted)]
        people = await self._people.people_called(wanted) if self._people else ()
        if len(own) + len(people) > 1:
            meant = [*(calendar.name or "" for calendar in own), *(full_name(person) for person in people)]
            raise InvalidInput(
                f"{one_line(wanted, 80)!r} can be more than one calendar.",
                next_step="Ask the user which is meant, and write its name or the address: "
                f"{framed_names(meant, most=_MOST_NAMED, longest=_LONGEST_PERSON)}.",
            )
        if own:
            return await self._of(own[0])
        if people:
            return await self._of_owner((people[0].address or "").lower())
        raise _not_found(wanted, known)

    async def to_write(self, name: str | None) -> OneCalendar:
        """As `named`, for one that the user may change. Raises InvalidInput where they may only read it."""
        if (name or "").strip().casefold() in _ALL:
            raise InvalidInput("An event is written into one calendar.", next_step="Name it, or leave `calendar` out.")
        (found,) = await self.named(name)
        return _checked_to_write(found)

    async def shared_to_write(self, address: str) -> OneCalendar:
        """As `shared`, for one that the user may change. Raises InvalidInput where they may only read it."""
        return _checked_to_write(await self.shared(address))

    async def own_others(self) -> list[OneCalendar]:
        """The calendars that belong to the owner of the mailbox, without the default one."""
        own = [calendar for calendar in await self._known() if self._is_of_owner(calendar)]
        return [await self._of(calendar) for calendar in own if not calendar.is_default_calendar]

    def own(self) -> OneCalendar:
        """The default calendar of the mailbox."""
        return OneCalendar(self._graph, self._ids, is_foreign=self._is_foreign)

    async def shared(self, address: str) -> OneCalendar:
        """The default calendar of the mailbox at `address`. Raises AccessDenied when it is not shared with the user."""
        graph = self._graph.for_shared_mailbox(address, self._area)
        request = graph.request(graph.me.calendar, query={"$select": ("id", "canEdit")})
        try:
            calendar = await graph.answer_to(request, CalendarInfo)
        except (AccessDenied, NotFound, MailboxUnavailable) as refused:
            raise _not_shared(address, refused) from None
        handles = Handles(mailbox_guid_of_folder(FolderId(calendar.id)))
        ids = SharedEventIds(handles, address)
        can_edit = bool(calendar.can_edit)
        return OneCalendar(graph, ids, name=address, is_foreign=True, owner=address, can_edit=can_edit)

    async def _of_owner(self, address: str) -> OneCalendar:
        """The calendar of somebody else, also where it can be seen only as one that was added to this mailbox."""
        if address == self._address.lower():
            return self.own()
        try:
            return await self.shared(address)
        except AccessDenied:
            for calendar in await self._known():
                if calendar.owner and (calendar.owner.address or "").lower() == address.lower():
                    return await self._of(calendar)
            raise

    async def _of(self, calendar: CalendarInfo) -> OneCalendar:
        owner = (calendar.owner and calendar.owner.address) or self._address
        name = calendar.name or "?"
        can_edit = bool(calendar.can_edit)
        if owner.lower() == self._address.lower():
            shown = "" if calendar.is_default_calendar else name
            return OneCalendar(self._graph, self._ids, calendar.id, shown, self._is_foreign, can_edit=can_edit)
        # Where it is kept with the mailbox of its owner, an event is read by the address.
        try:
            ids: EventIds = (await self.shared(owner)).ids
        except OutlookError:
            ids = SharedEventIds(Handles(None), owner)
        return OneCalendar(self._graph, ids, calendar.id, f"{name} of {owner}", True, owner, can_edit)

    def _is_of_owner(self, calendar: CalendarInfo) -> bool:
        owner = (calendar.owner and calendar.owner.address) or self._address
        return owner.lower() == self._address.lower()

    async def _known(self) -> list[CalendarInfo]:
        query = {"$select": CALENDAR, "$top": _PAGE_SIZE}
        page = await self._graph.answer_to(
            self._graph.request(self._graph.me.calendars, query=query), Page[CalendarInfo]
        )
        found = list(page.value)
        while page.next_link and len(found) < _MOST_CALENDARS:
            page = await self._graph.next_page(page.next_link, Page[CalendarInfo])
            found += page.value
        return found


def _checked_to_write(calendar: OneCalendar) -> OneCalendar:
    if calendar.can_edit:
        return calendar
    name = calendar_name(calendar.name) if calendar.name else "of the mailbox"
    who = f"{address_words(calendar.owner)} to let the user change it" if calendar.owner else "for another calendar"
    raise InvalidInput(f"The calendar {name} may be read, but not changed by the user.", next_step=f"Ask {who}.")


def _not_found(wanted: str, known: Sequence[CalendarInfo]) -> NotFound:
    names = [calendar.name or "" for calendar in known]
    close = difflib.get_close_matches(wanted.casefold(), [name.casefold() for name in names], n=3, cutoff=0.6)
    meant = [name for name in names if name.casefold() in close] or names
    there = f"{'Did you mean' if close else 'There are'}: {framed_names(meant, most=_MOST_NAMED)}."
    return NotFound(
        f"There is no calendar {one_line(wanted, 80)!r}.",
        status=404,
        next_step=f"{there} For the calendar of somebody else give their address.",
    )


def _not_shared(address: str, refused: AccessDenied | NotFound | MailboxUnavailable) -> AccessDenied:
    """Exchange does not tell whether a calendar is not shared or is not there."""
    error = AccessDenied(
        f"{one_line(address, 100)} has not shared a calendar with the user, or there is no such mailbox; find_time "
        "tells when colleagues are busy.",
        status=refused.status,
        graph_code=refused.graph_code,
        request_id=refused.request_id,
        next_step="Check the address.",
    )
    # Without the permission for what others share, it is that.
    error.permission = refused.permission if isinstance(refused, AccessDenied) else ""
    return error
