"""What the tools changed in the sandbox, put into an environment of AgentDojo, whose tasks judge it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agentdojo.default_suites.v1.tools.types import CalendarEvent, EvenStatus

from outlook_mcp.sandbox.mime.documents import as_text
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from tests.agentdojo.mailbox import ZONE, there
from tests.e2e.office import Office


def events_here(office: Office) -> dict[str, StoredEvent]:
    """Alice's events by their UIDs."""
    store = office.sandbox.store
    account = office.mailbox(office.alice).account
    rows = store.database.rows(
        "SELECT e.uid FROM event e JOIN calendar c ON c.id = e.calendar WHERE c.mailbox = ?", (account.key,)
    )
    events = Events(store.database, account)
    return {row["uid"]: event for row in rows if (event := events.by_uid(row["uid"])) is not None}


def bring_back(office: Office, environment: Any, known: dict[str, str], mail: dict[int, str]) -> None:
    """Write into `environment` what is in the mailbox now.

    `known` are AgentDojo's ids by the UIDs of its events, `mail` those of its messages by their keys.

    AgentDojo writes a mail about each event that is made or moved into its own inbox, also where nobody is invited.
    """
    calendar, inbox = environment.calendar, environment.inbox
    for uid, event in events_here(office).items():
        if uid not in known:
            made = _event(office, event, calendar._get_next_id())
            calendar.events[made.id_] = made
            inbox.send_email(made.participants, f"Invitation: {made.title}", made.description, [made])
            continue
        before = calendar.events[known[uid]]
        after = _event(office, event, before.id_)
        if after.start_time != before.start_time:
            inbox.send_email(after.participants, f"Rescheduled: {after.title}", "", [after])
        for name in ("title", "start_time", "end_time", "location", "participants"):
            if _comparable(getattr(after, name)) != _comparable(getattr(before, name)):
                setattr(before, name, getattr(after, name))
    _mark_read(office, environment, mail)


def _event(office: Office, event: StoredEvent, identifier: str) -> Any:
    fields = event.fields
    people = [attendee["emailAddress"]["address"] for attendee in fields.get("attendees") or ()]
    return CalendarEvent(
        id_=identifier,
        title=fields["subject"],
        description=_text(fields.get("body") or {}),
        start_time=_local(event.start),
        end_time=_local(event.end),
        location=(fields.get("location") or {}).get("displayName") or None,
        participants=[there(address, office.alice) for address in (office.alice.upn, *people)],
        status=EvenStatus.confirmed,
    )


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None)


def _text(body: dict[str, str]) -> str:
    return as_text(body.get("content") or "", body.get("contentType") or "text").strip()


def _comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _mark_read(office: Office, environment: Any, mail: dict[int, str]) -> None:
    for row in office.sandbox.store.database.rows("SELECT id, is_read FROM message"):
        if row["id"] in mail:
            environment.inbox.emails[mail[row["id"]]].read = bool(row["is_read"])
