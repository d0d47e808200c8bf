"""/getMailTips: what a sender should know of recipients before sending, computed from their mailboxes and groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.shapes import Shape, read_body
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.mail.recipients import RecipientSettings, recipient_settings
from outlook_mcp.sandbox.store.mail.settings import are_replies_on, settings_of

_REQUEST = Shape("getMailTips", {"EmailAddresses": [str], "MailTipsOptions": str})
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class _Recipient:
    """`mailbox` is None for a group (`members` is set then) and outside; tips of other organizations stay unknown."""

    call: MailCall
    address: str
    mailbox: Mailbox | None
    members: list[str] | None

    @property
    def is_internal(self) -> bool:
        if self.mailbox is not None:
            return self.mailbox.account.tid == self.call.account.tid
        return _domain(self.address) == _domain(self.call.account.upn)

    @property
    def settings(self) -> RecipientSettings:
        return recipient_settings(self.mailbox) if self.mailbox and self.is_internal else RecipientSettings()

    def automatic_replies(self) -> dict[str, Any]:
        """With an empty message where there is no reply."""
        if self.mailbox is None or not self.is_internal or not are_replies_on(self.mailbox, self.call.outbox.utc()):
            return {"message": ""}
        settings = settings_of(self.mailbox)
        replies = settings["automaticRepliesSetting"]
        tip = {"message": replies["internalReplyMessage"], "messageLanguage": settings["language"]}
        if replies["status"] == "scheduled":
            tip["scheduledStartTime"] = replies["scheduledStartDateTime"]
            tip["scheduledEndTime"] = replies["scheduledEndDateTime"]
        return tip

    def external_members(self) -> int:
        return sum(_domain(member) != _domain(self.call.account.upn) for member in self.members or ())


# The property and the value of each tip, by the name in MailTipsOptions.
_TIPS: dict[str, tuple[str, Callable[[_Recipient], Any]]] = {
    "automaticReplies": ("automaticReplies", _Recipient.automatic_replies),
    "mailboxFullStatus": ("mailboxFull", lambda recipient: recipient.settings.mailbox_full),
    "customMailTip": ("customMailTip", lambda recipient: recipient.settings.custom_mail_tip),
    "externalMemberCount": ("externalMemberCount", _Recipient.external_members),
    "totalMemberCount": ("totalMemberCount", lambda recipient: len(recipient.members or ())),
    "maxMessageSize": ("maxMessageSize", lambda recipient: recipient.settings.max_message_size),
    "deliveryRestriction": ("deliveryRestricted", lambda recipient: recipient.settings.delivery_restricted),
    "moderationStatus": ("isModerated", lambda recipient: recipient.settings.moderated),
    "recipientScope": ("recipientScope", lambda recipient: "internal" if recipient.is_internal else "external"),
    "recipientSuggestions": ("recipientSuggestions", lambda _: []),
}


async def get_mail_tips(call: MailCall) -> Response:
    fields = read_body(_REQUEST, await call.json())
    addresses, options = fields.get("EmailAddresses"), fields.get("MailTipsOptions")
    if not addresses or not options:
        raise invalid_body("The parameters 'EmailAddresses' and 'MailTipsOptions' are needed.")
    known = {name.lower(): name for name in _TIPS}
    wanted = [known.get(option.strip().lower()) for option in options.split(",")]
    if None in wanted:
        raise bad_request(f"Requested value '{options}' was not found among the values of 'MailTipsOptions'.")
    value = [_tips(call, address or "", [name for name in wanted if name]) for address in addresses]
    context = call.type_context("Collection(microsoft.graph.mailTips)")
    return call.json_answer({"@odata.context": context, "value": value})


def _tips(call: MailCall, address: str, wanted: list[str]) -> Mapping[str, Any]:
    """What is asked for, or why it is not known."""
    email = {"name": "", "address": address}
    if not _ADDRESS.fullmatch(address):
        return {"emailAddress": email, "error": _error("ErrorInvalidRecipients", "The recipient is not valid.")}
    stores = call.stores
    recipient = _Recipient(call, address, stores.mailbox_by_address(address), stores.groups.members_of(address))
    if recipient.is_internal and recipient.mailbox is None and recipient.members is None:
        message = "The SMTP address has no mailbox associated with it."
        return {"emailAddress": email, "error": _error("ErrorNonExistentMailbox", message)}
    tips = {_TIPS[name][0]: _TIPS[name][1](recipient) for name in wanted}
    return {"emailAddress": email, **tips}


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
