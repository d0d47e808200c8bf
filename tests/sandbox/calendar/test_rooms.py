"""Rooms in the imitated Graph: they are listed as places, and answer requests for meetings by themselves."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store import Mailbox, MailStore
from outlook_mcp.sandbox.store.calendar.booking import TAKEN, TOO_FAR, TOO_LONG
from outlook_mcp.sandbox.store.core.rooms import Rooms
from tests.sandbox.calendar.conftest import PERMISSIONS, event, messages, weekly
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import ANNA, CARLA, TENANT, Client

PINE, BIRCH = "pine@contoso.com", "birch@contoso.com"
LIST = "rooms@contoso.com"
# Within the time that rooms can be booked ahead.
DAY = date.today() + timedelta(days=7)
WHERE = ("microsoft.graph.room", "graph.room")


@pytest.fixture(autouse=True)
def pine(store: MailStore) -> Mailbox:
    """Of two rooms in one list."""
    rooms = Rooms(store.database)
    made = [
        store.add_mailbox(TENANT, f"dddddddd-0000-4000-8000-00000000000{number}", address, name)
        for number, (address, name) in enumerate(((PINE, "Room Pine"), (BIRCH, "Room Birch")))
    ]
    for mailbox, seats in zip(made, (8, 14), strict=True):
        rooms.add_room(mailbox.account, LIST, "Head office", capacity=seats, building="1")
    return made[0]


@pytest.fixture
def caller(anna: Client) -> Client:
    return Client(anna.http, ANNA, (*PERMISSIONS, "Place.Read.All", "People.Read", "User.ReadBasic.All"))


def meeting(begin: str, end: str, *, day: date = DAY, room: str = PINE, **more: Any) -> dict[str, Any]:
    return {
        **event("Plan", f"{day}T{begin}", f"{day}T{end}", **more),
        "attendees": [{"type": "resource", "emailAddress": {"address": room}}],
    }


async def answers(store: MailStore, client: Client) -> list[tuple[str, str]]:
    """Subject and text of what the rooms answered, the newest first."""
    return [(mail["subject"], mail["bodyPreview"]) for mail in await messages(store, client)]


async def busy(client: Client, room: str = PINE, day: date = DAY) -> str:
    """One digit an hour from 8 to 18 UTC."""
    times = {name: {"dateTime": f"{day}T{at}:00:00", "timeZone": "UTC"} for name, at in _HOURS}
    body = {"schedules": [room], "availabilityViewInterval": 60, **times}
    return str((await client.post("/me/calendar/getSchedule", body, 200))["value"][0]["availabilityView"])


_HOURS = (("startTime", "08"), ("endTime", "18"))


@pytest.mark.parametrize("name", WHERE)
async def test_rooms_and_their_lists_are_places_of_the_organisation(caller: Client, name: str) -> None:
    rooms = await caller.get(f"/places/{name}")
    assert [(room["displayName"], room["capacity"]) for room in rooms["value"]] == [
        ("Room Birch", 14),
        ("Room Pine", 8),
    ]
    (found,) = (await caller.get(f"/places/{name}List"))["value"]
    assert (found["displayName"], found["emailAddress"]) == ("Head office", LIST)
    inside = await caller.get(f"/places/{LIST}/{name}List/rooms?$top=1&$select=emailAddress&$count=true")
    assert [room["emailAddress"] for room in inside["value"]] == [BIRCH]
    assert inside["@odata.count"] == 2
    rest = await caller.get(inside["@odata.nextLink"])
    assert [room["emailAddress"] for room in rest["value"]] == [PINE]
    pine = rooms["value"][1]
    for asked in (PINE, pine["id"]):
        got = await caller.get(f"/places/{asked}")
        assert (got["@odata.type"], got["displayName"]) == ("#microsoft.graph.room", "Room Pine")
    assert (await caller.get(f"/places/{found['id']}"))["@odata.type"] == "#microsoft.graph.roomList"
    assert (await caller.request("GET", f"/places/{name}/$count")).text == "2"
    assert (await caller.request("GET", f"/places/{name}List/$count")).text == "1"
    chosen = await caller.get(f"/places/{name}?$filter=startswith(displayName,'room p')")
    assert [room["emailAddress"] for room in chosen["value"]] == [PINE]
    chosen = await caller.get(f"/places/{name}?$filter=emailAddress eq '{BIRCH}'")
    assert [room["displayName"] for room in chosen["value"]] == ["Room Birch"]
    for exchange in caller.seen:
        if "json" in exchange.content_type:
            assert strict_schema.problems(json.loads(exchange.body), exchange.status) == []


async def test_places_are_refused_without_the_permission_and_unknown_where_there_are_none(
    caller: Client, anna: Client
) -> None:
    assert await anna.fails("GET", "/places/microsoft.graph.room", 403) == "ErrorAccessDenied"
    assert await caller.fails("GET", "/places/nobody@contoso.com", 404) == "ErrorItemNotFound"
    assert await caller.fails("GET", "/places/nobody@contoso.com/microsoft.graph.roomList/rooms", 404)
    assert await caller.fails("GET", "/places/microsoft.graph.room?$filter=capacity gt 3", 400)
    assert await caller.fails("GET", '/places/microsoft.graph.room?$search="x"', 400)
    assert await caller.fails("PATCH", f"/places/{PINE}", 501, json={}) == "NotImitated"
    assert await caller.fails("GET", "/me/findRooms", 400)
    other = Client(caller.http, CARLA, ("Place.Read.All",))
    assert (await other.get("/places/microsoft.graph.room"))["value"] == []


async def test_a_room_takes_what_it_is_free_for_and_declines_the_rest(caller: Client, store: MailStore) -> None:
    made = await caller.post("/me/events", meeting("10:00", "11:00", zone="UTC", sensitivity="private"))
    assert await answers(store, caller) == [("Accepted: Plan", "")]
    assert await busy(caller) == "0020000000"
    read = await caller.get(f"/me/events/{made['id']}")
    (room,) = read["attendees"]
    assert (room["type"], room["status"]["response"]) == ("resource", "accepted")
    await caller.post("/me/events", meeting("10:30", "12:00", zone="UTC"))
    assert (await answers(store, caller))[0] == ("Declined: Plan", TAKEN)
    assert await busy(caller) == "0020000000"
    # Beside it, and in the other room, it is free.
    await caller.post("/me/events", meeting("11:00", "12:00", zone="UTC"))
    await caller.post("/me/events", meeting("10:30", "12:00", zone="UTC", room=BIRCH))
    assert [subject for subject, _ in await answers(store, caller)][:2] == ["Accepted: Plan"] * 2
    assert (await busy(caller), await busy(caller, BIRCH)) == ("0022000000", "0022000000")


async def test_the_calendar_of_a_room_tells_who_called_a_meeting_and_not_what_for(
    caller: Client, store: MailStore, pine: Mailbox
) -> None:
    await caller.post("/me/events", meeting("10:00", "11:00", body={"contentType": "text", "content": "Secret"}))
    await store.settled()
    row = store.database.row(
        "SELECT fields FROM event e JOIN calendar c ON c.id = e.calendar WHERE mailbox = ?", (pine.account.key,)
    )
    assert row is not None
    kept = json.loads(row["fields"])
    assert (kept["subject"], kept["body"]["content"], kept["showAs"]) == ("Anna Berg", "", "busy")


async def test_a_booking_follows_the_meeting_when_it_is_moved_and_ends_with_it(
    caller: Client, store: MailStore
) -> None:
    first = await caller.post("/me/events", meeting("10:00", "11:00", zone="UTC"))
    second = await caller.post("/me/events", meeting("12:00", "13:00", zone="UTC"))
    await store.settled()
    moved = meeting("14:00", "15:00", zone="UTC")
    await caller.patch(f"/me/events/{first['id']}", {"start": moved["start"], "end": moved["end"]})
    assert (await answers(store, caller))[0][0] == "Accepted: Plan"
    assert await busy(caller) == "0000202000"
    await caller.patch(f"/me/events/{second['id']}", {"start": moved["start"], "end": moved["end"]})
    assert (await answers(store, caller))[0] == ("Declined: Plan", TAKEN)
    assert await busy(caller) == "0000002000"
    await caller.post(f"/me/events/{first['id']}/cancel", {}, 202)
    await store.settled()
    assert await busy(caller) == "0000000000"
    await caller.post("/me/events", moved)
    assert (await answers(store, caller))[0][0] == "Accepted: Plan"


async def test_a_series_is_taken_whole_or_not_at_all(caller: Client, store: MailStore) -> None:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    series = weekly(f"{DAY}", names[DAY.weekday()])
    await caller.post("/me/events", meeting("10:00", "11:00", day=DAY + timedelta(weeks=3), zone="UTC"))
    await caller.post("/me/events", meeting("10:00", "11:00", zone="UTC", recurrence=series))
    assert (await answers(store, caller))[0] == ("Declined: Plan", TAKEN)
    assert await busy(caller) == "0000000000"
    made = await caller.post("/me/events", meeting("15:00", "16:00", zone="UTC", recurrence=series))
    assert (await answers(store, caller))[0][0] == "Accepted: Plan"
    third = DAY + timedelta(weeks=2)
    assert await busy(caller, day=third) == "0000000200"
    dates = await caller.get(f"/me/events/{made['id']}/instances?startDateTime={third}&endDateTime={third}T23:00:00")
    moved = meeting("08:00", "09:00", day=third, zone="UTC")
    await caller.patch(f"/me/events/{dates['value'][0]['id']}", {"start": moved["start"], "end": moved["end"]})
    await store.settled()
    assert await busy(caller, day=third) == "2000000000"
    assert await busy(caller) == "0000000200"


async def test_a_room_is_not_booked_too_far_ahead_for_too_long_or_without_end(caller: Client, store: MailStore) -> None:
    await caller.post("/me/events", meeting("10:00", "11:00", day=DAY + timedelta(days=200)))
    assert (await answers(store, caller))[0] == ("Declined: Plan", TOO_FAR)
    endless = weekly(f"{DAY}", "monday")
    endless["range"] = {"type": "noEnd", "startDate": f"{DAY}"}
    await caller.post("/me/events", meeting("10:00", "11:00", recurrence=endless))
    assert (await answers(store, caller))[0] == ("Declined: Plan", TOO_FAR)
    body = {**meeting("10:00", "11:00"), "end": event("", "", f"{DAY + timedelta(days=2)}T10:00")["end"]}
    await caller.post("/me/events", body)
    assert (await answers(store, caller))[0] == ("Declined: Plan", TOO_LONG)


async def test_a_request_from_outside_the_organisation_is_left_alone(
    caller: Client, store: MailStore, pine: Mailbox
) -> None:
    other = Client(caller.http, CARLA, PERMISSIONS)
    await other.post("/me/events", meeting("10:00", "11:00", zone="UTC"))
    await store.settled()
    assert await busy(caller) == "0000000000"
    moment = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%dT%H0000Z}"
    store.receive(
        pine,
        Message(
            subject="Plan",
            from_=Address("x@elsewhere.example", ""),
            calendar="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nORGANIZER:mailto:x@elsewhere.example\r\n"
            f"DTSTART:{moment}\r\nDTEND:{moment}\r\nATTENDEE:mailto:{PINE}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        ),
    )
    await store.settled()
    assert (
        store.database.value(
            "SELECT count(*) FROM event e JOIN calendar c ON c.id = e.calendar WHERE mailbox = ?", (pine.account.key,)
        )
        == 0
    )


async def test_a_room_is_found_among_people_and_users(caller: Client) -> None:
    directory = {"X-PeopleQuery-QuerySources": "Mailbox,Directory"}
    people = (await caller.get('/me/people?$search="pine"', headers=directory))["value"]
    assert [(person["displayName"], person["personType"]) for person in people] == [
        ("Room Pine", {"class": "Other", "subclass": "Room"})
    ]
    advanced = {"ConsistencyLevel": "eventual"}
    users = (await caller.get('/users?$search="displayName:pine"', headers=advanced))["value"]
    assert [user["mail"] for user in users] == [PINE]
