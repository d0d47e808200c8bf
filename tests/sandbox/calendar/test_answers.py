"""Answers about calendars fit Microsoft's own metadata, and lists come as Graph sends them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from outlook_mcp.sandbox.directory import CONSUMERS
from outlook_mcp.sandbox.store import MailStore
from tests.sandbox.calendar.conftest import MONTH, event, view, weekly
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import ANNA, BEN, UPNS, Client

SLOT = {
    "startTime": {"dateTime": "2026-12-01T08:00:00", "timeZone": "UTC"},
    "endTime": {"dateTime": "2026-12-02T08:00:00", "timeZone": "UTC"},
}


RECIPIENT = {"emailAddress": {"address": "zoe@partner.example"}}


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
    await anna.post("/me/findMeetingTimes", {"attendees": [{"emailAddress": {"address": UPNS[BEN]}}]}, 200)
    page = await anna.get(f"/me/calendarView/delta?{MONTH}", headers={"Prefer": "odata.maxpagesize=1"})
    await anna.get(page["@odata.nextLink"])
    await anna.post(f"/me/events/{made['id']}/forward", {"ToRecipients": [RECIPIENT]}, 202)
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


async def test_whoever_may_read_no_more_than_the_basics_gets_events_without_their_texts(anna: Client) -> None:
    made = await anna.post(
        "/me/events",
        event("Plan", "2026-12-01T10:00", "2026-12-01T11:00", body={"contentType": "text", "content": "Secret"}),
    )
    basic = replace(anna, scopes=("Calendars.ReadBasic",))
    (listed,) = await view(basic)
    for found in (listed, await basic.get(f"/me/events/{made['id']}")):
        assert found["subject"] == "Plan"
        assert not {"body", "bodyPreview"} & found.keys()
    assert await basic.fails("DELETE", f"/me/events/{made['id']}", 403) == "ErrorAccessDenied"


async def test_a_period_is_followed_through_changes_and_removals(anna: Client) -> None:
    first, second = [
        await anna.post("/me/events", event(f"e{day}", f"2026-12-0{day}T10:00", f"2026-12-0{day}T11:00"))
        for day in (1, 2)
    ]
    page = await anna.get(f"/me/calendarView/delta?{MONTH}", headers={"Prefer": "odata.maxpagesize=1"})
    assert [found["id"] for found in page["value"]] == [first["id"]]
    rest = await anna.get(page["@odata.nextLink"])
    assert [found["id"] for found in rest["value"]] == [second["id"]]
    assert (await anna.get(rest["@odata.deltaLink"]))["value"] == []
    await anna.patch(f"/me/events/{first['id']}", {"subject": "e3"})
    await anna.delete(f"/me/events/{second['id']}")
    await anna.post("/me/events", event("Outside", "2027-12-01T10:00", "2027-12-01T11:00"))
    changed = await anna.get(rest["@odata.deltaLink"])
    assert [found.get("subject") or found["@removed"] for found in changed["value"]] == ["e3", {"reason": "deleted"}]
    assert (await anna.get(changed["@odata.deltaLink"]))["value"] == []
    unknown = "x" * 22
    assert await anna.fails("GET", f"/me/calendarView/delta?$deltatoken={unknown}", 410) == "SyncStateNotFound"


async def test_meeting_times_are_those_at_which_people_are_free_the_surest_first(anna: Client, ben: Client) -> None:
    await ben.post("/me/events", event("Busy", "2026-12-01T08:00", "2026-12-01T10:00"))
    slot = {
        name: {"dateTime": f"2026-12-01T{clock}:00", "timeZone": "Europe/Berlin"}
        for name, clock in (("start", "07:00"), ("end", "12:00"))
    }
    people = [{"emailAddress": {"address": address}} for address in (UPNS[BEN], "zoe@partner.example")]
    asked = {"attendees": people, "timeConstraint": {"timeSlots": [slot]}, "meetingDuration": "PT1H"}
    finder = replace(anna, scopes=("Calendars.Read.Shared",))
    found = await finder.post("/me/findMeetingTimes", asked, 200)
    suggestions = found["meetingTimeSuggestions"]
    starts = [suggestion["meetingTimeSlot"]["start"]["dateTime"][11:16] for suggestion in suggestions]
    assert starts == ["09:00", "09:30", "10:00"]
    assert {suggestion["confidence"] for suggestion in suggestions} == {74.5}
    told = [person["availability"] for person in suggestions[0]["attendeeAvailability"]]
    assert told == ["free", "unknown"]
    nobody = await finder.post("/me/findMeetingTimes", {**asked, "minimumAttendeePercentage": 90}, 200)
    assert (nobody["emptySuggestionsReason"], nobody["meetingTimeSuggestions"]) == ("AttendeesUnavailable", [])
    anybody = await finder.post("/me/findMeetingTimes", {**asked, "minimumAttendeePercentage": 0}, 200)
    confidences = [suggestion["confidence"] for suggestion in anybody["meetingTimeSuggestions"]]
    assert confidences == [74.5] * 3 + [24.5] * (len(confidences) - 3)
    assert len(confidences) > 3
    await anna.post("/me/events", event("Own", "2026-12-01T11:00", "2026-12-01T12:00"))
    own = await finder.post("/me/findMeetingTimes", asked, 200)
    assert [suggestion["order"] for suggestion in own["meetingTimeSuggestions"]] == [1]
    optional = await finder.post("/me/findMeetingTimes", {**asked, "isOrganizerOptional": True}, 200)
    assert len(optional["meetingTimeSuggestions"]) == 3
    for wrong in ("soon", "P99999999999D", f"PT{'9' * 5000}M"):
        assert await finder.fails("POST", "/me/findMeetingTimes", 400, json={"meetingDuration": wrong})
    first = {**SLOT, "startTime": {"dateTime": "0001-01-01T00:00:00", "timeZone": "Europe/Berlin"}}
    asked = {"schedules": [UPNS[BEN]], **first}
    assert await finder.fails("POST", "/me/calendar/getSchedule", 400, json=asked) == "ErrorPropertyValidationFailure"


async def test_personal_accounts_find_no_times_of_others(anna: Client, store: MailStore) -> None:
    oid = "eeeeeeee-0000-4000-8000-000000000001"
    store.add_mailbox(CONSUMERS.tid, oid, "frida@freemail.example", "Frida")
    frida = Client(anna.http, oid, ("Calendars.Read.Shared", "Calendars.Read"))
    for path, body in (("findMeetingTimes", {}), ("calendar/getSchedule", {"schedules": ["a@b.example"], **SLOT})):
        assert await frida.fails("POST", f"/me/{path}", 403, json=body) == "ErrorAccessDenied"
