"""O365 and Microsoft's own SDK, unchanged, on calendars."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.applications import Starlette

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.store import MailStore
from outlook_mcp.sandbox.store.core.rooms import Rooms
from tests.sandbox.calendar.conftest import PERMISSIONS
from tests.sandbox.entra.test_o365 import signed_in
from tests.sandbox.graph.conftest import ANNA, TENANT
from tests.sandbox.sdk_client import sdk_client

with warnings.catch_warnings():
    # kiota warns of its own deprecations at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
    from msgraph.generated.models.event import Event
    from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
    from msgraph.graph_service_client import GraphServiceClient

# The SDK imports the rest of itself when it is used.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:response_mode='form_post' is recommended:UserWarning"
)


@pytest.fixture
async def sdk(app: Starlette) -> AsyncIterator[GraphServiceClient]:
    async with sdk_client(app, ANNA, *PERMISSIONS, "Place.Read.All") as client:
        yield client


async def test_the_sdk_lists_rooms_and_room_lists(sdk: GraphServiceClient, store: MailStore) -> None:
    room = store.add_mailbox(TENANT, "dddddddd-0000-4000-8000-000000000001", "pine@contoso.com", "Room Pine")
    Rooms(store.database).add_room(room.account, "rooms@contoso.com", "Head office", capacity=8)
    rooms = await sdk.places.graph_room.get()
    assert rooms is not None
    assert [(found.display_name, found.capacity) for found in rooms.value or []] == [("Room Pine", 8)]
    lists = await sdk.places.graph_room_list.get()
    assert lists is not None
    assert [found.email_address for found in lists.value or []] == ["rooms@contoso.com"]
    inside = await sdk.places.by_place_id("rooms@contoso.com").graph_room_list.rooms.get()
    assert inside is not None
    assert [found.email_address for found in inside.value or []] == ["pine@contoso.com"]


async def test_the_sdk_makes_lists_changes_and_deletes_events(sdk: GraphServiceClient) -> None:
    start, end = (
        DateTimeTimeZone(date_time=f"2026-12-01T{hour}:00:00", time_zone="Europe/Berlin") for hour in (10, 11)
    )
    made = await sdk.me.events.post(Event(subject="Plan", start=start, end=end))
    assert made is not None
    assert made.id is not None
    parameters = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time="2026-12-01T00:00:00Z", end_date_time="2026-12-02T00:00:00Z", orderby=["start/dateTime"]
    )
    view = await sdk.me.calendar_view.get(RequestConfiguration(query_parameters=parameters))
    assert view is not None
    assert [event.subject for event in view.value or []] == ["Plan"]
    changed = await sdk.me.events.by_event_id(made.id).patch(Event(subject="Plan B"))
    assert changed is not None
    assert changed.subject == "Plan B"
    calendars = await sdk.me.calendars.get()
    assert calendars is not None
    assert [calendar.name for calendar in calendars.value or []] == ["Calendar"]
    await sdk.me.events.by_event_id(made.id).delete()
    left = await sdk.me.events.get()
    assert left is not None
    assert left.value == []


async def test_the_schedule_of_o365_lists_makes_and_answers_events(sandbox: Sandbox) -> None:
    now = datetime.now(ZoneInfo("Europe/Berlin"))

    def run() -> tuple[set[str], str, bool, list[Any]]:
        with signed_in(sandbox, ["Calendars.ReadWrite", "User.Read"]) as account:
            schedule = account.schedule()
            calendar = schedule.get_default_calendar()
            begin, end = now - timedelta(days=7), now + timedelta(days=28)
            events = list(
                calendar.get_events(limit=200, start_recurring=begin, end_recurring=end, include_recurring=True)
            )
            made = schedule.new_event(subject="Plan")
            made.start, made.end = now + timedelta(days=1), now + timedelta(days=1, hours=1)
            made.attendees.add("bob@contoso.example")
            assert made.save()
            made.subject = "Plan B"
            assert made.save()
            hostile = next(event for event in events if event.subject.startswith("Account review"))
            declined = hostile.decline_event(comment="No")
            free = schedule.get_availability(["bob@contoso.example"], begin, begin + timedelta(days=2))
            return {event.subject for event in events}, made.subject, declined, free

    subjects, subject, is_declined, free = await asyncio.to_thread(run)
    assert {"Stand-up", "Leave", "Card Systems Forum", "Canceled: Borealis weekly"} <= subjects
    assert (subject, is_declined) == ("Plan B", True)
    assert len(free) == 1
    await sandbox.store.settled()
    bob = sandbox.store.mailbox(sandbox.users[1].oid)
    kinds = [
        (message.row["item_type"], message.subject)
        for message in bob.messages.select("m.subject LIKE 'Plan%'", (), "m.id", 5)
    ]
    assert kinds == [("eventMessageRequest", "Plan"), ("eventMessageRequest", "Plan B")]
