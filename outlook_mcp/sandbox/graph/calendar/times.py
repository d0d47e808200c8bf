"""dateTimeTimeZone in requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from outlook_mcp.sandbox.graph.calendar.call import invalid_property
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request, invalid_body
from outlook_mcp.sandbox.store.calendar.rows import YEARS, StoredEvent, moment_of, wall_time
from outlook_mcp.sandbox.store.calendar.zones import known_zone

_FIRST, _LAST = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1], 12, 31, tzinfo=UTC)


def unsupported_zone(name: str) -> GraphFault:
    return bad_request(
        f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'.",
        "TimeZoneNotSupportedException",
    )


def zone_named(name: str) -> ZoneInfo:
    """Raises GraphFault for a zone that Graph does not take."""
    zone = known_zone(name)
    if zone is None:
        raise unsupported_zone(name)
    return zone


def read_time(written: Mapping[str, Any] | None, name: str, *, is_all_day: bool) -> dict[str, str]:
    """A time of a request as it is stored. One with an offset is a moment, which loses its zone."""
    if not written or not written.get("dateTime"):
        raise invalid_property(f"Missing parameters: Event.{name}.")
    zone = written.get("timeZone")
    if not zone:
        raise invalid_property(f"The Event.{name}.TimeZone property is required.")
    zone_named(zone)
    try:
        moment = datetime.fromisoformat(written["dateTime"])
    except ValueError as error:
        raise invalid_body(f"Cannot convert the value of the property '{name.lower()}' to a date and time.") from error
    if moment.year not in YEARS:
        raise invalid_property(f"The Event.{name} property is outside of the supported range of dates.")
    if moment.tzinfo is not None:
        moment, zone = moment.astimezone(UTC).replace(tzinfo=None), "UTC"
    if is_all_day and moment.time() != time():
        raise invalid_property(f"The Event.{name} property for an all-day event needs to be set to midnight.")
    return {"dateTime": moment.isoformat(timespec="seconds"), "timeZone": zone}


def read_moment(text: str, name: str) -> datetime:
    """A bound of a period, in UTC where it has no offset; nothing lies before the first or after the last.

    Raises GraphFault.
    """
    try:
        # A plus in a URL that was not quoted is a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        message = f"The value '{text}' of parameter '{name}' is invalid."
        raise bad_request(message, "ErrorInvalidParameter") from error
    return min(max(moment.replace(tzinfo=moment.tzinfo or UTC), _FIRST), _LAST).astimezone(UTC)


def write_moment(moment: datetime, zone: str) -> dict[str, str]:
    """A moment in the zone that the caller prefers."""
    local = moment.astimezone(zone_named(zone))
    return {"dateTime": local.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": zone}


def event_time_json(event: StoredEvent, name: str, zone: str) -> dict[str, str]:
    """`start` or `end` of an event; an all-day one is at midnight whatever zone was asked for."""
    written = event.fields[name]
    if event.is_all_day:
        zone_named(zone)
        return {"dateTime": wall_time(written).strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": zone}
    return write_moment(moment_of(written, is_all_day=False), zone)
