"""Meeting messages that go out when an event with attendees is made, changed or called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.calendar.attendant import CANCELED, addresses
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.itip import NEVER, SEQUENCE, Method, write_meeting
from outlook_mcp.sandbox.store.calendar.meeting_mail import meeting_message, recipient, request_id, response_message
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent

Attendees = Sequence[Mapping[str, Any]]
# Of the owner alone: nobody is told of a change of these. Whether Exchange tells of `showAs` is not documented.
_QUIET = frozenset({"isReminderOn", "reminderMinutesBeforeStart", "categories", "responseRequested", "transactionId"})
_WHEN = frozenset({"start", "end", "recurrence", "isAllDay"})


def invite(call: CalendarCall, event: StoredEvent, people: Attendees) -> None:
    """An invitation, or a new one after a change, to these people."""
    _send_meeting_mail(
        call, event, "REQUEST", people, subject=str(event.fields.get("subject") or ""), body=event.fields.get("body")
    )


def call_off(call: CalendarCall, event: StoredEvent, people: Attendees, comment: str = "") -> None:
    """A cancellation to these people."""
    subject = CANCELED + str(event.fields.get("subject") or "")
    fields = {**event.fields, SEQUENCE: event.fields.get(SEQUENCE, 0) + 1}
    body = {"contentType": "text", "content": comment}
    _send_meeting_mail(call, event, "CANCEL", people, subject=subject, body=body, fields=fields)


def tell_of_change(call: CalendarCall, before: StoredEvent, event: StoredEvent) -> None:
    """After a change by the organizer: who was added is invited, who was left out is told, and the others hear of it.

    A change of attendees alone is told only to those whom it is about.
    """
    old, new = before.fields.get("attendees") or [], event.fields.get("attendees") or []
    call_off(call, event, [person for person in old if _address(person) not in addresses(new)])
    is_told = bool(told_changes(before.fields, event.fields))
    invite(call, event, [person for person in new if is_told or _address(person) not in addresses(old)])


def told_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The changed properties that attendees are told of."""
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return {name for name in names - _QUIET - {"attendees"} if not name.startswith("_")}


def asks_again(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the time changed, so that everybody is asked for an answer again."""
    return bool(told_changes(before, after) & _WHEN)


def respond(
    call: CalendarCall, event: StoredEvent, response: str, comment: str, proposed: Mapping[str, Any] | None
) -> None:
    """The answer of an attendee to the organizer, with another time where one is proposed."""
    asked = request_id(call.sources.database, call.account, str(event.row["uid"]))
    call.sources.send(call.account, response_message(call.account, event, response, comment, proposed, asked))


def forward(call: CalendarCall, event: StoredEvent, people: Attendees, comment: str) -> None:
    """The invitation to more people, who become attendees, and a note to the organizer of another mailbox."""
    new = [{"type": "required", "status": {"response": "none", "time": NEVER}, **person} for person in people]
    organizer = event.fields.get("organizer") or {}
    address = str((organizer.get("emailAddress") or {}).get("address") or "")
    account = call.sources.accounts.by_address(address) if address else None
    subject = str(event.fields.get("subject") or "")
    if account is not None:
        events = Events(call.sources.database, account)
        known = events.by_uid_and_day(str(event.row["uid"]), event.day)
        if known is not None:
            events.change_event(known, {"attendees": _with_new(known.fields.get("attendees") or [], new)})
    fields = {**event.fields, "attendees": _with_new(event.fields.get("attendees") or [], new)}
    body = {"contentType": "text", "content": comment} if comment else event.fields.get("body")
    _send_meeting_mail(call, event, "REQUEST", people, subject=f"FW: {subject}", body=body, fields=fields)
    if address and not event.fields.get("isOrganizer"):
        sender = Address(call.account.upn, call.account.display_name)
        told = ", ".join(str(person["emailAddress"]["address"]) for person in people)
        note = Message(
            subject=f"Meeting Forward Notification: {subject}",
            body=f"Your meeting was forwarded to {told}.",
            body_type="text",
            sender=sender,
            from_=sender,
            to=[recipient(organizer)],
        )
        call.sources.send(call.account, note)


def _with_new(old: Attendees, new: Attendees) -> list[Mapping[str, Any]]:
    known = addresses(old)
    return [*old, *(person for person in new if _address(person) not in known)]


def _send_meeting_mail(
    call: CalendarCall,
    event: StoredEvent,
    method: Method,
    people: Attendees,
    *,
    subject: str,
    body: Mapping[str, Any] | None,
    fields: Mapping[str, Any] | None = None,
) -> None:
    if not people:
        return
    uid = str(event.row["uid"])
    message = meeting_message(
        call.account, people, write_meeting(method, fields or event.fields, uid, event.day), subject, body or {}
    )
    call.sources.send(call.account, message)


def _address(person: Mapping[str, Any]) -> str:
    return str(person["emailAddress"]["address"]).lower()
