"""What is read of the settings of a mailbox.

https://learn.microsoft.com/graph/api/resources/mailboxsettings
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.models import Address, WireModel, ZonedTime
from outlook_mcp.identity.email_config import Signature

SETTINGS = ("automaticRepliesSetting", "timeZone", "workingHours", "language")


class AutomaticReplies(WireModel, frozen=True, kw_only=True):
    """`status` is disabled, alwaysEnabled or scheduled, `external_audience` none, contactsOnly or all.

    The messages are HTML.
    """

    status: str = "disabled"
    external_audience: str | None = "all"
    internal_reply_message: str | None = ""
    external_reply_message: str | None = ""
    scheduled_start_date_time: ZonedTime | None = None
    scheduled_end_date_time: ZonedTime | None = None


class ZoneName(WireModel, frozen=True, kw_only=True):
    """A Windows or an IANA name."""

    name: str | None = None


class WorkingHours(WireModel, frozen=True, kw_only=True):
    """Days such as `monday`, and times of day such as `08:00:00.0000000`."""

    days_of_week: list[str] = []
    start_time: str | None = None
    end_time: str | None = None
    time_zone: ZoneName | None = None


class Language(WireModel, frozen=True, kw_only=True):
    """`locale` is a tag such as `de-DE`."""

    locale: str | None = None
    display_name: str | None = None


class MailboxSettings(WireModel, frozen=True, kw_only=True):
    """Read with SETTINGS."""

    automatic_replies_setting: AutomaticReplies | None = None
    time_zone: str | None = None
    working_hours: WorkingHours | None = None
    language: Language | None = None


class Category(WireModel, frozen=True, kw_only=True):
    """One of the master list; `color` is `none` or `preset0` to `preset24`."""

    id: str
    display_name: str | None = None
    color: str | None = "none"


class SenderOverride(WireModel, frozen=True, kw_only=True):
    """Where mail of a sender always goes: `classify_as` is focused or other."""

    id: str
    classify_as: str = "focused"
    sender_email_address: Address = Address()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsNow:
    """What is set. A part that could not be read is the error, one that was not asked for None.

    `internal` and `external` are the texts of the automatic replies, `signature_text` that of the signature, without
    markup.
    """

    mailbox: MailboxSettings | OutlookError | None = None
    categories: Sequence[Category] | OutlookError | None = None
    overrides: Sequence[SenderOverride] | OutlookError | None = None
    signature: Signature | None = None
    internal: str = ""
    external: str = ""
    signature_text: str = ""
