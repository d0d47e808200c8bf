"""What speaks against the sender of a message being who it says."""

from __future__ import annotations

import re
import unicodedata

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.mail.authentication import failed_checks
from outlook_mcp.mail.mailing_lists import list_facts
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.reading import ReadItem
from outlook_mcp.net.public_suffixes import registrable_domain
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.look_alikes import decoded, mixed_label

_LONGEST = 100
_ADDRESS = re.compile(r"[^\s@\"'<>()\[\],;:]{1,64}@([^\s@\"'<>()\[\],;:]{1,255})")


def sender_warnings(context: AnswerContext, item: ReadItem) -> list[str]:
    """A line for each, and one where it is the first message of its sender; none for a message without a sender."""
    sender = item.message.author
    address = sender.address
    if not address:
        return []
    warnings = []
    if failed := failed_checks(item.message.internet_message_headers):
        names = ", ".join(failed)
        if context.is_me(address) and "DMARC" in failed:
            warnings.append(f"it says that it is from the user, but {names} failed: its sender is forged")
        else:
            warnings.append(f"{names} failed, so its sender may be forged")
    if mixed_label(decoded(address)):
        warnings.append("the sender's address has letters of several scripts, which look alike")
    if item.facts.imitates:
        imitated = one_line(item.facts.imitates, _LONGEST)
        whose = "the user's own" if imitated in _own(context) else "which the user wrote to"
        warnings.append(f"the sender's address looks like {imitated}, {whose}, and is another one")
    if shown := _other_address_in_name(sender.name or "", address):
        warnings.append(f"the sender's name shows another address, {one_line(shown, _LONGEST)}")
    if elsewhere := _answers_elsewhere(context, item.message, address):
        answers_go = f"answers go to {one_line(elsewhere, _LONGEST)}, at another domain than the sender's"
        warnings.append(answers_go)
    lines = [f"Warning: {warning}." for warning in warnings]
    return [*lines, "First message from this address."] if item.facts.is_first else lines


def _own(context: AnswerContext) -> tuple[str, str]:
    """The address of the user and its domain, as those that are known are written."""
    address = context.mailbox_address.lower()
    return address, address.rpartition("@")[2]


def _other_address_in_name(name: str, address: str) -> str:
    """An address of another domain that stands in the name, which many programs show in place of the real one."""
    found = _ADDRESS.search(unicodedata.normalize("NFKC", name[:500]))
    return found[0] if found and _owner(found[0]) != _owner(address) and "." in found[1] else ""


def _answers_elsewhere(context: AnswerContext, message: Message, address: str) -> str:
    """To whom an answer would go, if that is at another domain; for lists and newsletters that is usual."""
    others = [recipient.email_address.address or "" for recipient in message.reply_to]
    is_usual = message.is_draft or list_facts(message.internet_message_headers) is not None
    if is_usual:
        return ""
    return next((other for other in others if "@" in other and _is_elsewhere(context, other, address)), "")


def _is_elsewhere(context: AnswerContext, other: str, address: str) -> bool:
    return _owner(other) != _owner(address) and not context.is_me(other)


def _owner(address: str) -> str:
    """The registered part of the domain, which tells who it belongs to."""
    domain = address.lower().rpartition("@")[2]
    return registrable_domain(domain) or domain
