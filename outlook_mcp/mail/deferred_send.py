"""The time before which Exchange does not send a message."""

from __future__ import annotations

from datetime import datetime

from outlook_mcp.mail.models import Message

# MS-OXOMSG 2.2.3.13: PidTagDeferredSendTime.
DEFERRED_SEND_TIME = "SystemTime 0x3FEF"
EXPAND_DEFERRAL = f"singleValueExtendedProperties($filter=id eq '{DEFERRED_SEND_TIME}')"


def deferred_until(message: Message, now: datetime) -> datetime | None:
    """The time ahead until which Exchange holds the message; None for none. It has to be read with EXPAND_DEFERRAL."""
    for extended in message.single_value_extended_properties:
        try:
            moment = datetime.fromisoformat(extended.value or "")
        except ValueError:
            continue
        if moment.tzinfo is not None and moment > now:
            return moment
    return None
