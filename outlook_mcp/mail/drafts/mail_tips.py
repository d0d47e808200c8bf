"""What Exchange knows of recipients before anything is sent (MailTips): away, mailbox full, outside, moderated.

https://learn.microsoft.com/graph/api/user-getmailtips
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import anyio
import msgspec

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Address, Page, WireModel
from outlook_mcp.identity.time_zone import resolve_time_zone
from outlook_mcp.text.html import convert

# Exchange answers for all of them at once; of more recipients the first are asked for.
_MOST_ADDRESSES = 100
_OPTIONS = (
    "automaticReplies, mailboxFullStatus, customMailTip, externalMemberCount, totalMemberCount, deliveryRestriction,"
    " moderationStatus, recipientScope"
)


class TipTime(WireModel, frozen=True, kw_only=True):
    """A `dateTimeTimeZone` of Graph: a time with seven decimals, and the name of its zone."""

    date_time: str | None = None
    time_zone: str | None = None

    @property
    def moment(self) -> datetime | None:
        """None for no time, which Exchange also writes as one in the year 1."""
        try:
            moment = datetime.fromisoformat((self.date_time or "")[:19])
        except ValueError:
            return None
        return moment.replace(tzinfo=resolve_time_zone(self.time_zone or "UTC")) if moment.year > 1900 else None


class AutomaticReply(WireModel, frozen=True, kw_only=True):
    """What a recipient's mailbox answers to everybody now; `message` is HTML, "" when it answers nothing."""

    message: str | None = None
    scheduled_end_time: TipTime | None = None


class TipError(WireModel, frozen=True, kw_only=True):
    """Why Exchange knows nothing of an address."""

    code: str | None = None
    message: str | None = None


class MailTip(WireModel, frozen=True, kw_only=True):
    """What is known of one address. `custom_mail_tip` is HTML that its owner or administrator wrote."""

    email_address: Address | None = None
    automatic_replies: AutomaticReply | None = None
    mailbox_full: bool | None = None
    custom_mail_tip: str | None = None
    external_member_count: int | None = 0
    total_member_count: int | None = 0
    delivery_restricted: bool | None = None
    is_moderated: bool | None = None
    recipient_scope: str | None = None
    error: TipError | None = None

    @property
    def address(self) -> str:
        return (self.email_address.address if self.email_address else None) or ""

    @property
    def is_external(self) -> bool:
        """Outside the user's organisation and its partners."""
        return "external" in (self.recipient_scope or "").lower().replace(" ", "").split(",")


async def mail_tips(graph: GraphClient, addresses: Sequence[str], *, deadline_s: float) -> list[MailTip]:
    """The tips for the addresses, texts without markup; none when Exchange does not answer in time, or refuses."""
    asked = list(dict.fromkeys(address for address in addresses if address))[:_MOST_ADDRESSES]
    if not asked:
        return []
    body = {"EmailAddresses": asked, "MailTipsOptions": _OPTIONS}
    with anyio.move_on_after(deadline_s):
        try:
            request = graph.request(graph.me.get_mail_tips, "POST", json=body)
            page = await graph.answer_to(request, Page[MailTip])
            return [await _plain(tip) for tip in page.value]
        except OutlookError:
            pass
    return []


async def _plain(tip: MailTip) -> MailTip:
    reply, custom = tip.automatic_replies, tip.custom_mail_tip
    if reply and reply.message:
        reply = msgspec.structs.replace(reply, message=(await convert(reply.message)).text)
    if custom:
        custom = (await convert(custom)).text
    return msgspec.structs.replace(tip, automatic_replies=reply, custom_mail_tip=custom)
