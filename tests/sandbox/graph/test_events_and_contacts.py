"""Events and contacts as attached items, and the event of a meeting message."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.store import Mailbox, MailStore, StoredMessage
from outlook_mcp.sandbox.store.calendar.attendant import MeetingAttendant
from outlook_mcp.sandbox.store.calendar.events import Events
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import Client, mail

ITEM = "?$expand=microsoft.graph.itemattachment/item"
EVENT_OF_MESSAGE = "?$expand=microsoft.graph.eventMessage/event"
START = {"dateTime": "2026-06-01T10:00:00", "timeZone": "Pacific Standard Time"}
EVENT = {
    "@odata.type": "microsoft.graph.event",
    "subject": "Tasting; autumn menu",
    "body": {"contentType": "html", "content": "<p>Bring a <b>spoon</b></p>"},
    "start": START,
    "end": {**START, "dateTime": "2026-06-01T11:30:00"},
    "location": {"displayName": "Kitchen, 2nd floor"},
    "attendees": [{"type": "optional", "emailAddress": {"address": "ben@contoso.com", "name": "Ben Cole"}}],
}
CONTACT = {
    "@odata.type": "#microsoft.graph.contact",
    "givenName": "Mira",
    "surname": "Holm, PhD",
    "companyName": "Litware; Research",
    "emailAddresses": [{"address": "mira@litware.example", "name": "Mira Holm"}],
    "businessPhones": ["+47 555 01 02"],
    "homeAddress": {"street": "1 Fjord Way\nFlat 2", "city": "Bergen"},
    "categories": ["Red, dark", "Blue"],
}
INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:u-1\r\nSUMMARY:Steering group\r\n"
    "DTSTART;TZID=W. Europe Standard Time:20261110T093000\r\nDTEND;TZID=Europe/Berlin:20261110T103000\r\n"
    "RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=6\r\nLOCATION:Lift\\, ground\r\n  floor\r\n"
    "ORGANIZER;CN=Dora Ek:mailto:dora@example.org\r\n"
    "ATTENDEE;CN=Anna;PARTSTAT={status}:MAILTO:anna@contoso.com\r\n"
    "BEGIN:VALARM\r\nDESCRIPTION:Alarm\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


async def attach(anna: Client, message: str, item: dict[str, Any]) -> str:
    """The path of an item attachment that was added to a message."""
    body = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Attached", "item": item}
    added = await anna.post(f"/me/messages/{message}/attachments", body)
    assert (added["contentType"], "item" in added) == (None, False)
    return f"/me/messages/{message}/attachments/{added['id']}"


async def test_an_attached_event_is_expanded_and_read_as_icalendar(anna: Client, received: StoredMessage) -> None:
    path = await attach(anna, received.id, EVENT)
    answer = await anna.get(path + ITEM, headers={"Prefer": 'outlook.timezone="Europe/Berlin"'})
    assert strict_schema.problems(answer, 200) == []
    item = answer["item"]
    assert (item["@odata.type"], item["id"], item["subject"]) == ("#microsoft.graph.event", "", "Tasting; autumn menu")
    assert item["start"] == {"dateTime": "2026-06-01T19:00:00.0000000", "timeZone": "Europe/Berlin"}
    assert item["location"]["displayName"] == "Kitchen, 2nd floor"
    assert [(attendee["type"], attendee["emailAddress"]["name"]) for attendee in item["attendees"]] == [
        ("optional", "Ben Cole")
    ]
    assert "Bring a spoon" in item["body"]["content"]
    raw = await anna.request("GET", f"{path}/$value")
    assert raw.headers["content-type"] == "text/calendar"
    assert raw.text.startswith("BEGIN:VCALENDAR\r\n")


async def test_an_attached_contact_is_expanded_and_read_as_vcard(anna: Client, received: StoredMessage) -> None:
    path = await attach(anna, received.id, CONTACT)
    answer = await anna.get(path + ITEM)
    assert strict_schema.problems(answer, 200) == []
    assert {name: answer["item"][name] for name in CONTACT} == CONTACT
    assert answer["item"]["displayName"] == "Mira Holm, PhD"
    assert answer["item"]["mobilePhone"] is None
    raw = await anna.request("GET", f"{path}/$value")
    assert (raw.headers["content-type"], raw.text.partition("\r\n")[0]) == ("text/vcard", "BEGIN:VCARD")


@pytest.mark.parametrize(
    "item",
    [
        {**EVENT, "start": None},
        {**EVENT, "start": {"dateTime": "soon", "timeZone": "UTC"}},
        {**EVENT, "colour": "red"},
        {**CONTACT, "birthday": "yesterday"},
    ],
)
async def test_an_item_that_is_wrong_is_refused(anna: Client, received: StoredMessage, item: dict[str, Any]) -> None:
    body = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Attached", "item": item}
    await anna.fails("POST", f"/me/messages/{received.id}/attachments", 400, json=body)


async def test_the_recurrence_of_an_attached_event_is_not_imitated(anna: Client, received: StoredMessage) -> None:
    item = {**EVENT, "recurrence": {"pattern": {"type": "daily"}}}
    body = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Attached", "item": item}
    assert await anna.fails("POST", f"/me/messages/{received.id}/attachments", 501, json=body) == "NotImitated"


async def test_attached_items_arrive_as_files(anna: Client, ben: Client, store: MailStore) -> None:
    draft = await anna.post(
        "/me/messages", {"subject": "Both", "toRecipients": [{"emailAddress": {"address": "ben@contoso.com"}}]}
    )
    for item in (EVENT, CONTACT):
        await attach(anna, draft["id"], item)
    await anna.post(f"/me/messages/{draft['id']}/send", status=202)
    await store.settled()
    (message,) = (await ben.get("/me/messages?$expand=attachments"))["value"]
    assert [attachment["contentType"] for attachment in message["attachments"]] == ["text/calendar", "text/vcard"]


def arrived(mailbox: Mailbox, calendar: str) -> StoredMessage:
    """A meeting message that the calendar has taken in."""
    message = mail(calendar=calendar)
    MeetingAttendant(mailbox.database).attend(mailbox.account, message)
    return mailbox.insert_message(message)


async def test_an_invitation_leads_to_its_event_as_long_as_the_calendar_has_it(anna: Client, mailbox: Mailbox) -> None:
    stored = arrived(mailbox, INVITATION.format(method="REQUEST", status="NEEDS-ACTION"))
    answer = await anna.get(f"/me/messages/{stored.id}{EVENT_OF_MESSAGE}")
    assert strict_schema.problems(answer, 200) == []
    assert answer["hasAttachments"] is False
    assert answer["startDateTime"] == {"dateTime": "2026-11-10T08:30:00.0000000", "timeZone": "UTC"}
    event = answer["event"]
    assert (event["subject"], event["showAs"], event["isOrganizer"]) == ("Steering group", "tentative", False)
    assert event["responseStatus"]["response"] == "notResponded"
    assert event["originalStartTimeZone"] == "W. Europe Standard Time"
    assert event["location"]["displayName"] == "Lift, ground floor"
    assert event["organizer"]["emailAddress"] == {"name": "Dora Ek", "address": "dora@example.org"}
    assert event["recurrence"]["pattern"]["type"] == "relativeMonthly"
    assert event["recurrence"]["pattern"]["index"] == "second"
    assert await anna.fails("GET", f"/me/messages/{event['id']}", 404) == "ErrorItemNotFound"
    events = Events(mailbox.database, mailbox.account)
    known = events.by_uid_and_day(event["iCalUId"], None)
    assert known is not None
    events.delete_event(known)
    answer = await anna.get(f"/me/messages/{stored.id}{EVENT_OF_MESSAGE}")
    assert strict_schema.problems(answer, 200) == []
    assert answer["event"] is None


async def test_an_update_that_names_its_date_in_utc_is_about_that_date_in_the_zone_of_the_series(
    anna: Client, store: MailStore, mailbox: Mailbox
) -> None:
    tokyo = (
        INVITATION.format(method="REQUEST", status="NEEDS-ACTION")
        .replace("W. Europe Standard Time:20261110T093000", "Tokyo Standard Time:20261110T080000")
        .replace("Europe/Berlin:20261110T103000", "Tokyo Standard Time:20261110T090000")
    )
    store.receive(mailbox, mail(calendar=tokyo.replace("FREQ=MONTHLY;BYDAY=2TU", "FREQ=DAILY")))
    second = tokyo.replace("RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=6", "RECURRENCE-ID:20261110T230000Z")
    update = store.receive(
        mailbox, mail(calendar=second.replace("20261110T0", "20261111T0").replace("Steering", "Moved"))
    )
    event = (await anna.get(f"/me/messages/{update.id}{EVENT_OF_MESSAGE}"))["event"]
    assert (event["type"], event["subject"]) == ("exception", "Moved group")
    assert event["start"] == {"dateTime": "2026-11-10T23:00:00.0000000", "timeZone": "UTC"}


@pytest.mark.parametrize(
    ("method", "status", "kind", "meeting"),
    [
        ("CANCEL", "ACCEPTED", "eventMessage", "meetingCancelled"),
        ("REPLY", "DECLINED", "eventMessageResponse", "meetingDeclined"),
        ("REPLY", "TENTATIVE", "eventMessageResponse", "meetingTenativelyAccepted"),
    ],
)
async def test_a_meeting_message_says_what_it_is(
    anna: Client, mailbox: Mailbox, method: str, status: str, kind: str, meeting: str
) -> None:
    arrived(mailbox, INVITATION.format(method="REQUEST", status="NEEDS-ACTION"))
    stored = arrived(mailbox, INVITATION.format(method=method, status=status))
    answer = await anna.get(f"/me/messages/{stored.id}{EVENT_OF_MESSAGE}")
    assert strict_schema.problems(answer, 200) == []
    assert (answer["@odata.type"], answer["meetingMessageType"]) == (f"#microsoft.graph.{kind}", meeting)
    assert answer["event"]["isCancelled"] is (method == "CANCEL")


async def test_a_proposal_of_another_time_says_both_times(anna: Client, mailbox: Mailbox) -> None:
    original = "X-MS-OLK-ORIGINALSTART:20261109T080000Z\r\nX-MS-OLK-ORIGINALEND:20261109T090000Z\r\nUID"
    calendar = INVITATION.format(method="COUNTER", status="TENTATIVE").replace("UID", original, 1)
    answer = await anna.get(f"/me/messages/{mailbox.insert_message(mail(calendar=calendar)).id}")
    assert strict_schema.problems(answer, 200) == []
    assert answer["@odata.type"] == "#microsoft.graph.eventMessageResponse"
    assert answer["startDateTime"]["dateTime"] == "2026-11-09T08:00:00.0000000"
    assert answer["proposedNewTime"]["start"]["dateTime"] == "2026-11-10T08:30:00.0000000"
    assert answer["responseType"] == "tentativelyAccepted"


async def test_an_update_of_a_meeting_and_a_series_say_so(anna: Client, mailbox: Mailbox) -> None:
    calendar = INVITATION.format(method="REQUEST", status="ACCEPTED").replace("UID", "SEQUENCE:2\r\nUID", 1)
    answer = await anna.get(f"/me/messages/{mailbox.insert_message(mail(calendar=calendar)).id}")
    assert strict_schema.problems(answer, 200) == []
    assert (answer["meetingRequestType"], answer["type"]) == ("fullUpdate", "seriesMaster")
    assert answer["recurrence"]["range"]["numberOfOccurrences"] == 6


async def test_a_message_about_no_event_is_expanded_without_one(anna: Client, received: StoredMessage) -> None:
    assert "event" not in await anna.get(f"/me/messages/{received.id}{EVENT_OF_MESSAGE}")
    await anna.fails("GET", f"/me/messages/{received.id}?$expand=event", 400)


async def test_the_mime_form_of_an_invitation_keeps_its_calendar_part(anna: Client, mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(mail(calendar=INVITATION.format(method="REQUEST", status="NEEDS-ACTION")))
    raw = (await anna.request("GET", f"/me/messages/{stored.id}/$value")).content
    calendar = parse(raw).calendar
    assert calendar is not None
    assert "SUMMARY:Steering group" in calendar
