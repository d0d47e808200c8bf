"""Editors of calendars in memory, on servers that share a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.calendar.area import Calendar
from outlook_mcp.calendar.changes.editor import EventEditor, Owner
from outlook_mcp.calendar.changes.fields import EventFields, Person
from outlook_mcp.calendar.changes.results import Prepared, Saved, Sent
from outlook_mcp.calendar.event_ids import EventIds
from outlook_mcp.calendar.graph_area import CALENDAR
from outlook_mcp.calendar.lazy import saved_answer, sent_event_answer
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.sender import RequestSender
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from tests.calendar.fake_sender import FakeSender
from tests.calendar.fake_tenant import FakeTenant
from tests.workspace.conftest import MarksInMemory, UserTicketsInMemory

ALICE, BOB, CAROL = "alice@contoso.example", "bob@contoso.example", "carol@contoso.example"
OUTSIDER = "eve@partner.example"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass
class PeopleInMemory:
    """Everybody is written by address; `written_to` are known."""

    written_to: tuple[str, ...] = (BOB, CAROL)
    refused: tuple[str, ...] = ()
    rooms: tuple[Person, ...] = ()

    async def people_named(self, written: Sequence[str]) -> Sequence[Person]:
        return [Person(address) for address in written]

    async def check_addresses(self, addresses: Sequence[str]) -> None:
        if found := [address for address in addresses if address in self.refused]:
            raise InvalidInput(f"{found[0]} looks like another one.")

    async def rooms_among(self, addresses: Sequence[str]) -> Sequence[Person]:
        return [room for room in self.rooms if room.address in addresses]

    async def never_written_to(self, addresses: Sequence[str]) -> Sequence[str]:
        return [address for address in addresses if address not in self.written_to]


@dataclass
class QuotaInMemory:
    """`counted` is what was counted and not taken back."""

    counted: int = 0

    async def count_send(self, recipients: int) -> None:
        self.counted += recipients

    async def uncount_send(self, recipients: int) -> None:
        self.counted -= recipients


@dataclass
class World:
    """One tenant, and what the servers share."""

    tenant: FakeTenant = field(default_factory=lambda: FakeTenant((ALICE, BOB, CAROL)))
    store: UserTicketsInMemory = field(default_factory=UserTicketsInMemory)
    marks: MarksInMemory = field(default_factory=MarksInMemory)
    people: PeopleInMemory = field(default_factory=PeopleInMemory)
    quota: QuotaInMemory = field(default_factory=QuotaInMemory)
    now: datetime = NOW
    unknown_zone: str = ""

    def editor(self, user: str = ALICE, *, client: str = "client", connection: str = "own") -> EventEditor:
        """A new one each time, as on another server or after a restart."""
        graph = GraphClient(cast(RequestSender, FakeSender(self.tenant, user)), CALENDAR)
        ids = EventIds(Handles(None))
        owner = Owner(UserKey("tid", user), ConnectionId(connection), client, user, BERLIN, self.unknown_zone)
        return EventEditor(
            graph,
            ids,
            owner,
            calendar=Calendar(graph, ids, BERLIN, address=user, clock=lambda: self.now),
            people=self.people,
            store=self.store,
            marks=self.marks,
            quota=self.quota,
            look_again_s=0.0,
            clock=lambda: self.now,
        )

    async def save(
        self, event: str | None = None, *, from_here: bool = False, user: str = ALICE, **fields: Any
    ) -> Saved | Prepared | Sent:
        return await self.editor(user).save_event(EventFields(**fields), event, from_here=from_here)

    async def prepare(self, event: str | None = None, **fields: Any) -> str:
        """The id of the only prepared change."""
        prepared = await self.save(event, **fields)
        assert isinstance(prepared, Prepared)
        ((code, _),) = prepared.changes
        return code

    async def send(self, handle: str, action: str = "send", *, user: str = ALICE, **said: Any) -> Sent:
        return await self.editor(user).send(handle, action, **said)

    async def meeting(self, *people: str, **fields: Any) -> str:
        """The id of a meeting to which these people were invited."""
        said = {"subject": "Review", "start": "2026-12-01T10:00", "end": "11:00", **fields}
        sent = await self.send(await self.prepare(attendees=list(people), **said))
        assert sent.event is not None
        return sent.event.id

    def of(self, user: str) -> list[dict[str, Any]]:
        """The events of a calendar, series as one."""
        return list(self.tenant.calendars[user].values())

    def shown(self, result: Saved | Prepared | Sent) -> str:
        """The answer of the tool."""
        context = AnswerContext(EventIds(Handles(None)), BERLIN, NOW, ALICE)
        return sent_event_answer(context, result) if isinstance(result, Sent) else saved_answer(context, result)
