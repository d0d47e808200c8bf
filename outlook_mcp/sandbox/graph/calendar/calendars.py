"""/calendar, /calendars, /calendarGroups and whom a calendar is shared with."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar.call import CalendarCall, store_refusals
from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.collections import collection_answer, entity_answer
from outlook_mcp.sandbox.graph.core.errors import bad_request, item_not_found
from outlook_mcp.sandbox.graph.core.shapes import EMAIL_ADDRESS, Shape, read_body
from outlook_mcp.sandbox.store.calendar.calendars import StoredCalendar
from outlook_mcp.sandbox.store.core.accounts import Account

_COLORS = (
    *("auto", "lightBlue", "lightGreen", "lightOrange", "lightGray", "lightYellow", "lightTeal", "lightPink"),
    *("lightBrown", "lightRed", "maxColor"),
)
_ROLES = (
    *("none", "freeBusyRead", "limitedRead", "read", "write", "delegateWithoutPrivateEventAccess"),
    *("delegateWithPrivateEventAccess", "custom"),
)
_GIVEN = (
    *("id", "changeKey", "hexColor", "isDefaultCalendar", "canEdit", "canShare", "canViewPrivateItems", "owner"),
    *("allowedOnlineMeetingProviders", "defaultOnlineMeetingProvider", "isTallyingResponses", "isRemovable"),
)
PROPERTIES = ("id", "name", "color", *_GIVEN[1:])
_CALENDAR = Shape("calendar", {"name": str, "color": frozenset(_COLORS), **dict.fromkeys(_GIVEN, object)})
_PERMISSION = Shape(
    "calendarPermission",
    {"role": frozenset(_ROLES), "emailAddress": EMAIL_ADDRESS, **dict.fromkeys(("id", "allowedRoles"), object)},
)
_PERMISSION_PROPERTIES = ("id", "isRemovable", "isInsideOrganization", "role", "allowedRoles", "emailAddress")
_GROUP = "My Calendars"


async def list_calendars(call: CalendarCall) -> Response:
    """The calendars of the mailbox; of somebody else's mailbox those that are shared with the caller."""
    values = [calendar_json(call, calendar) for calendar in call.calendars.all_calendars()]
    return collection_answer(call, "calendars", values, PROPERTIES, "calendar")


async def get_calendar(call: CalendarCall) -> Response:
    return entity_answer(call, "calendars", calendar_json(call, call.calendar()), PROPERTIES, "calendar")


async def create_calendar(call: CalendarCall) -> Response:
    fields = read_body(_CALENDAR, await call.json())
    name = (fields.get("name") or "").strip()
    if not name:
        raise bad_request("The calendar needs a name.", "ErrorInvalidArgument")
    with store_refusals():
        calendar = call.calendars.create_calendar(name)
        calendar = call.calendars.change_calendar(calendar, color=fields.get("color") or "auto")
    return entity_answer(call, "calendars", calendar_json(call, calendar), PROPERTIES, "calendar", 201)


async def update_calendar(call: CalendarCall) -> Response:
    fields = read_body(_CALENDAR, await call.json())
    changes = {name: fields[name] for name in ("name", "color") if fields.get(name)}
    with store_refusals():
        calendar = call.calendars.change_calendar(call.calendar(), **changes)
    return entity_answer(call, "calendars", calendar_json(call, calendar), PROPERTIES, "calendar")


async def delete_calendar(call: CalendarCall) -> Response:
    with store_refusals():
        call.calendars.delete_calendar(call.calendar())
    return no_content()


async def list_groups(call: CalendarCall) -> Response:
    """The one group that every mailbox has."""
    name_id = base64.urlsafe_b64encode(call.account.guid).decode()
    group = {"id": name_id, "name": _GROUP, "classId": "0006f0b7-0000-0000-c000-000000000046", "changeKey": name_id}
    return collection_answer(call, "calendarGroups", [group], tuple(group), "calendarGroup")


async def list_permissions(call: CalendarCall) -> Response:
    calendar = call.calendar()
    values = [_permission_json(call, address, role) for address, role in _roles(calendar).items()]
    return collection_answer(call, "calendarPermissions", values, _PERMISSION_PROPERTIES, "calendarPermission")


async def create_permission(call: CalendarCall) -> Response:
    calendar = call.calendar()
    fields = read_body(_PERMISSION, await call.json())
    address = ((fields.get("emailAddress") or {}).get("address") or "").lower()
    if "@" not in address or not fields.get("role"):
        raise bad_request("The permission needs an address and a role.", "ErrorInvalidArgument")
    call.calendars.set_permissions(calendar, {**calendar.permissions, address: fields["role"]})
    value = _permission_json(call, address, fields["role"])
    return entity_answer(call, "calendarPermissions", value, _PERMISSION_PROPERTIES, "calendarPermission", 201)


async def update_permission(call: CalendarCall) -> Response:
    calendar, address = _named_permission(call)
    role = read_body(_PERMISSION, await call.json()).get("role") or calendar.permissions[address]
    call.calendars.set_permissions(calendar, {**calendar.permissions, address: role})
    value = _permission_json(call, address, role)
    return entity_answer(call, "calendarPermissions", value, _PERMISSION_PROPERTIES, "calendarPermission")


async def delete_permission(call: CalendarCall) -> Response:
    calendar, address = _named_permission(call)
    left = {other: role for other, role in calendar.permissions.items() if other != address}
    call.calendars.set_permissions(calendar, left)
    return no_content()


def calendar_json(call: CalendarCall, calendar: StoredCalendar) -> dict[str, Any]:
    is_personal = call.sources.is_personal(call.account)
    provider = "unknown" if is_personal else "teamsForBusiness"
    role = call.role_in(calendar)
    return {
        "id": calendar.id,
        "name": calendar.name,
        "color": calendar.row["color"],
        "changeKey": calendar.change_key,
        "hexColor": "",
        "isDefaultCalendar": calendar.is_default,
        "canEdit": call.is_own or role not in (None, "read", "limitedRead", "freeBusyRead"),
        "canShare": call.is_own,
        "canViewPrivateItems": call.sees_private(calendar),
        "isRemovable": not calendar.is_default,
        "isTallyingResponses": calendar.is_default,
        "allowedOnlineMeetingProviders": [] if is_personal else [provider],
        "defaultOnlineMeetingProvider": provider,
        "owner": {"name": call.account.display_name, "address": call.account.upn},
    }


def _roles(calendar: StoredCalendar) -> Mapping[str, str]:
    """With what everybody in the organisation sees, which is when the owner is busy."""
    return {"": "freeBusyRead", **calendar.permissions}


def _permission_json(call: CalendarCall, address: str, role: str) -> dict[str, Any]:
    account: Account | None = call.sources.accounts.by_address(address) if address else None
    name = account.display_name if account else address or "My Organization"
    return {
        "id": _permission_id(address),
        "isRemovable": bool(address),
        "isInsideOrganization": not address or (account is not None and account.tid == call.account.tid),
        "role": role,
        "allowedRoles": ["freeBusyRead", "limitedRead", "read", "write"],
        "emailAddress": {"name": name, **({"address": address} if address else {})},
    }


def _permission_id(address: str) -> str:
    return base64.urlsafe_b64encode((address or "default").encode()).decode()


def _named_permission(call: CalendarCall) -> tuple[StoredCalendar, str]:
    calendar = call.calendar()
    for address in calendar.permissions:
        if _permission_id(address) == call.arguments["permission"]:
            return calendar, address
    raise item_not_found()
