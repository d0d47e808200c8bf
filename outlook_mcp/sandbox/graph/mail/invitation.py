"""The properties of microsoft.graph.eventMessageRequest, read from the iCalendar part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from outlook_mcp.sandbox.message import Attachment

_TIME = re.compile(r"^(DTSTART|DTEND)((?:;[^:\r\n]*)?):(\d{8}(?:T\d{6})?)(Z?)", re.MULTILINE)
_LOCATION = re.compile(r"^LOCATION(?:;[^:\r\n]*)?:(.*?)\r?$", re.MULTILINE)
_NAMES = {"DTSTART": "startDateTime", "DTEND": "endDateTime"}


def invitation_properties(attachments: Iterable[Attachment]) -> dict[str, Any]:
    """Times are those of the first event, in the zone that the part names."""
    parts = [part for part in attachments if part.content_type.lower().startswith("text/calendar")]
    text = parts[0].content.decode("utf-8", "replace") if parts else ""
    _, _, event = text.partition("BEGIN:VEVENT")
    found: dict[str, Any] = {
        "meetingMessageType": "meetingRequest",
        "meetingRequestType": "newMeetingRequest",
        "type": "seriesMaster" if "\nRRULE" in event else "singleInstance",
        "isOutOfDate": False,
        "isAllDay": ";VALUE=DATE:" in event,
        "isDelegated": False,
        "responseRequested": True,
        "allowNewTimeProposals": True,
    }
    for name, parameters, moment, utc in _TIME.findall(event):
        zone = re.search(r"TZID=\"?([^;\"]+)", parameters)
        with suppress(ValueError):  # An impossible date is left out.
            start = datetime.fromisoformat(moment).strftime("%Y-%m-%dT%H:%M:%S.0000000")
            found.setdefault(_NAMES[name], {"dateTime": start, "timeZone": "UTC" if utc or not zone else zone[1]})
    if location := _LOCATION.search(event):
        name = location[1].replace("\\,", ",").replace("\\;", ";").replace("\\n", "\n")
        found["location"] = {"displayName": name, "locationType": "default"}
    return found
