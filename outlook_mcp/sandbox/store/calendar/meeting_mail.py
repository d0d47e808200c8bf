"""The messages in which meetings travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.calendar.itip import write_meeting
from outlook_mcp.sandbox.store.calendar.rows import StoredEvent
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.database import Database

_SUBJECTS = {"accepted": "Accepted: ", "declined": "Declined: ", "tentativelyAccepted": "Tentative: "}
_NEW_TIME = "New Time Proposed: "


def response_message(
    account: Account,
    event: StoredEvent,
    response: str,
    comment: str = "",
    proposed: Mapping[str, Any] | None = None,
    in_reply_to: str | None = None,
) -> Message:
    """The answer of an attendee to the organizer, with another time where one is proposed."""
    own = {
        "type": "required",
        "status": {"response": response, "time": ""},
        "emailAddress": {"name": account.display_name, "address": account.upn},
    }
    fields = {**event.fields, "attendees": [own], **(proposed or {})}
    calendar = write_meeting("COUNTER" if proposed else "REPLY", fields, str(event.row["uid"]), event.day)
    subject = (_NEW_TIME if proposed else _SUBJECTS[response]) + str(event.fields.get("subject") or "")
    body = {"contentType": "text", "content": comment}
    message = meeting_message(account, [event.fields["organizer"]], calendar, subject, body)
    return replace(message, in_reply_to=in_reply_to)


def request_id(database: Database, account: Account, uid: str) -> str | None:
    """The Message-ID of the last invitation in the mailbox with this UID: answers are in its conversation."""
    found = database.value(
        "SELECT m.internet_message_id FROM meeting c JOIN message m ON m.id = c.message"
        " WHERE m.mailbox = ? AND instr(c.calendar, 'METHOD:REQUEST')"
        " AND instr(replace(replace(c.calendar, ?, ''), ?, ''), ?) ORDER BY m.id DESC LIMIT 1",
        # Lines of one property are folded.
        (account.key, "\r", "\n ", uid),
    )
    return None if found is None else str(found)


def meeting_message(
    account: Account, people: Sequence[Mapping[str, Any]], calendar: str, subject: str, body: Mapping[str, Any]
) -> Message:
    """From this account to these attendees; `body` is an itemBody, `calendar` the iCalendar object."""
    sender = Address(account.upn, account.display_name)
    return Message(
        subject=subject,
        body=body.get("content") or "",
        body_type=(body.get("contentType") or "text").lower(),
        sender=sender,
        from_=sender,
        to=[recipient(person) for person in people],
        calendar=calendar,
    )


def recipient(person: Mapping[str, Any]) -> Address:
    """The address of an attendee or an organizer."""
    return Address(person["emailAddress"]["address"], person["emailAddress"].get("name") or "")
