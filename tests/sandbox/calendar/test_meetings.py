"""Meetings that travel between mailboxes, answers to them, and free times in the imitated Graph."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.store import MailStore
from outlook_mcp.sandbox.store.mail.settings import change_settings
from tests.sandbox.calendar.conftest import MONTH, PERMISSIONS, event, messages, view, weekly
from tests.sandbox.graph.conftest import BEN, CARLA, TENANT, UPNS, Client

BEN_ADDRESS = UPNS[BEN]


async def plan(anna: Client, *more_people: str, **more: Any) -> dict[str, Any]:
    body = event("Plan", "2026-12-01T10:00", "2026-12-01T11:00", BEN_ADDRESS, *more_people, **more)
    return dict(await anna.post("/me/events", body))


async def test_an_invitation_reaches_inbox_and_calendar_and_its_answer_the_organizer(
    anna: Client, ben: Client, store: MailStore
) -> None:
    made = await plan(anna, body={"contentType": "text", "content": "Bring numbers."})
    (mail,) = await messages(store, ben)
    assert (mail["@odata.type"], mail["meetingMessageType"]) == (
        "#microsoft.graph.eventMessageRequest",
        "meetingRequest",
    )
    (copy,) = await view(ben)
    assert (copy["showAs"], copy["responseStatus"]["response"], copy["isOrganizer"]) == (
        "tentative",
        "notResponded",
        False,
    )
    assert (copy["iCalUId"], copy["bodyPreview"]) == (made["iCalUId"], "Bring numbers.")
    expanded = await ben.get(f"/me/messages/{mail['id']}?$expand=microsoft.graph.eventMessage/event")
    assert expanded["event"]["id"] == copy["id"]
    await ben.post(f"/me/events/{copy['id']}/accept", {"comment": "Gladly"}, 202)
    (answer,) = await messages(store, anna)
    assert (answer["subject"], answer["responseType"], answer["bodyPreview"]) == (
        "Accepted: Plan",
        "accepted",
        "Gladly",
    )
    read = await anna.get(f"/me/events/{made['id']}")
    assert [attendee["status"]["response"] for attendee in read["attendees"]] == ["accepted"]


async def test_another_time_asks_again_and_makes_the_first_invitation_outdated(
    anna: Client, ben: Client, store: MailStore
) -> None:
    made = await plan(anna)
    await store.settled()
    (copy,) = await view(ben)
    await ben.post(f"/me/events/{copy['id']}/accept", {}, 202)
    await store.settled()
    await anna.patch(f"/me/events/{made['id']}", {"location": {"displayName": "Room Pine"}})
    await store.settled()
    assert (await view(ben))[0]["responseStatus"]["response"] == "accepted"
    moved = event("Plan", "2026-12-01T12:00", "2026-12-01T13:00")
    changed = await anna.patch(f"/me/events/{made['id']}", moved)
    assert changed["attendees"][0]["status"]["response"] == "notResponded"
    mails = await messages(store, ben)
    assert [mail["isOutOfDate"] for mail in mails] == [False, True, True]
    (copy,) = await view(ben)
    assert (copy["start"]["dateTime"][11:16], copy["responseStatus"]["response"]) == ("11:00", "notResponded")


@pytest.mark.parametrize(
    ("option", "own"),
    [
        ("sendToDelegateOnly", []),
        ("sendToDelegateAndPrincipal", ["newMeetingRequest"]),
        ("sendToDelegateAndInformationToPrincipal", ["principalWantsCopy"]),
    ],
)
async def test_a_delegate_gets_invitations_in_the_name_of_the_owner_of_the_calendar(
    anna: Client, ben: Client, store: MailStore, option: str, own: list[str]
) -> None:
    mailbox = store.mailbox_by_address(BEN_ADDRESS)
    assert mailbox is not None
    change_settings(mailbox, {"delegateMeetingMessageDeliveryOptions": option})
    carla = {"emailAddress": {"address": UPNS[CARLA]}, "role": "delegateWithoutPrivateEventAccess"}
    await ben.post("/me/calendar/calendarPermissions", carla)
    await plan(anna)
    delegate = Client(anna.http, CARLA, PERMISSIONS)
    (mail,) = await messages(store, delegate)
    expand = "singleValueExtendedProperties($filter=id eq 'String 0x5D08'),microsoft.graph.eventMessage/event"
    read = await delegate.get(f"/me/messages/{mail['id']}?$expand={expand}")
    assert (read["isDelegated"], read["event"], read["toRecipients"][0]["emailAddress"]["address"]) == (
        True,
        None,
        UPNS[CARLA],
    )
    assert [found["value"] for found in read["singleValueExtendedProperties"]] == [BEN_ADDRESS]
    assert await view(delegate) == []
    assert [item["subject"] for item in await view(ben)] == ["Plan"]
    assert [item["meetingRequestType"] for item in await messages(store, ben)] == own
    await plan(anna, sensitivity="private")
    assert len(await messages(store, delegate)) == 1


async def test_categories_of_the_organizer_are_told_to_nobody(anna: Client, ben: Client, store: MailStore) -> None:
    made = await plan(anna)
    await anna.patch(f"/me/events/{made['id']}", {"categories": ["Blue"], "reminderMinutesBeforeStart": 5})
    assert len(await messages(store, ben)) == 1


async def test_who_is_left_out_is_called_off_and_who_is_new_is_invited(
    anna: Client, ben: Client, store: MailStore
) -> None:
    made = await plan(anna, "zoe@outside.example")
    await store.settled()
    people = [{"emailAddress": {"address": "zoe@outside.example"}}]
    await anna.patch(f"/me/events/{made['id']}", {"attendees": people})
    mails = await messages(store, ben)
    assert [mail["meetingMessageType"] for mail in mails] == ["meetingCancelled", "meetingRequest"]
    (copy,) = await view(ben)
    assert (copy["subject"], copy["isCancelled"], copy["showAs"]) == ("Canceled: Plan", True, "free")


async def test_deleting_calls_off_for_the_organizer_and_tells_nobody_for_an_attendee(
    anna: Client, ben: Client, store: MailStore
) -> None:
    first, second = await plan(anna), await plan(anna)
    await store.settled()
    copies = {copy["iCalUId"]: copy["id"] for copy in await view(ben)}
    await ben.delete(f"/me/events/{copies[first['iCalUId']]}")
    assert await messages(store, anna) == []
    await anna.delete(f"/me/events/{second['id']}")
    assert (await messages(store, ben))[0]["subject"] == "Canceled: Plan"


async def test_one_date_of_a_series_is_called_off_alone(anna: Client, ben: Client, store: MailStore) -> None:
    series = weekly("2026-12-01", "tuesday")
    await plan(anna, recurrence=series)
    await store.settled()
    dates = await view(anna)
    await anna.post(f"/me/events/{dates[1]['id']}/cancel", {"comment": "Holiday"}, 202)
    await store.settled()
    copies = await view(ben)
    assert [copy["isCancelled"] for copy in copies] == [False, True, False, False]
    mail = (await messages(store, ben))[0]
    expanded = await ben.get(f"/me/messages/{mail['id']}?$expand=microsoft.graph.eventMessage/event")
    assert expanded["event"]["id"] == copies[1]["id"]


async def test_an_invitation_to_a_changed_date_leads_to_that_date_of_the_series(
    anna: Client, ben: Client, store: MailStore
) -> None:
    await plan(anna, recurrence=weekly("2026-12-01", "tuesday"))
    await store.settled()
    (first,) = await messages(store, ben)
    moved = event("Plan", "2026-12-09T12:00", "2026-12-09T13:00")
    await anna.patch(f"/me/events/{(await view(anna))[1]['id']}", moved)
    mails = await messages(store, ben)
    about = [await ben.get(f"/me/messages/{mail['id']}?$expand=microsoft.graph.eventMessage/event") for mail in mails]
    assert [mail["event"]["type"] for mail in about] == ["exception", "seriesMaster"]
    assert about[0]["event"]["start"]["dateTime"][:16] == "2026-12-09T11:00"
    assert [mail["isOutOfDate"] for mail in mails] == [False, False]
    assert first["id"] == mails[1]["id"]


async def test_answers_that_make_no_sense_are_refused(anna: Client, ben: Client, store: MailStore) -> None:
    made = await plan(anna, responseRequested=False)
    await store.settled()
    (copy,) = await view(ben)
    assert await anna.fails("POST", f"/me/events/{made['id']}/accept", 400, json={}) == "ErrorInvalidRequest"
    assert await ben.fails("POST", f"/me/events/{copy['id']}/accept", 400, json={}) == "ErrorInvalidRequest"
    assert await ben.fails("POST", f"/me/events/{copy['id']}/cancel", 400, json={}) == "ErrorInvalidRequest"
    await ben.post(f"/me/events/{copy['id']}/accept", {"sendResponse": False}, 202)
    assert await messages(store, anna) == []


async def test_another_time_is_proposed_to_the_organizer(anna: Client, ben: Client, store: MailStore) -> None:
    await plan(anna)
    await store.settled()
    (copy,) = await view(ben)
    slot = {name: event("", "2026-12-02T10:00", "2026-12-02T11:00")[name] for name in ("start", "end")}
    await ben.post(f"/me/events/{copy['id']}/tentativelyAccept", {"proposedNewTime": slot}, 202)
    (answer,) = await messages(store, anna)
    assert answer["subject"] == "New Time Proposed: Plan"
    assert answer["proposedNewTime"]["start"]["dateTime"][:16] == "2026-12-02T09:00"


async def test_the_text_of_an_online_meeting_holds_its_link_and_loses_it_when_overwritten(anna: Client) -> None:
    made = await plan(anna, isOnlineMeeting=True)
    link = made["onlineMeeting"]["joinUrl"]
    assert link in made["body"]["content"]
    path = f"/me/events/{made['id']}"
    kept = await anna.patch(path, {"body": {"contentType": "html", "content": f"New. {made['body']['content']}"}})
    assert kept["onlineMeeting"] == {"joinUrl": link}
    lost = await anna.patch(path, {"body": {"contentType": "html", "content": "New."}})
    assert (lost["onlineMeeting"], lost["isOnlineMeeting"]) == (None, False)


async def test_free_times_of_colleagues_come_without_subjects_and_of_strangers_not_at_all(
    anna: Client, ben: Client
) -> None:
    await ben.post("/me/events", event("Secret", "2026-12-01T10:00", "2026-12-01T11:00"))
    await ben.post("/me/events", event("Trip", "2026-12-01T12:00", "2026-12-01T13:00", showAs="oof"))
    times = {
        "startTime": {"dateTime": "2026-12-01T08:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2026-12-01T13:00:00", "timeZone": "UTC"},
    }
    body = {"schedules": [BEN_ADDRESS, "x@outside.example"], "availabilityViewInterval": 60, **times}
    known, unknown = (await anna.post("/me/calendar/getSchedule", body, 200))["value"]
    assert known["availabilityView"] == "02030"
    assert [item["status"] for item in known["scheduleItems"]] == ["busy", "oof"]
    assert "subject" not in known["scheduleItems"][0]
    assert (unknown["error"]["responseCode"], unknown["scheduleItems"]) == ("5016", None)
    crowd = {**body, "schedules": [BEN_ADDRESS] * 21}
    assert await anna.fails("POST", "/me/calendar/getSchedule", 400, json=crowd) == "ErrorTooManyMailboxes"


async def test_a_shared_calendar_is_read_and_its_private_events_are_only_busy(anna: Client, ben: Client) -> None:
    await ben.post("/me/events", event("Doctor", "2026-12-01T10:00", "2026-12-01T11:00", sensitivity="private"))
    shared = f"/users/{BEN_ADDRESS}/calendarView?{MONTH}"
    assert await anna.fails("GET", shared, 403) == "ErrorAccessDenied"
    permission = {"role": "read", "emailAddress": {"address": UPNS[anna.oid]}}
    await ben.post("/me/calendar/calendarPermissions", permission)
    (found,) = (await anna.get(shared))["value"]
    assert (found["subject"], found["sensitivity"]) == ("Private appointment", "private")
    assert "body" not in found


async def test_a_calendar_of_ones_own_is_made_used_and_deleted(anna: Client) -> None:
    made = await anna.post("/me/calendars", {"name": "Family"})
    assert await anna.fails("POST", "/me/calendars", 409, json={"name": "family"}) == "ErrorFolderExists"
    await anna.post(f"/me/calendars/{made['id']}/events", event("Zoo", "2026-12-05T10:00", "2026-12-05T12:00"))
    assert await view(anna) == []
    assert len((await anna.get(f"/me/calendars/{made['id']}/calendarView?{MONTH}"))["value"]) == 1
    names = [calendar["name"] for calendar in (await anna.get("/me/calendars"))["value"]]
    assert names == ["Calendar", "Family"]
    await anna.delete(f"/me/calendars/{made['id']}")
    default = (await anna.get("/me/calendar"))["id"]
    assert await anna.fails("DELETE", f"/me/calendars/{default}", 400) == "ErrorDeleteDistinguishedFolder"


async def test_a_forwarded_invitation_reaches_somebody_else_and_its_organizer_is_told(
    anna: Client, ben: Client, store: MailStore
) -> None:
    made = await plan(anna)
    await store.settled()
    (copy,) = await view(ben)
    store.add_mailbox(TENANT, "cccccccc-0000-4000-8000-000000000009", "carol@contoso.com", "Carol")
    carol = Client(ben.http, "cccccccc-0000-4000-8000-000000000009", ben.scopes)
    others = {"ToRecipients": [{"emailAddress": {"address": "carol@contoso.com"}}], "Comment": "Join us"}
    await ben.post(f"/me/events/{copy['id']}/forward", others, 202)
    assert [mail["subject"] for mail in await messages(store, anna)] == ["Meeting Forward Notification: Plan"]
    assert [(mail["subject"], mail["bodyPreview"]) for mail in await messages(store, carol)] == [
        ("FW: Plan", "Join us")
    ]
    assert [found["responseStatus"]["response"] for found in await view(carol)] == ["notResponded"]
    read = await anna.get(f"/me/events/{made['id']}")
    assert [person["emailAddress"]["address"] for person in read["attendees"]][1:] == ["carol@contoso.com"]
    assert await ben.fails("POST", f"/me/events/{copy['id']}/forward", 400, json={}) == "ErrorInvalidRecipients"


@pytest.mark.parametrize("person", [{}, {"emailAddress": {}}, {"emailAddress": {"address": "nobody"}}])
async def test_a_meeting_is_not_forwarded_to_nobody(anna: Client, person: dict[str, Any]) -> None:
    made = await anna.post("/me/events", event("Plan", "2026-12-01T10:00", "2026-12-01T11:00"))
    asked = {"toRecipients": [person]}
    assert await anna.fails("POST", f"/me/events/{made['id']}/forward", 400, json=asked) == "ErrorInvalidRecipients"
