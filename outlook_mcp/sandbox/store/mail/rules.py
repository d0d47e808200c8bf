"""The inbox rules of a mailbox, applied to each message that is delivered to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store.core.errors import StoreError
from outlook_mcp.sandbox.store.mail.mailbox import Mailbox
from outlook_mcp.sandbox.store.mail.rows import StoredMessage
from outlook_mcp.sandbox.store.mail.rule_conditions import DeliveredMessage, is_exception, is_match

RULES = "rule"
# Names each mailbox whose rules have sent a message on, so that two of them do not do it for ever.
LOOP_HEADER = "X-MS-Exchange-Inbox-Rules-Loop"
Rule = Mapping[str, Any]
# Sends a message of the mailbox without keeping a copy.
Send = Callable[[Mailbox, Message], None]
# Delivers a message to other addresses as it is.
Redirect = Callable[[Message, list[Address]], None]


def rules_of(mailbox: Mailbox) -> dict[str, Rule]:
    """The rules by id, in the order in which they are applied."""
    return dict(sorted(mailbox.records(RULES).all_records().items(), key=lambda item: item[1]["sequence"]))


def has_error(mailbox: Mailbox, rule: Rule) -> bool:
    """Whether a folder that the rule names is gone; such a rule is not applied."""
    for action in ("moveToFolder", "copyToFolder"):
        if folder := (rule.get("actions") or {}).get(action):
            try:
                mailbox.folders.by_id(folder)
            except StoreError:
                return True
    return False


@dataclass(frozen=True, slots=True)
class RuleRun:
    """Applies the rules of one mailbox to one message in its inbox."""

    mailbox: Mailbox
    message: Message
    send: Send
    redirect: Redirect

    def apply_all(self, stored: StoredMessage) -> StoredMessage | None:
        """The message where the rules left it, None where one of them erased it."""
        delivered = DeliveredMessage(self.message, self.mailbox.account.upn, stored.row["size"])
        moved = False
        for rule in rules_of(self.mailbox).values():
            if not rule["isEnabled"] or has_error(self.mailbox, rule):
                continue
            if not is_match(delivered, rule.get("conditions") or {}):
                continue
            if is_exception(delivered, rule.get("exceptions") or {}):
                continue
            actions = rule["actions"]
            stored = self._mark(stored, actions)
            self._send_on(actions)
            if actions.get("permanentDelete"):
                self.mailbox.messages.erase(stored)
                return None
            stored, moved = self._place(stored, actions, moved)
            if actions.get("stopProcessingRules"):
                break
        return stored

    def _mark(self, stored: StoredMessage, actions: Mapping[str, Any]) -> StoredMessage:
        columns: dict[str, Any] = {}
        if actions.get("assignCategories"):
            known = json.loads(stored.row["categories"])
            columns["categories"] = json.dumps(list(dict.fromkeys([*known, *actions["assignCategories"]])))
        if actions.get("markImportance"):
            columns["importance"] = actions["markImportance"]
        if actions.get("markAsRead"):
            columns["is_read"] = 1
        return self.mailbox.messages.update_columns(stored, columns) if columns else stored

    def _place(self, stored: StoredMessage, actions: Mapping[str, Any], moved: bool) -> tuple[StoredMessage, bool]:
        """The message and whether a rule has moved it; a second move leaves a copy in the second folder too."""
        folders, messages = self.mailbox.folders, self.mailbox.messages
        if actions.get("copyToFolder"):
            messages.copy(stored, folders.by_id(actions["copyToFolder"]))
        target = folders.by_id(actions["moveToFolder"]) if actions.get("moveToFolder") else None
        if actions.get("delete"):
            target = folders.by_name("deleteditems")
        if target is None:
            return stored, moved
        if moved:
            messages.copy(stored, target)
            return stored, moved
        return messages.move(stored, target), True

    def _send_on(self, actions: Mapping[str, Any]) -> None:
        owner = self.mailbox.account.upn
        seen = [value.lower() for name, value in self.message.headers if name.lower() == LOOP_HEADER.lower()]
        if owner.lower() in seen:
            return
        mark = (LOOP_HEADER, owner)
        if to := _people(actions.get("forwardTo")):
            self.send(self.mailbox, _forward(self.message, self._owner(), to, mark))
        if to := _people(actions.get("forwardAsAttachmentTo")):
            self.send(self.mailbox, _forward_as_attachment(self.message, self._owner(), to, mark))
        if to := _people(actions.get("redirectTo")):
            resent = [("Resent-From", owner), mark, *self.message.headers]
            self.redirect(replace(self.message, headers=resent, mime=None), to)

    def _owner(self) -> Address:
        return Address(self.mailbox.account.upn, self.mailbox.account.display_name)


def _people(recipients: list[Mapping[str, Any]] | None) -> list[Address]:
    emails = [recipient.get("emailAddress") or {} for recipient in recipients or []]
    return [Address(email["address"], email.get("name") or "") for email in emails if email.get("address")]


def _forward(message: Message, owner: Address, to: list[Address], mark: tuple[str, str]) -> Message:
    sender = message.from_ or message.sender or Address("")
    head = f"From: {sender.name} <{sender.address}>\nSubject: {message.subject}\n\n"
    is_html = message.body_type == "html"
    return Message(
        subject=f"FW: {message.subject}",
        body=escape(head, quote=False).replace("\n", "<br>") + message.body if is_html else head + message.body,
        body_type=message.body_type,
        from_=owner,
        to=to,
        headers=[("Auto-Submitted", "auto-forwarded"), mark],
        attachments=list(message.attachments),
        in_reply_to=message.internet_message_id,
    )


def _forward_as_attachment(message: Message, owner: Address, to: list[Address], mark: tuple[str, str]) -> Message:
    original = message.mime if message.mime is not None else build(message)
    return Message(
        subject=f"FW: {message.subject}",
        from_=owner,
        to=to,
        headers=[("Auto-Submitted", "auto-forwarded"), mark],
        attachments=[Attachment(message.subject or "Message", "message/rfc822", original, kind="item")],
    )
