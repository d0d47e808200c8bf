"""The settings of a mailbox and its categories."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.errors import item_not_found, unknown_segment
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
    return call.json_answer({"@odata.context": call.context("mailboxSettings", select), **body})


async def get_setting(call: MailCall) -> Response:
    """One setting; a text is answered as a `value`."""
    whole = {**_SETTINGS, "archiveFolder": _archive(call)}
    name = {known.lower(): known for known in whole}.get(call.arguments["setting"].lower())
    if name is None:
        raise unknown_segment(call.arguments["setting"])
    value = {"value": whole[name]} if name == "userPurpose" else whole[name]
    body = value if isinstance(value, dict) else {"value": value}
    return call.json_answer({"@odata.context": call.context(f"mailboxSettings/{name}"), **body})


async def list_categories(call: MailCall) -> Response:
    return call.json_answer({"@odata.context": call.context("outlook/masterCategories"), "value": _categories()})


async def get_category(call: MailCall) -> Response:
    for category in _categories():
        if category["id"] == call.arguments["category"]:
            return call.json_answer({"@odata.context": call.context("outlook/masterCategories/$entity"), **category})
    raise item_not_found()


def _categories() -> list[dict[str, str]]:
    return [
        {"id": f"{number:08d}-0000-4000-8000-000000000000", "displayName": name, "color": colour}
        for number, (name, colour) in enumerate(_CATEGORIES.items(), 1)
    ]


def _archive(call: MailCall) -> str | None:
    found = call.mailbox.folders.select("f.well_known = 'archive'", (), "f.id", 1)
    return found[0].id if found else None
