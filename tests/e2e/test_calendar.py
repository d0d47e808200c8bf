"""Reading the calendar through a real client: events that the sandbox's users made and were invited to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import SandboxOptions, User
from tests.e2e.office import MODES, Office, call, refusal, resource
from tests.mail.shown import tokens

TOOLSETS = "mail-read calendar-read"
ZONE = "W. Europe Standard Time"
# A Monday that is ahead whenever this runs.
MONDAY = date.today() + timedelta(days=14 - date.today().weekday())


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(seed=False, control=True)


@dataclass(frozen=True)
class Graph:
    """What a user does in Outlook, by the sandbox's Graph."""

    http: httpx.AsyncClient

    async def create(self, subject: str, day: int, hours: str, *people: str, **more: Any) -> dict[str, Any]:
        begin, end = (
            {"dateTime": f"{MONDAY + timedelta(days=day)}T{clock}", "timeZone": ZONE} for clock in hours.split("-")
        )
        attendees = [{"emailAddress": {"address": address}, "type": "required"} for address in people]
        body = {"subject": subject, "start": begin, "end": end, "attendees": attendees, **more}
        answer = await self.http.post("/me/events", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


@asynccontextmanager
async def outlook_of(office: Office, user: User) -> AsyncIterator[Graph]:
    scopes = ["Calendars.ReadWrite", "User.Read", "MailboxSettings.ReadWrite"]
    async with httpx.AsyncClient(trust_env=False) as http:
        order = {"user": user.oid, "scopes": scopes}
        token = (await http.post(f"{office.sandbox.http_url}/_sandbox/token", json=order)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Prefer": 'IdType="ImmutableId"'}
    async with httpx.AsyncClient(base_url=office.sandbox.graph_url, headers=headers, trust_env=False) as http:
        yield Graph(http)


def weekly(number: int) -> dict[str, Any]:
    return {
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
            "range": {"type": "numbered", "startDate": MONDAY.isoformat(), "numberOfOccurrences": number},
        }
    }


def line_of(answer: str, told: str) -> str:
    """The line that tells this, without those of the frame, whose number holds any digits."""
    return next(line for line in answer.split("\n") if told in line and not line.startswith("<"))


@pytest.mark.parametrize("mode", MODES)
async def test_a_week_is_listed_and_its_events_are_read_by_their_short_ids(office: Office, mode: str) -> None:
    async with outlook_of(office, office.alice) as alice:
        await alice.create("Standup", 0, "09:15-09:30", "bob@contoso.example", **weekly(3))
        await alice.create("Focus", 1, "11:00-12:00", body={"contentType": "html", "content": "<p>Quiet</p>"})
        leave = {"isAllDay": True, "showAs": "free"}
        await alice.create("Bob on leave", 2, "00:00-00:00", **leave, end=_midnight(4))
    async with office.client(office.alice, mode=mode, toolsets=TOOLSETS) as client:
        week = {"start": MONDAY.isoformat(), "end": (MONDAY + timedelta(days=13)).isoformat()}
        answer = await call(client, "calendar_list", **week)
        assert re.search(r"^\d+@\d{6} 09:15-09:30 Standup; mine, 0/1 yes$", answer, re.MULTILINE), answer
        assert re.search(r"^\d+ all day to Thu \d+ f Bob on leave$", answer, re.MULTILINE), answer
        assert "All 4 events from Mon " in answer
        dates = [line.split()[0] for line in answer.split("\n") if "Standup" in line]
        assert len({handle.partition("@")[0] for handle in dates}) == 1
        read = await call(client, "event_read", ids=[dates[1], line_of(answer, "Focus").split()[0]])
        assert f"[{dates[1]}] Standup" in read
        assert f"one date of the series {dates[0].partition('@')[0]}, every Monday, 3 times" in read
        assert "Required: bob@contoso.example (no answer)" in read
        assert "\nQuiet\n" in read
        assert "Focus" in await resource(client, f"outlook://me/calendar/events/{line_of(answer, 'Focus').split()[0]}")
        assert "in the default calendar" in await resource(client, "outlook://me/calendar/week")
        assert "in the default calendar" in await resource(client, "outlook://me/calendar/today")
        found = await call(client, "calendar_list", **week, text="quiet")
        assert "The only event of 4 with these words" in found
        assert "Next" not in await refusal(client, "event_read", ids=["999999"])


def _midnight(day: int) -> dict[str, str]:
    return {"dateTime": f"{MONDAY + timedelta(days=day)}T00:00", "timeZone": ZONE}


async def test_an_invitation_in_the_mail_says_when_where_and_what_is_at_the_same_time(office: Office) -> None:
    async with outlook_of(office, office.bob) as bob, outlook_of(office, office.alice) as alice:
        await bob.create("Dentist", 0, "10:30-11:30")
        await alice.create("Review", 0, "10:00-11:00", "bob@contoso.example", location={"displayName": "Room Pine"})
        await office.sandbox.store.settled()
    async with office.client(office.bob, toolsets=TOOLSETS) as client:
        listed = line_of(await call(client, "mail_search"), "Review")
        weekday = f"{MONDAY:%a} {MONDAY.day} {MONDAY:%b}"
        year = "" if MONDAY.year == datetime.now().year else f" {MONDAY.year}"
        assert f"({weekday}{year} 10:00-11:00, Room Pine; not answered; at the same time: Dentist)" in listed, listed
        mail = listed.split()[0]
        assert "; not answered; at the same time: Dentist" in await call(client, "mail_read", ids=[mail])
        event = await call(client, "event_read", ids=[mail])
        assert "State: I have not answered" in event
        assert "Organizer: Alice Archer <alice@contoso.example>" in event
        assert "!? Review" in await call(client, "calendar_list", start=MONDAY.isoformat())
    async with office.client(office.bob, toolsets="mail-read") as client:
        assert "Dentist" not in await call(client, "mail_search")


async def test_times_are_found_when_all_are_free_and_who_is_not_there_is_said(office: Office) -> None:
    async with outlook_of(office, office.bob) as bob, outlook_of(office, office.alice) as alice:
        await bob.create("Private matter", 0, "09:00-12:00")
        await alice.create("Planning", 0, "13:00-17:00")
    async with office.client(office.alice, toolsets=TOOLSETS) as client:
        people = ["bob@contoso.example", "nobody@contoso.example"]
        answer = await call(client, "find_time", people=people, start=MONDAY.isoformat(), end=MONDAY.isoformat())
        assert "Not looked at (no such mailbox): nobody@contoso.example" in answer
        assert "Private matter" not in answer
        assert tokens(answer) <= 400
        assert re.search(r"^1\. Mon .*: ", answer, re.MULTILINE)


async def test_a_calendar_that_nobody_shares_is_not_read(office: Office) -> None:
    async with office.client(office.alice, toolsets=TOOLSETS) as client:
        assert "has not shared a calendar" in await refusal(client, "calendar_list", calendar="bob@contoso.example")
        assert re.search(
            r"There are: <data(\d+)>Calendar</data\1>\. For the calendar of somebody else",
            await refusal(client, "calendar_list", calendar="Zebra"),
        )
        assert "No event from" in await call(client, "calendar_list", calendar="all")


async def test_a_shared_calendar_is_read_by_the_address_of_its_owner_without_what_is_private(office: Office) -> None:
    async with outlook_of(office, office.bob) as bob:
        await bob.create("Team day", 0, "09:00-10:00", body={"contentType": "text", "content": "Bring boots."})
        await bob.create("Surgery", 0, "11:00-12:00", sensitivity="private")
        share = {"emailAddress": {"address": "alice@contoso.example"}, "role": "read"}
        assert (await bob.http.post("/me/calendar/calendarPermissions", json=share)).status_code == 201
    async with office.client(office.alice, toolsets=TOOLSETS, shared_mailboxes=True) as client:
        answer = await call(client, "calendar_list", start=MONDAY.isoformat(), calendar="bob@contoso.example")
        assert "Surgery" not in answer
        assert "11:00-12:00 p (private)" in answer
        assert answer.endswith("in the calendar bob@contoso.example.")
        handle = line_of(answer, "Team day").split()[0]
        assert re.fullmatch(r"\d+:bob@contoso\.example", handle), handle
        read = await call(client, "event_read", ids=[handle])
        assert f"[{handle}] Team day" in read
        assert "Bring boots." in read


async def test_a_personal_account_finds_times_in_its_own_calendar(office: Office) -> None:
    frida = next(user for user in office.sandbox.users if user.upn.startswith("frida"))
    async with outlook_of(office, frida) as outlook:
        await outlook.create("Yoga", 0, "09:00-10:00")
    async with office.client(frida, toolsets=TOOLSETS) as client:
        day = MONDAY.isoformat()
        answer = await call(client, "find_time", people=["bob@contoso.example"], start=day, end=day)
        assert re.search(r"^1\. Mon [^\n]* 08:00-08:30: all who can be seen are free$", answer, re.MULTILINE), answer
        assert "as it does to personal accounts" in answer
        assert "bob@contoso.example. Ask them." in answer
