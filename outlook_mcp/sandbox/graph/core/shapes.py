"""The shapes of request bodies: names without case, types checked, unknown names refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.graph.core.errors import invalid_body, not_imitated_value
from outlook_mcp.sandbox.query.graph_names import has_property

Kind = Any
_NAMESPACE = re.compile(r"#?microsoft\.(?:graph|outlookservices)\.")
# In small letters, by the name of the type they derive from (the metadata of Graph v1.0).
_DERIVED = {
    "message": ("calendarsharingmessage", "eventmessage", "eventmessagerequest", "eventmessageresponse"),
    "mailFolder": ("mailsearchfolder",),
    "recipient": ("attendee", "attendeebase"),
    "attendeeBase": ("attendee",),
    "location": ("locationconstraintitem",),
    "timeZoneBase": ("customtimezone",),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """`fields` map a name to str, bool, int, float, a set of words, object (anything), a Shape, or a list of one."""

    name: str
    fields: Mapping[str, Kind]


def read_body(shape: Shape, body: object) -> dict[str, Any]:
    """The body with names spelled as in the shape and without annotations. Raises GraphFault."""
    if not isinstance(body, dict):
        raise invalid_body(f"Cannot read a value of type 'microsoft.graph.{shape.name}': an object is expected.")
    _check_type(shape, body.get("@odata.type"))
    spelled = {name.lower(): name for name in shape.fields}
    found = {}
    for name, value in body.items():
        if "@" in name:
            continue
        canonical = spelled.get(name.lower())
        if canonical is None and has_property(shape.name, name):
            raise not_imitated_value(f"property '{name}' of {shape.name}")
        if canonical is None:
            raise invalid_body(
                f"The property '{name}' does not exist on type 'microsoft.graph.{shape.name}'. Make sure to only use"
                " property names that are defined by the type."
            )
        found[canonical] = _value(canonical, shape.fields[canonical], value)
    return found


def _check_type(shape: Shape, written: object) -> None:
    """Raises GraphFault where the body says that it is of another type than the shape's or one derived from it."""
    if written is None:
        return
    # With `#` or without; examples of the documentation also have the name of the service before Graph.
    name = _NAMESPACE.sub("", written.lower()) if isinstance(written, str) else ""
    if name not in (shape.name.lower(), *_DERIVED.get(shape.name, ())):
        raise invalid_body(
            f"The type '{written}' is not assignable to the expected type 'microsoft.graph.{shape.name}'."
        )


def _value(name: str, kind: Kind, value: object) -> Any:
    if value is None or kind is object:
        return value
    if isinstance(kind, Shape):
        return read_body(kind, value)
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise invalid_body(f"The value of the property '{name}' must be a collection.")
        if None in value:
            raise invalid_body(f"The collection of the property '{name}' must not hold null.")
        return [_value(name, kind[0], item) for item in value]
    if isinstance(kind, frozenset):
        return _member(name, kind, value)
    if kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        # Examples of the documentation write booleans as strings, and the service reads them.
        return value.lower() == "true"
    wanted = int | float if kind is float else kind
    if not isinstance(value, wanted) or (kind in (int, float) and isinstance(value, bool)):
        raise invalid_body(f"Cannot convert the value of the property '{name}' to the expected type.")
    return value


def _member(name: str, members: frozenset[str], value: object) -> str:
    spelled = {member.lower(): member for member in members}
    if not isinstance(value, str) or value.lower() not in spelled:
        raise invalid_body(f"Requested value '{value}' was not found among the values of the property '{name}'.")
    return spelled[value.lower()]


EMAIL_ADDRESS = Shape("emailAddress", {"name": str, "address": str})
RECIPIENT = Shape("recipient", {"emailAddress": EMAIL_ADDRESS})
ITEM_BODY = Shape("itemBody", {"contentType": frozenset({"text", "html"}), "content": str})
DATE_TIME = Shape("dateTimeTimeZone", {"dateTime": str, "timeZone": str})
PHYSICAL_ADDRESS = Shape(
    "physicalAddress", dict.fromkeys(("street", "city", "state", "countryOrRegion", "postalCode"), str)
)
_COORDINATES = ("latitude", "longitude", "accuracy", "altitude", "altitudeAccuracy")
_LOCATION_TYPES = (
    *("default", "conferenceRoom", "homeAddress", "businessAddress", "geoCoordinates", "streetAddress", "hotel"),
    *("restaurant", "localBusiness", "postalAddress"),
)
LOCATION = Shape(
    "location",
    {
        **dict.fromkeys(("displayName", "locationUri", "locationEmailAddress", "uniqueId"), str),
        "locationType": frozenset(_LOCATION_TYPES),
        "uniqueIdType": frozenset({"unknown", "locationStore", "directory", "private", "bing"}),
        "address": PHYSICAL_ADDRESS,
        "coordinates": Shape("outlookGeoCoordinates", dict.fromkeys(_COORDINATES, float)),
    },
)
TIME_SLOT = Shape("timeSlot", {"start": DATE_TIME, "end": DATE_TIME})
RESPONSE_STATUS = Shape(
    "responseStatus",
    {
        "response": frozenset({"none", "organizer", "tentativelyAccepted", "accepted", "declined", "notResponded"}),
        "time": str,
    },
)
EXTENDED_PROPERTY = Shape("singleValueLegacyExtendedProperty", {"id": str, "value": str})
MULTI_VALUE_PROPERTY = Shape("multiValueLegacyExtendedProperty", {"id": str, "value": [str]})
