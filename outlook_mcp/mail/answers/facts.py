"""Short lines on what a message is, where that matters: of a mailing list, or a report on another message."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.mailing_lists import list_facts
from outlook_mcp.mail.models import Message, RecipientReport
from outlook_mcp.text.characters import one_line

_LONGEST_ID = 80
_LONGEST_ADDRESS = 100
_LONGEST_REASON = 200
_MOST_RECIPIENTS = 10
_ACTIONS = {
    "failed": "Not delivered to",
    "delayed": "Delayed, and still being tried, for",
    "delivered": "Delivered to",
    "relayed": "Passed on, to a server that sends no reports, for",
    "expanded": "Passed on to the members of",
}
# Enhanced status codes (RFC 3463 and https://www.iana.org/assignments/smtp-enhanced-status-codes).
_REASONS = {
    "1.1": "no such mailbox",
    "1.2": "no such domain",
    "1.3": "the address is not written right",
    "1.6": "the mailbox has moved",
    "1.8": "the sender's domain is not accepted",
    "1.10": "no such mailbox, or its domain takes no mail",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the message is too large for the mailbox",
    "3.2": "the server takes no mail now",
    "3.4": "the message is too large",
    "4.1": "the server of the recipient did not answer",
    "4.4": "no server was found for the domain",
    "4.6": "the mail went in a circle",
    "4.7": "it was tried for too long",
    "5.3": "too many recipients",
    "7.1": "refused by a rule of the recipient",
    "7.23": "the sender's domain failed SPF",
    "7.26": "the sender's domain failed its checks",
}


def fact_lines(message: Message, reports: Sequence[RecipientReport] = ()) -> list[str]:
    """One line for the list, one for each recipient of a report; none for most messages."""
    return [*_report_lines(reports), *_list_line(message)]


def _list_line(message: Message) -> list[str]:
    facts = None if message.is_draft else list_facts(message.internet_message_headers)
    if facts is None:
        return []
    parts = [f"mailing list {one_line(facts.list_id, _LONGEST_ID)}"] if facts.list_id else []
    if facts.ways:
        parts.append(f"unsubscribing is possible by {' or '.join(facts.ways)}")
    return [_capital("; ".join(parts)) + "."]


def _report_lines(reports: Sequence[RecipientReport]) -> list[str]:
    lines = [_report_line(report) for report in reports[:_MOST_RECIPIENTS]]
    more = len(reports) - _MOST_RECIPIENTS
    return [*lines, f"And {counted(more, 'more recipient')}."] if more > 0 else lines


def _report_line(report: RecipientReport) -> str:
    told = _ACTIONS.get(report.action, "Reported on")
    status = one_line(report.status, 20)
    reason = _REASONS.get(status.partition(".")[2], "")
    if not reason and report.action not in ("delivered", "relayed", "expanded"):
        reason = one_line(report.diagnostic, _LONGEST_REASON)
    why = f": {reason}" if reason else ""
    return f"{told} {one_line(report.recipient, _LONGEST_ADDRESS)}{why}{f' ({status})' if status else ''}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
