"""The settings of a mailbox and its categories."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.query.options import select_of

_SETTINGS: dict[str, Any] = {
    "archiveFolder": None,
    "timeZone": "W. Europe Standard Time",
    "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
    "dateFormat": "yyyy-MM-dd",
    "timeFormat": "HH:mm",
    "userPurpose": "user",
    "automaticRepliesSetting": {
        "status": "disabled",
        "externalAudience": "all",
        "internalReplyMessage": "",
        "externalReplyMessage": "",
        "scheduledStartDateTime": {"dateTime": "2026-01-01T08:00:00.0000000", "timeZone": "UTC"},
        "scheduledEndDateTime": {"dateTime": "2026-01-02T08:00:00.0000000", "timeZone": "UTC"},
    },
    "language": {"locale": "en-US", "displayName": "English (United States)"},
    "workingHours": {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": "W. Europe Standard Time"},
    },
}
_CATEGORIES = {
    "Red category": "preset0",
    "Orange category": "preset1",
    "Yellow category": "preset3",
    "Green category": "preset4",
    "Blue category": "preset7",
    "Purple category": "preset8",
}


async def get_settings(call: MailCall) -> Response:
    whole = {**_SETTINGS, "archiveFolder": _archive(call)}
    select = select_of(call.options.select, whole, "mailboxSettings")
    body = {name: value for name, value in whole.items() if select is None or name in select}
    return call.answer({"@odata.context": call.context("mailboxSettings", select), **body})


async def list_categories(call: MailCall) -> Response:
    value = [
        {"id": f"{number:08d}-0000-4000-8000-000000000000", "displayName": name, "color": colour}
        for number, (name, colour) in enumerate(_CATEGORIES.items(), 1)
    ]
    return call.answer({"@odata.context": call.context("outlook/masterCategories"), "value": value})


def _archive(call: MailCall) -> str | None:
    found = call.mailbox.folders.select("f.well_known = 'archive'", (), "f.id", 1)
    return found[0].id if found else None
