"""The settings of a mailbox, as Graph writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from outlook_mcp.sandbox.mime.calendar import zone_of
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

_SETTINGS = "settings"
# Whom automatic replies have been sent to since they were switched on, a record for each address.
_ANSWERED = "answered"
_DEFAULTS: dict[str, Any] = {
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


def settings_of(mailbox: Mailbox) -> dict[str, Any]:
    return {**_DEFAULTS, **(mailbox.records(_SETTINGS).find_record("") or {})}


def change_settings(mailbox: Mailbox, changes: Mapping[str, Any]) -> None:
    """Automatic replies that are switched on or scheduled anew go to everybody again."""
    before = settings_of(mailbox)
    mailbox.records(_SETTINGS).put_record("", {**before, **changes})
    timing = ("status", "scheduledStartDateTime", "scheduledEndDateTime")
    old, new = before["automaticRepliesSetting"], {**before, **changes}["automaticRepliesSetting"]
    if any(old[name] != new[name] for name in timing):
        mailbox.records(_ANSWERED).clear()


def are_replies_on(mailbox: Mailbox, now: datetime) -> bool:
    """Whether automatic replies are sent at that time."""
    replies = settings_of(mailbox)["automaticRepliesSetting"]
    if replies["status"] != "scheduled":
        return bool(replies["status"] == "alwaysEnabled")
    return moment_of(replies["scheduledStartDateTime"]) <= now < moment_of(replies["scheduledEndDateTime"])


def note_answered(mailbox: Mailbox, address: str) -> bool:
    """Whether the address has had no automatic reply yet; from now on it has."""
    answered = mailbox.records(_ANSWERED)
    if answered.find_record(address) is not None:
        return False
    answered.put_record(address, {})
    return True


def moment_of(written: Mapping[str, str]) -> datetime:
    """The moment of a dateTimeTimeZone. Raises ValueError for a wrong time or an unknown zone."""
    moment = datetime.fromisoformat(written["dateTime"])
    zone = zone_of(written.get("timeZone") or "UTC")
    if zone is None:
        raise ValueError(written["timeZone"])
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
