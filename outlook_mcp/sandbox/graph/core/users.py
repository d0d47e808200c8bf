"""The user behind a mailbox and its settings."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
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


async def get_user(call: Call) -> Response:
    whole = _user(call)
    select = select_of(call.options.select, (*whole, "proxyAddresses", "mailNickname", "accountEnabled"), "user")
    if select is not None:
        whole |= {"mailNickname": call.mailbox.upn.partition("@")[0], "accountEnabled": True}
        whole |= {"proxyAddresses": [f"SMTP:{call.mailbox.upn}"]}
    name = f"users({','.join(sorted(select))})/$entity" if select else "users/$entity"
    body = {name: value for name, value in whole.items() if select is None or name in select}
    return call.answer({"@odata.context": call.type_context(name), **body})


async def get_settings(call: Call) -> Response:
    whole = {**_SETTINGS, "archiveFolder": _archive(call)}
    select = select_of(call.options.select, whole, "mailboxSettings")
    body = {name: value for name, value in whole.items() if select is None or name in select}
    return call.answer({"@odata.context": call.context("mailboxSettings", select), **body})


async def list_categories(call: Call) -> Response:
    value = [
        {"id": f"{number:08d}-0000-4000-8000-000000000000", "displayName": name, "color": colour}
        for number, (name, colour) in enumerate(_CATEGORIES.items(), 1)
    ]
    return call.answer({"@odata.context": call.context("outlook/masterCategories"), "value": value})


def _archive(call: Call) -> str | None:
    found = call.mailbox.folders.select("f.well_known = 'archive'", (), "f.id", 1)
    return found[0].id if found else None


def _user(call: Call) -> dict[str, Any]:
    mailbox = call.mailbox
    given, _, family = mailbox.display_name.rpartition(" ")
    return {
        "businessPhones": [],
        "displayName": mailbox.display_name,
        "givenName": given or mailbox.display_name,
        "jobTitle": None,
        "mail": mailbox.upn,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-US",
        "surname": family if given else None,
        "userPrincipalName": mailbox.upn,
        "id": mailbox.oid,
    }
