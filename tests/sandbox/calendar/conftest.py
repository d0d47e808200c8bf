"""The clients of the imitated Graph, with permissions for calendars and the mail of meetings."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox.store import MailStore
from tests.sandbox.graph.conftest import ANNA, BEN, Client, app, http, mailbox, store

__all__ = ["app", "http", "mailbox", "store"]

PERMISSIONS = ("Calendars.ReadWrite", "Calendars.Read.Shared", "Mail.ReadWrite", "User.Read")
ZONE = "Europe/Berlin"
MONTH = "startDateTime=2026-11-29T00:00:00Z&endDateTime=2026-12-31T00:00:00Z"


@pytest.fixture
def anna(http: httpx.AsyncClient) -> Client:
    return Client(http, ANNA, PERMISSIONS)


@pytest.fixture
def ben(http: httpx.AsyncClient) -> Client:
    return Client(http, BEN, PERMISSIONS)


def event(subject: str, start: str, end: str, *people: str, zone: str = ZONE, **more: Any) -> dict[str, Any]:
    """The body of a new event; `people` are addresses."""
    attendees = {"attendees": [{"emailAddress": {"address": address}} for address in people]} if people else {}
    times = {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}
    return {"subject": subject, **times, **attendees, **more}


def weekly(start: str, *days: str, number: int = 4) -> dict[str, Any]:
    """A recurrence on these days of the week."""
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": list(days)}
    return {"pattern": pattern, "range": {"type": "numbered", "startDate": start, "numberOfOccurrences": number}}


def every_days(start: str, interval: int) -> dict[str, Any]:
    """A recurrence without end after so many days each."""
    pattern = {"type": "daily", "interval": interval}
    return {"pattern": pattern, "range": {"type": "noEnd", "startDate": start}}


async def view(client: Client, more: str = "", **request: Any) -> list[dict[str, Any]]:
    """The events of December 2026 in the order of their starts."""
    answer = await client.get(f"/me/calendarView?{MONTH}&$orderby=start/dateTime&$top=100{more}", **request)
    return list(answer["value"])


async def messages(store: MailStore, client: Client) -> list[dict[str, Any]]:
    """The inbox, newest first, once all that was sent has arrived."""
    await store.settled()
    return list((await client.get("/me/mailFolders/inbox/messages"))["value"])
