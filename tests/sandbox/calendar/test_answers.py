"""Answers about calendars fit Microsoft's own metadata, and lists come as Graph sends them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from outlook_mcp.sandbox.store import MailStore
from tests.sandbox.calendar.conftest import MONTH, event, view, weekly
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import ANNA, BEN, UPNS, Client

SLOT = {
    "startTime": {"dateTime": "2026-12-01T08:00:00", "timeZone": "UTC"},
    "endTime": {"dateTime": "2026-12-02T08:00:00", "timeZone": "UTC"},
}


async def use_everything(anna: Client, ben: Client, store: MailStore) -> None:
    series = event("Standup", "2026-11-30T09:00", "2026-11-30T09:15", recurrence=weekly("2026-11-30", "monday"))
    made = await anna.post("/me/events", series)
    first, second, *_ = await view(anna)
    await anna.patch(f"/me/events/{first['id']}", {"subject": "Long one"})
    await anna.delete(f"/me/events/{second['id']}")
    await anna.get(f"/me/events/{made['id']}?$select=subject,cancelledOccurrences,exceptionOccurrences")
    await anna.get(f"/me/events/{made['id']}/instances?{MONTH}")
    await anna.post(
        "/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00", UPNS[BEN], isOnlineMeeting=True)
    )
    await anna.post("/me/events", event("Leave", "2026-12-02T00:00", "2026-12-04T00:00", isAllDay=True))
    await anna.get("/me/events?$count=true&$top=2")
    await store.settled()
    (invited,) = await view(ben)
    slot = {name: event("", "2026-12-02T10:00", "2026-12-02T11:00")[name] for name in ("start", "end")}
    await ben.post(f"/me/events/{invited['id']}/tentativelyAccept", {"proposedNewTime": slot}, 202)
    await store.settled()
    for client in (anna, ben):
        await client.get("/me/mailFolders/inbox/messages?$expand=microsoft.graph.eventMessage/event")
        await client.get(f"/me/calendarView?{MONTH}&$top=2")
    await anna.get("/me/calendars")
    team = await anna.post("/me/calendars", {"name": "Team"})
    await anna.patch(f"/me/calendars/{team['id']}", {"name": "Crew"})
    permission = {"role": "read", "emailAddress": {"address": UPNS[BEN]}}
    await anna.post("/me/calendar/calendarPermissions", permission)
    await anna.get("/me/calendar/calendarPermissions")
    body = {"schedules": [UPNS[ANNA], UPNS[BEN]], "availabilityViewInterval": 60, **SLOT}
    await anna.post("/me/calendar/getSchedule", body, 200)
    await anna.fails("GET", "/me/events/x", 400)


async def test_every_answer_fits_the_strict_schema(anna: Client, ben: Client, store: MailStore) -> None:
    await use_everything(anna, ben, store)
    wrong: dict[str, Any] = {}
    for exchange in (*anna.seen, *ben.seen):
        if "json" in exchange.content_type:
            found = strict_schema.problems(json.loads(exchange.body), exchange.status)
            wrong |= {f"{exchange.method} {exchange.path}": found} if found else {}
    assert wrong == {}
    assert len(anna.seen) > 15


async def test_pages_of_a_view_may_repeat_an_event_and_end_nevertheless(anna: Client) -> None:
    for hour in range(8, 20):
        await anna.post("/me/events", event(f"e{hour}", f"2026-12-01T{hour:02}:00", f"2026-12-01T{hour:02}:30"))
    first = await anna.get(f"/me/calendarView?{MONTH}&$orderby=start/dateTime")
    second = await anna.get(first["@odata.nextLink"])
    assert [found["subject"] for found in first["value"]] == [f"e{hour}" for hour in range(8, 18)]
    assert [found["subject"] for found in second["value"]] == ["e17", "e18", "e19"]
    assert "@odata.nextLink" not in second
    single = await anna.get(f"/me/calendarView?{MONTH}&$top=1&$skip=1")
    assert [found["subject"] for found in single["value"]] == ["e9"]


async def test_the_link_to_join_is_in_a_list_only_with_the_property_that_says_there_is_one(anna: Client) -> None:
    await anna.post("/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00", isOnlineMeeting=True))
    (alone,) = await view(anna, "&$select=onlineMeeting")
    (both,) = await view(anna, "&$select=onlineMeeting,isOnlineMeeting")
    assert ("onlineMeeting" in alone, both["onlineMeeting"]["joinUrl"][:8]) == (False, "https://")


async def test_a_personal_account_gets_no_online_meeting_and_no_free_times(anna: Client, store: MailStore) -> None:
    tenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
    store.add_mailbox(tenant, "eeeeeeee-0000-4000-8000-000000000005", "nobody@contoso.com", "Frida")
    frida = replace(anna, oid="eeeeeeee-0000-4000-8000-000000000005")
    made = await frida.post("/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00", isOnlineMeeting=True))
    assert (made["isOnlineMeeting"], made["onlineMeeting"]) == (False, None)
    body = {"schedules": ["nobody@contoso.com"], **SLOT}
    assert await frida.fails("POST", "/me/calendar/getSchedule", 403, json=body) == "ErrorAccessDenied"
