"""What is said of the recipients of a draft that Exchange has something to tell about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors.counting import and_more
from outlook_mcp.mail.drafts.mail_tips import MailTip
from outlook_mcp.text.characters import one_line

# From so many members on a group is a surprise worth telling of.
_LARGE_GROUP = 25
_LONGEST_REPLY = 160
_MOST_NAMED = 5


def tip_lines(context: AnswerContext, tips: Sequence[MailTip]) -> list[str]:
    """One line for each kind of tip, with those whom it concerns; nothing of the others."""
    kinds: tuple[tuple[str, Callable[[MailTip], bool]], ...] = (
        ("Unknown to Exchange, so mail to it will probably come back", lambda tip: tip.error is not None),
        ("Mailbox full", lambda tip: tip.mailbox_full is True),
        ("May not be written to", lambda tip: tip.delivery_restricted is True),
        ("A moderator reads it first", lambda tip: tip.is_moderated is True),
        ("Outside the organisation", lambda tip: tip.is_external),
    )
    lines = [f"{label}: {_named(found)}" for label, holds in kinds if (found := [tip for tip in tips if holds(tip)])]
    for tip in tips:
        if (tip.total_member_count or 0) >= _LARGE_GROUP:
            outside = f", {tip.external_member_count:,} of them outside" if tip.external_member_count else ""
            lines.append(f"Large group: {one_line(tip.address, 80)}, {tip.total_member_count:,} members{outside}")
        if tip.custom_mail_tip:
            lines.append(f"Note on {one_line(tip.address, 80)}: {one_line(tip.custom_mail_tip, _LONGEST_REPLY)}")
    return [*(_away_line(context, tip) for tip in tips if _is_away(tip)), *lines]


def dash_lines(addresses: Sequence[str]) -> list[str]:
    """A line on addresses that begin with a dash: right by RFC 5321, and refused by Postfix and others by default."""
    odd = [one_line(address, 80) for address in addresses if address.startswith("-")]
    return [f"Begins with a dash, as many mail servers refuse it: {', '.join(odd[:_MOST_NAMED])}"] if odd else []


def _is_away(tip: MailTip) -> bool:
    return bool(tip.automatic_replies and tip.automatic_replies.message)


def _away_line(context: AnswerContext, tip: MailTip) -> str:
    reply = tip.automatic_replies
    end = reply.scheduled_end_time.moment if reply and reply.scheduled_end_time else None
    until = f" until {context.time(end)}" if end else ""
    text = one_line((reply.message or "") if reply else "", _LONGEST_REPLY)
    return f"Out of office: {one_line(tip.address, 80)}{until}: {text}"


def _named(tips: Sequence[MailTip]) -> str:
    shown = [one_line(tip.address, 80) for tip in tips[:_MOST_NAMED]]
    return ", ".join(shown) + and_more(len(tips), _MOST_NAMED)
