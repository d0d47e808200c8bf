"""Every operation on calendars: method, path below the user, permissions, handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from outlook_mcp.sandbox.graph.calendar import (
    calendars,
    delta,
    events,
    listing,
    meeting_times,
    responses,
    schedules,
)
from outlook_mcp.sandbox.graph.calendar.call import READ_BODIES, CalendarCall, CalendarSources
from outlook_mcp.sandbox.graph.calendar.times import zone_named
from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import not_imitated
from outlook_mcp.sandbox.graph.core.operations import Area, Operation

_WRITE = ("Calendars.ReadWrite", "Calendars.ReadWrite.Shared")
_READ = READ_BODIES
_BASIC = ("Calendars.ReadBasic", *_READ)
_FIND_TIMES = ("Calendars.Read.Shared", "Calendars.ReadWrite.Shared")
_CALENDAR = "calendars/{calendar}"
_EVENT = "events/{event}"
_PERMISSION = "calendarPermissions/{permission}"

_EVENTS: tuple[Operation[CalendarCall], ...] = (
    Operation("GET", "events", _BASIC, listing.list_events),
    Operation("POST", "events", _WRITE, events.create_event),
    Operation("GET", _EVENT, _BASIC, events.get_event),
    Operation("PATCH", _EVENT, _WRITE, events.update_event),
    Operation("DELETE", _EVENT, _WRITE, events.delete_event),
    Operation("POST", f"{_EVENT}/permanentDelete", _WRITE, events.delete_event),
    Operation("GET", f"{_EVENT}/instances", _BASIC, listing.list_instances),
    Operation("POST", f"{_EVENT}/accept", _WRITE, responses.accept),
    Operation("POST", f"{_EVENT}/tentativelyAccept", _WRITE, responses.tentatively_accept),
    Operation("POST", f"{_EVENT}/decline", _WRITE, responses.decline),
    Operation("POST", f"{_EVENT}/cancel", _WRITE, responses.cancel),
    # Documented so, though it sends mail.
    Operation("POST", f"{_EVENT}/forward", _READ, responses.forward),
    Operation("GET", "calendarView/delta", _BASIC, delta.view_delta),
    Operation("GET", "calendarView", _BASIC, listing.calendar_view),
    Operation("GET", "calendarPermissions", _READ, calendars.list_permissions),
    Operation("POST", "calendarPermissions", _WRITE, calendars.create_permission),
    Operation("PATCH", _PERMISSION, _WRITE, calendars.update_permission),
    Operation("DELETE", _PERMISSION, _WRITE, calendars.delete_permission),
)
# A fixed name comes before an {id} that would match it too.
OPERATIONS: tuple[Operation[CalendarCall], ...] = (
    *(operation for operation in _EVENTS if not operation.pattern.startswith("calendarPermissions")),
    Operation("GET", "calendarGroups", _BASIC, calendars.list_groups),
    Operation("GET", "calendars", _BASIC, calendars.list_calendars),
    Operation("POST", "calendars", _WRITE, calendars.create_calendar),
    Operation("GET", _CALENDAR, _BASIC, calendars.get_calendar),
    Operation("PATCH", _CALENDAR, _WRITE, calendars.update_calendar),
    Operation("DELETE", _CALENDAR, _WRITE, calendars.delete_calendar),
    Operation("GET", "calendar", _BASIC, calendars.get_calendar),
    Operation("PATCH", "calendar", _WRITE, calendars.update_calendar),
    Operation("POST", "findMeetingTimes", _FIND_TIMES, meeting_times.find_meeting_times),
    Operation("POST", "calendar/getSchedule", _BASIC, schedules.get_schedule),
    *(
        Operation(operation.method, f"{place}/{operation.pattern}", operation.scopes, operation.handler)
        for place in ("calendar", _CALENDAR)
        for operation in _EVENTS
    ),
)


async def _not_imitated(call: CalendarCall) -> Response:
    raise not_imitated(call.request.method, call.request.path_params["path"])


# Their paths would otherwise be those of an event.
_NOT_IMITATED = (Operation("GET", "events/delta", _READ, _not_imitated),)


def calendar_area(sources: CalendarSources) -> Area:
    def bound(handler: Callable[[CalendarCall], Awaitable[Response]]) -> Callable[[Call], Awaitable[Response]]:
        async def handle(call: Call) -> Response:
            # A zone that is not known is refused, whether or not the answer has a time.
            zone_named(call.prefer.time_zone)
            return await handler(CalendarCall.of(call, sources))

        return handle

    operations = [
        Operation(
            operation.method, operation.pattern, operation.scopes, bound(operation.handler), _of_others(operation)
        )
        for operation in (*_NOT_IMITATED, *OPERATIONS)
    ]
    return Area(operations, _leave_groups)


def _of_others(operation: Operation[CalendarCall]) -> tuple[str, ...]:
    """With which permissions the calendars of others are reached, as far as those were shared."""
    return tuple(scope for scope in operation.scopes if scope.endswith(".Shared"))


def _leave_groups(segments: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Calendars of a group are calendars of the mailbox.

    >>> _leave_groups(("calendarGroups", "a", "calendars", "b"))
    (('calendars', 'b'), {})
    """
    names = [segment.lower() for segment in segments]
    if names[:1] == ["calendargroups"] and names[2:3] == ["calendars"]:
        return segments[2:], {}
    return segments, {}
