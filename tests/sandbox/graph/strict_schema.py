"""Microsoft's metadata as a strict JSON Schema, and which of its types an answer must fit."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_PATH = Path(__file__).parents[2] / "data" / "graph" / "graph-mail-strict.schema.json"
# The other origin writes its properties in Pascal case.
_UPLOAD_SESSION = "uploadSession"
_TYPES = {
    "messages": "message",
    "events": "event",
    "calendarView": "event",
    "instances": "event",
    "calendars": "calendar",
    "calendarGroups": "calendarGroup",
    "calendarPermissions": "calendarPermission",
    "rooms": "room",
    "places": "place",
    "mailFolders": "mailFolder",
    "childFolders": "mailFolder",
    "attachments": "attachment",
    "masterCategories": "outlookCategory",
    "messageRules": "messageRule",
    "inferenceClassification": "inferenceClassification",
    "subscriptions": "subscription",
    "extensions": "extension",
    "overrides": "inferenceClassificationOverride",
    "outlook": "outlookUser",
    "users": "user",
    "mailboxSettings": "mailboxSettings",
    "automaticRepliesSetting": "automaticRepliesSetting",
    "language": "localeInfo",
    "workingHours": "workingHours",
    "AttachmentSessions": _UPLOAD_SESSION,
    "contacts": "contact",
    "contactFolders": "contactFolder",
    "people": "person",
    "photo": "profilePhoto",
}
_ERROR = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "additionalProperties": False,
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string", "minLength": 1},
                    "message": {"type": "string"},
                    "innerError": {
                        "type": "object",
                        "required": ["date", "request-id", "client-request-id"],
                        "additionalProperties": {"type": "string"},
                    },
                },
            }
        },
    }
)


def problems(body: Any, status: int) -> list[str]:
    """What in a JSON answer does not fit the type that its @odata.context names."""
    if status >= 400:
        return [error.message for error in _ERROR.iter_errors(body)]
    if "responses" in body:
        return [text for part in body["responses"] for text in _part_problems(part)]
    if "@odata.context" not in body:
        return ["no @odata.context"]
    if set(body) == {"@odata.context", "value"} and isinstance(body["value"], str | None):
        return []
    name = _type_name(body["@odata.context"])
    if name == _UPLOAD_SESSION:
        body = {key[0].lower() + key[1:]: value for key, value in body.items()}
    values = [value for value in body.get("value", [body]) if "@removed" not in value]
    found = [error.message for value in values for error in _validator(name).iter_errors(value)]
    if "value" in body and f"{name}.collection" in definitions():
        whole = {**body, "value": []}
        found += [error.message for error in _validator(f"{name}.collection").iter_errors(whole)]
    return found


def _part_problems(part: dict[str, Any]) -> list[str]:
    body = part.get("body")
    return problems(body, part["status"]) if isinstance(body, dict) else []


def _type_name(context: str) -> str:
    path = context.partition("#")[2].removesuffix("/$entity")
    if collection := re.fullmatch(r"Collection\((.*)\)", path):
        name = collection[1].removeprefix("microsoft.graph.")
        return name if name in definitions() else _TYPES[name]
    last = re.sub(r"\([^()]*\)$", "", path).rpartition("/")[2]
    return last.removeprefix("microsoft.graph.") if last.startswith("microsoft.graph.") else _TYPES[last]


@functools.cache
def definitions() -> dict[str, Any]:
    """The schema of each type by its name; the forms of a type with derived ones are `<type>.__base`."""
    found = dict(json.loads(_PATH.read_text())["$defs"])
    # Whoever makes an extension names its properties.
    found["openTypeExtension"]["additionalProperties"] = True
    # The file has no customTimeZone, which is derived from this type.
    found["timeZoneBase"]["properties"] |= {name: {} for name in ("bias", "standardOffset", "daylightOffset")}
    # https://learn.microsoft.com/graph/api/resources/calendargroup
    names = ("id", "name", "changeKey", "classId")
    found["calendarGroup"] = {"properties": {key: {"type": "string"} for key in names}, "additionalProperties": False}
    return found


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$defs": definitions(), "$ref": f"#/$defs/{name}"})
