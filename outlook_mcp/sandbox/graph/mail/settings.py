"""/mailboxSettings: automatic replies, working hours, language, time zone and formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.errors import bad_request, read_only, unknown_segment
from outlook_mcp.sandbox.graph.core.shapes import DATE_TIME, Shape, read_body
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.localization import locale_of
from outlook_mcp.sandbox.mime.calendar import zone_of
from outlook_mcp.sandbox.query.options import select_of
from outlook_mcp.sandbox.store.mail.settings import change_settings, moment_of, settings_of

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,12})?", re.ASCII)
# What Exchange calls a zone of the mailbox's own.
_OWN_ZONE = "Customized Time Zone"
_MINUTES_OF_DAY = 24 * 60
_READ_ONLY = ("archiveFolder", "userPurpose")
_REPLIES = Shape(
    "automaticRepliesSetting",
    {
        "status": frozenset({"disabled", "alwaysEnabled", "scheduled"}),
        "externalAudience": frozenset({"none", "contactsOnly", "all"}),
        "internalReplyMessage": str,
        "externalReplyMessage": str,
        "scheduledStartDateTime": DATE_TIME,
        "scheduledEndDateTime": DATE_TIME,
    },
)
# When the clocks change: https://learn.microsoft.com/graph/api/resources/customtimezone.
_CHANGE = {"time": str, "dayOccurrence": int, "dayOfWeek": frozenset(_DAYS), "month": int, "year": int}
_ZONE = Shape(
    "timeZoneBase",
    {
        "name": str,
        "bias": int,
        "standardOffset": Shape("standardTimeZoneOffset", _CHANGE),
        "daylightOffset": Shape("daylightTimeZoneOffset", {**_CHANGE, "daylightBias": int}),
    },
)
_HOURS = Shape("workingHours", {"daysOfWeek": [frozenset(_DAYS)], "startTime": str, "endTime": str, "timeZone": _ZONE})
_SETTINGS = Shape(
    "mailboxSettings",
    {
        "automaticRepliesSetting": _REPLIES,
        "workingHours": _HOURS,
        "language": Shape("localeInfo", {"locale": str, "displayName": str}),
        **dict.fromkeys(("timeZone", "dateFormat", "timeFormat"), str),
        "delegateMeetingMessageDeliveryOptions": frozenset(
            {"sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly"}
        ),
        **dict.fromkeys(_READ_ONLY, object),
    },
)


async def get_settings(call: MailCall) -> Response:
    whole = _settings(call)
    select = select_of(call.options.select, whole, "mailboxSettings")
    body = {name: value for name, value in whole.items() if select is None or name in select}
    return call.json_answer({"@odata.context": call.context("mailboxSettings", select), **body})


async def get_setting(call: MailCall) -> Response:
    """One setting; a text is answered as a `value`."""
    whole = _settings(call)
    name = {known.lower(): known for known in whole}.get(call.arguments["setting"].lower())
    if name is None:
        raise unknown_segment(call.arguments["setting"])
    value = {"value": whole[name]} if name == "userPurpose" else whole[name]
    body = value if isinstance(value, dict) else {"value": value}
    return call.json_answer({"@odata.context": call.context(f"mailboxSettings/{name}"), **body})


async def update_settings(call: MailCall) -> Response:
    """Changes what the body names, also inside of a setting; answers the settings that were changed."""
    fields = read_body(_SETTINGS, await call.json())
    before = settings_of(call.mailbox)
    for name in fields:
        if name in _READ_ONLY:
            raise read_only(name)
    changes = {name: _CHECKED[name](before[name], value) for name, value in fields.items() if value is not None}
    change_settings(call.mailbox, changes)
    return call.json_answer({"@odata.context": call.context("mailboxSettings"), **changes})


def _settings(call: MailCall) -> dict[str, Any]:
    found = call.mailbox.folders.select("f.well_known = 'archive'", (), "f.id", 1)
    return {"archiveFolder": found[0].id if found else None, **settings_of(call.mailbox)}


def _zone(_before: str, name: str) -> str:
    if zone_of(name) is None:
        # In the words of https://learn.microsoft.com/graph/api/user-list-calendarview, for its Prefer header.
        message = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
        raise bad_request(message, "TimeZoneNotSupportedException")
    return name


def _language(_before: Mapping[str, str], written: Mapping[str, str]) -> Mapping[str, str]:
    known = locale_of(written.get("locale") or "")
    if known is None:
        raise bad_request(f"The locale '{written.get('locale')}' is not supported.", "ErrorInvalidArgument")
    return known


def _working_hours(before: Mapping[str, Any], written: Mapping[str, Any]) -> Mapping[str, Any]:
    hours = {**before, **{name: value for name, value in written.items() if value is not None}}
    for name in ("startTime", "endTime"):
        if not _TIME.fullmatch(hours[name]):
            raise bad_request(f"'{hours[name]}' is no time of day.", "ErrorInvalidArgument")
        hours[name] = f"{hours[name][:8]}.0000000"
    if hours["startTime"] >= hours["endTime"]:
        raise bad_request("The working hours end before they start.", "ErrorInvalidArgument")
    hours["timeZone"] = _zone_of_hours(hours["timeZone"])
    return hours


def _zone_of_hours(zone: Mapping[str, Any]) -> Mapping[str, Any]:
    """A zone by its name, or one that the mailbox makes up with its own offset and changes of the clocks."""
    if set(zone) == {"name"}:
        return {"name": _zone("", zone["name"] or "")}
    if abs(zone.get("bias") or 0) >= _MINUTES_OF_DAY:
        raise bad_request(f"'{zone['bias']}' is no offset of a time zone.", "ErrorInvalidArgument")
    return {"@odata.type": "#microsoft.graph.customTimeZone", "bias": 0, "name": _OWN_ZONE, **zone}


def _replies(before: Mapping[str, Any], written: Mapping[str, Any]) -> Mapping[str, Any]:
    replies = {**before, **{name: value for name, value in written.items() if value is not None}}
    moments = {}
    for name in ("scheduledStartDateTime", "scheduledEndDateTime"):
        try:
            moments[name] = moment_of(replies[name])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise bad_request(f"The value of '{name}' is no time in a known zone.", "ErrorInvalidArgument") from error
        replies[name] = {"dateTime": _written(moments[name]), "timeZone": "UTC"}
    if replies["status"] == "scheduled" and not moments["scheduledStartDateTime"] < moments["scheduledEndDateTime"]:
        # The code is that of Exchange (MS-OXWOOF).
        message = "The start of the scheduled time has to be before its end."
        raise bad_request(message, "ErrorInvalidScheduledOofDuration")
    return replies


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + ".0000000"


def _as_it_is(_before: Any, value: Any) -> Any:
    return value


# The new value of each setting, by its old one and what was written.
_CHECKED: dict[str, Callable[[Any, Any], Any]] = {
    "automaticRepliesSetting": _replies,
    "workingHours": _working_hours,
    "language": _language,
    "timeZone": _zone,
    **dict.fromkeys(("dateFormat", "timeFormat", "delegateMeetingMessageDeliveryOptions"), _as_it_is),
}
