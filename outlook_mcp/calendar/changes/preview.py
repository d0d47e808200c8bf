"""An event as it would be after a change, and who would get mail of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from outlook_mcp.calendar.changes.fields import EventToChange, kinds_in

_NEW: Mapping[str, Any] = {"id": "", "isOrganizer": True, "attendees": []}


def changed_event(before: EventToChange | None, body: Mapping[str, Any]) -> EventToChange:
    """With the JSON fields of the change; what each person answered stays with them."""
    present = msgspec.to_builtins(before) if before else dict(_NEW)
    answers = {
        person.folded_address: msgspec.to_builtins(person.status)
        for person in (before.attendees if before else ())
        if person.folded_address and person.status
    }
    merged = {**present, **body}
    if "attendees" in body:
        merged["attendees"] = [
            person | {"status": answers.get(person["emailAddress"]["address"].lower())} for person in body["attendees"]
        ]
    if "start" in body and before is None:
        merged["originalStartTimeZone"] = body["start"]["timeZone"]
        merged["originalEndTimeZone"] = body["end"]["timeZone"]
    return msgspec.convert(merged, EventToChange)


def mailed(
    before: EventToChange | None, body: Mapping[str, Any], *, quiet: frozenset[str]
) -> tuple[list[str], list[str], list[str]]:
    """The addresses of those who are invited, told of a change, and called off.

    Where nothing but the list of people changes, Exchange writes to those alone who are new or dropped.
    """
    if before is not None and not before.is_organizer and before.is_meeting:
        # A change of somebody else's meeting stays in this calendar.
        return [], [], []
    old = before.others if before else []
    new = [person["emailAddress"]["address"] for person in body["attendees"]] if "attendees" in body else old
    known, kept = _folded(old), _folded(new)
    invited = [address for address in new if address.lower() not in known]
    called_off = [address for address in old if address.lower() not in kept]
    is_told = before is not None and bool(body.keys() - quiet - {"attendees"})
    if "attendees" in body and not is_told and before is not None and _kinds_changed(before, body["attendees"]):
        is_told = True
    updated = [address for address in new if address.lower() in known] if is_told else []
    return invited, updated, called_off


def _kinds_changed(before: EventToChange, attendees: list[dict[str, Any]]) -> bool:
    wanted = kinds_in(attendees)
    return any(wanted.get(address, kind) != kind for address, kind in before.kinds.items())


def _folded(addresses: list[str]) -> set[str]:
    return {address.lower() for address in addresses}
