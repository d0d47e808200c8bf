"""Changes of the settings of a mailbox, of its categories, and of where mail of a sender goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.store.mail.categories import categories_of, put_category
from outlook_mcp.sandbox.store.mail.focused_inbox import OVERRIDES
from outlook_mcp.sandbox.store.mail.settings import change_settings, settings_of
from tests.faults.attempts import Attempt, Operation, Prepare, numbers, single
from tests.faults.office import Office

_SETTINGS = "/v1.0/me/mailboxSettings"
_CATEGORIES = "/v1.0/me/outlook/masterCategories"
_SENDERS = "/v1.0/me/inferenceClassification/overrides"
# Exchange may write a setting otherwise than it was sent, so a look that finds it unlike shows nothing.
_SEEN = "Look at what is set now"


def setting(field: str, before: Any, holds: Callable[[Any], bool], **change: Any) -> Prepare:
    """`field` is the one of Graph, which holds `before`; `holds` tells whether it is as the change makes it."""

    def prepare(office: Office) -> Attempt:
        change_settings(office.alice, {field: before})
        parts = {field: lambda: holds(settings_of(office.alice)[field])}
        return Attempt(tool="settings", arguments=change, parts=parts)

    return prepare


def answering_automatically(office: Office) -> Attempt:
    text = f"Away {next(numbers)}"

    def is_on() -> bool:
        return text in str(settings_of(office.alice)["automaticRepliesSetting"]["internalReplyMessage"])

    return Attempt(tool="settings", arguments={"auto_reply": True, "internal": text}, parts={"replies": is_on})


def ending_automatic_replies(office: Office) -> Attempt:
    replies = settings_of(office.alice)["automaticRepliesSetting"]
    change_settings(office.alice, {"automaticRepliesSetting": {**replies, "status": "alwaysEnabled"}})

    def is_off() -> bool:
        return bool(settings_of(office.alice)["automaticRepliesSetting"]["status"] == "disabled")

    return Attempt(tool="settings", arguments={"auto_reply": False}, parts={"replies": is_off})


def making_a_category(office: Office) -> Attempt:
    name = f"Category {next(numbers)}"
    arguments = {"category": name, "color": "red"}
    return Attempt(tool="settings", arguments=arguments, parts={"category": lambda: _colour(office, name) == "preset0"})


def recolouring_a_category(office: Office) -> Attempt:
    name = _new_category(office)
    arguments = {"category": name, "color": "teal"}
    return Attempt(tool="settings", arguments=arguments, parts={"category": lambda: _colour(office, name) == "preset5"})


def deleting_a_category(office: Office) -> Attempt:
    name = _new_category(office)
    arguments = {"category": name, "color": "delete"}
    return Attempt(tool="settings", arguments=arguments, parts={"category": lambda: _colour(office, name) is None})


def _new_category(office: Office) -> str:
    number = next(numbers)
    put_category(office.alice, f"{number:08d}-0000-4000-8000-000000000001", {"displayName": f"Category {number}"})
    return f"Category {number}"


def _colour(office: Office, name: str) -> str | None:
    named = (kept for kept in categories_of(office.alice).values() if kept["displayName"] == name)
    return next((category.get("color", "none") for category in named), None)


def placing_a_sender(before: str | None, inbox: str) -> Prepare:
    """Mail of the sender goes to `before`, None where nothing is said of them."""

    def prepare(office: Office) -> Attempt:
        number = next(numbers)
        address = f"news{number}@list.example"
        if before is not None:
            known = {"id": f"{number:08d}-0000-4000-8000-000000000002", "classifyAs": before, "name": address}
            office.alice.records(OVERRIDES).put_record(address, known)

        def is_placed() -> bool:
            now = office.alice.records(OVERRIDES).find_record(address)
            return bool((now["classifyAs"] if now else "none") == inbox)

        return Attempt(tool="settings", arguments={"sender": address, "inbox": inbox}, parts={"sender": is_placed})

    return prepare


def _week(*days: str, start: str, end: str) -> Mapping[str, Any]:
    zone = {"name": "W. Europe Standard Time"}
    return {"daysOfWeek": days, "startTime": start, "endTime": end, "timeZone": zone}


SETTINGS_OPERATIONS: Mapping[str, Operation] = {
    "automatic replies": Operation(prepare=answering_automatically, target=single("PATCH", _SETTINGS), seen=_SEEN),
    "end of automatic replies": Operation(
        prepare=ending_automatic_replies, target=single("PATCH", _SETTINGS), seen=_SEEN
    ),
    "working hours": Operation(
        prepare=setting(
            "workingHours",
            _week("monday", start="08:00:00.0000000", end="17:00:00.0000000"),
            lambda hours: hours["startTime"].startswith("10:00"),
            hours="mon-thu 10:00-18:00",
        ),
        target=single("PATCH", _SETTINGS),
        seen=_SEEN,
    ),
    "language": Operation(
        prepare=setting(
            "language", {"locale": "en-US"}, lambda language: language["locale"] == "de-DE", language="de-DE"
        ),
        target=single("PATCH", _SETTINGS),
        seen=_SEEN,
    ),
    "time zone": Operation(
        prepare=setting("timeZone", "UTC", lambda zone: zone != "UTC", time_zone="Europe/Berlin"),
        target=single("PATCH", _SETTINGS),
        seen=_SEEN,
    ),
    "new category": Operation(prepare=making_a_category, target=single("POST", _CATEGORIES)),
    "colour of a category": Operation(prepare=recolouring_a_category, target=single("PATCH", f"{_CATEGORIES}/*")),
    "deleted category": Operation(prepare=deleting_a_category, target=single("DELETE", f"{_CATEGORIES}/*")),
    "place of a sender": Operation(prepare=placing_a_sender(None, "other"), target=single("POST", _SENDERS)),
    "other place of a sender": Operation(
        prepare=placing_a_sender("other", "focused"), target=single("PATCH", f"{_SENDERS}/*")
    ),
    "sender left to Outlook": Operation(
        prepare=placing_a_sender("other", "none"), target=single("DELETE", f"{_SENDERS}/*")
    ),
}
