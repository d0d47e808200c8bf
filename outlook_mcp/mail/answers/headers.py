"""The headers of a message in a few short lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.people import AddressOnce, full_name, people_line
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.models import Address, Recipient, ZonedTime
from outlook_mcp.mail.answers.place import NO_PLACES, Places, place_of
from outlook_mcp.mail.models import Flag, Message
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.quotes.subjects import without_prefixes

LONGEST_SUBJECT = 250
_LONGEST_NAMED = 80
# Mail that was longer on its way was held back, forged or imported.
_LONGEST_WAY = timedelta(days=1)


@dataclass(slots=True)
class EarlierHeaders:
    """What the headers of the earlier messages of a conversation have shown, so that it is not shown again."""

    people: AddressOnce = field(default_factory=AddressOnce)
    subject: str | None = None
    recipients: list[str] | None = None


def header_lines(
    context: AnswerContext,
    message: Message,
    places: Places = NO_PLACES,
    *,
    all_people: bool = False,
    links: int = 0,
    earlier: EarlierHeaders | None = None,
) -> list[str]:
    """Subject, people, time and state. Of many recipients the first ones are named, or with `all_people` all.

    With `earlier`, which takes note of them, subject, addresses of senders and recipients are left out where they are
    the same as those of the message before.
    """
    recipients = _recipient_lines(context, message, all_people=all_people)
    subject = subject_line(message.subject, LONGEST_SUBJECT)
    title, name = f"[{context.handle(message.id)}]", full_name(message.author)
    if earlier is None:
        return [f"{title} {subject}", _sender_line(context, message, name, places, links), *recipients]
    if message.from_:
        name = earlier.people.name(message.author)
    is_same, topic = recipients == earlier.recipients, without_prefixes(subject)
    title = title if topic == earlier.subject else f"{title} {subject}"
    earlier.recipients, earlier.subject = recipients, topic
    return [title, _sender_line(context, message, name, places, links), *([] if is_same else recipients)]


def recipients_line(context: AnswerContext, recipients: Sequence[Recipient], *, show_all: bool = False) -> str:
    """`me, Name <address>, …`; unless all are asked for, a long list ends in how many more."""
    return people_line(context, [recipient.email_address for recipient in recipients], show_all=show_all)


def sent_by(message: Message) -> Address | None:
    """Who sent it for the one it comes from; None where that is the same one."""
    sender = message.sender.email_address if message.sender else message.author
    return None if _same(sender, message.author) else sender


def unusual_importance(message: Message) -> str:
    """`low` or `high`; "" for the usual one."""
    return message.importance if message.importance in ("low", "high") else ""


def sender_and_subject(message: Message) -> str:
    """`Name <address>: subject`, for a message that is only named."""
    sender = full_name(message.author) if message.from_ else "(no sender)"
    return f"{sender}: {subject_line(message.subject, _LONGEST_NAMED)}"


def flag_days(message: Message) -> tuple[datetime | None, datetime | None]:
    """When the work on a flagged message begins, and when it is due."""
    flag = message.flag or Flag()
    return _moment(flag.start_date_time), _moment(flag.due_date_time)


def _moment(time: ZonedTime | None) -> datetime | None:
    return time.moment if time else None


def _sender_line(context: AnswerContext, message: Message, name: str, places: Places, links: int) -> str:
    # A draft that is about to be sent is asked for without a time.
    line = f"From: {name}, {context.time(message.moment)}" if message.moment else f"From: {name}"
    if (other := sent_by(message)) is not None:
        line += f", sent by {full_name(other)}"
    if (dated := _other_date(message)) is not None:
        line += f", dated {context.time(dated)}"
    return line + "".join(f", {state}" for state in _states(context, message, places, links))


def _other_date(message: Message) -> datetime | None:
    """The date that the sender gave, where it is not about when the message came."""
    received, sent = message.received_date_time, message.sent_date_time
    if message.is_draft or received is None or sent is None or abs(received - sent) < _LONGEST_WAY:
        return None
    return sent


def _recipient_lines(context: AnswerContext, message: Message, *, all_people: bool) -> list[str]:
    lines = []
    for label, people in (
        ("To", message.to_recipients),
        ("Cc", message.cc_recipients),
        ("Bcc", message.bcc_recipients),
        ("Reply to", message.reply_to),
    ):
        if people and not (label == "Reply to" and _same(people[0].email_address, message.author)):
            line = recipients_line(context, people, show_all=all_people)
            is_cut = not all_people and line != recipients_line(context, people, show_all=True)
            lines.append(f"{label}: {line}" + (' (view="full" names all)' if is_cut else ""))
    return lines


def _states(context: AnswerContext, message: Message, places: Places, links: int) -> list[str]:
    states = ["draft"] if message.is_draft else ["unread"] if message.is_read is False else []
    if place := place_of(message, places):
        states.append(f"in {place}")
    if message.is_flagged:
        start, due = flag_days(message)
        days = {"start": context.day(start) if start else "", "due": context.day(due) if due else ""}
        if days["start"] == days["due"]:
            del days["start"]
        states.append(", ".join(["flagged", *(f"{name} {day}" for name, day in days.items() if day)]))
    if unusual := unusual_importance(message):
        states.append(f"{unusual} importance")
    states += [f"category {one_line(name, 40)}" for name in message.categories[:8]]
    return [*states, counted(links, "link")] if links else states


def _same(first: Address, second: Address) -> bool:
    return (first.address or "").lower() == (second.address or "").lower()
