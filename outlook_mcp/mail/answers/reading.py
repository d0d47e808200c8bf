"""Messages in full: short headers, the text, and what was left out of it."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed_messages
from outlook_mcp.answers.people import full_name, people_line
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.models import Address, Recipient
from outlook_mcp.mail.answers.files import files_line, special_notes
from outlook_mcp.mail.answers.meeting import meeting_line
from outlook_mcp.mail.answers.place import NO_PLACES, Places, moment_of, place_of
from outlook_mcp.mail.answers.sender_warnings import sender_warnings
from outlook_mcp.mail.drafts.send_terms import SendTerms
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.reading import ReadItem, ReadMessages
from outlook_mcp.text.characters import one_line, strip_invisible
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.links import Link

LONGEST_SUBJECT = 250
_LONGEST_HEADER = 2_000
_LONGEST_NAME = 2_000
# With everybody whom Exchange allows a message to have.
_LONGEST_RECIPIENTS = 60_000


def messages_answer(context: AnswerContext, found: ReadMessages, offset: int = 0) -> str:
    """What was read, in the view it was read for, and what is missing of it."""
    if found.view == "headers":
        answer = headers_answer(context, [item.message for item in found.items], offset)
    elif found.view == "links":
        answer = links_answer(context, found.items, offset)
    else:
        answer = read_answer(context, found.items, offset, places=found.places, all_people=found.view == "full")
    return with_gaps(context, answer, found.failed, is_complete=found.is_complete)


def read_answer(
    context: AnswerContext,
    items: Sequence[ReadItem],
    offset: int = 0,
    *,
    places: Places = NO_PLACES,
    all_people: bool = False,
) -> str:
    """Messages one below the other; empty when there is none. With `all_people` every recipient is named."""
    return _pages(context, [_message(context, item, places, all_people=all_people) for item in items], offset)


def with_gaps(
    context: AnswerContext, answer: str, failed: Sequence[MessageResult] = (), *, is_complete: bool = True
) -> str:
    """`answer`, then what is missing. `is_complete=False`: a conversation has older messages than it shows."""
    lines = [answer] if answer else []
    by_reason: dict[str, list[str]] = {}
    for result in failed:
        if result.error is not None:
            by_reason.setdefault(context.error_text(result.error), []).append(context.handle(result.id))
    lines += [f"{', '.join(handles)}: {reason}" for reason, handles in by_reason.items()]
    if not is_complete:
        lines.append("The conversation has older messages that are not shown; find them with mail_search.")
    return "\n".join(lines) or "There is no message to read."


def links_answer(context: AnswerContext, items: Sequence[ReadItem], offset: int = 0) -> str:
    """Where the numbered links of messages go, with a warning where the text names another host."""
    blocks = []
    for item in items:
        lines = [f"Links of {context.handle(item.message.id)}:"]
        if item.new_links:
            lines += ["Numbered as in view=new:", *map(_link_and_original, item.new_links), "Numbered as in view=full:"]
        lines += [_link_and_original(link) for link in item.text.links] or ["none"]
        blocks.append("\n".join(lines))
    return _pages(context, blocks, offset)


def headers_answer(context: AnswerContext, messages: Sequence[Message], offset: int = 0) -> str:
    """The transport headers as they came, one a line."""
    blocks = []
    for message in messages:
        headers = [
            f"{one_line(header.name, 80)}: {one_line(header.value or '', _longest(header.name))}"
            for header in message.internet_message_headers
        ]
        lines = headers or ["It has no transport headers, as it did not come over the Internet."]
        blocks.append("\n".join([f"Headers of {context.handle(message.id)}:", *lines]))
    return _pages(context, blocks, offset)


def header_lines(
    context: AnswerContext,
    message: Message,
    places: Places = NO_PLACES,
    *,
    all_people: bool = False,
    links: int = 0,
) -> list[str]:
    """Subject, people, time and state. Of many recipients the first ones are named, or with `all_people` all."""
    sender = message.from_.email_address if message.from_ else Address()
    lines = [
        f"[{context.handle(message.id)}] {one_line(message.subject or '', LONGEST_SUBJECT) or '(no subject)'}",
        f"From: {full_name(sender)}, {context.time(moment_of(message))}",
    ]
    real_sender = message.sender.email_address if message.sender else sender
    if not _same(real_sender, sender):
        lines[-1] += f", sent by {full_name(real_sender)}"
    lines[-1] += "".join(f", {state}" for state in _states(message, places, links))
    for label, people in (
        ("To", message.to_recipients),
        ("Cc", message.cc_recipients),
        ("Bcc", message.bcc_recipients),
        ("Reply to", message.reply_to),
    ):
        if people and not (label == "Reply to" and _same(people[0].email_address, sender)):
            line = recipients_line(context, people, show_all=all_people)
            is_cut = not all_people and line != recipients_line(context, people, show_all=True)
            lines.append(f"{label}: {line}" + (' (view="full" names all)' if is_cut else ""))
    return lines


def recipients_line(context: AnswerContext, recipients: Sequence[Recipient], *, show_all: bool = False) -> str:
    """`me, Name <address>, …`; unless all are asked for, a long list ends in how many more."""
    return people_line(context, [recipient.email_address for recipient in recipients], show_all=show_all)


def _message(context: AnswerContext, item: ReadItem, places: Places, *, all_people: bool) -> str:
    lines = header_lines(context, item.message, places, all_people=all_people, links=len(item.text.links))
    lines += [*sender_warnings(context, item), *terms_lines(item.terms)]
    if item.meeting:
        lines.append(meeting_line(context, item.meeting))
    if files := files_line(item.attachments, each=item.message.is_draft is True):
        lines.append(f"Attachments: {files}")
    names = [item.message.subject, *(attachment.name for attachment in item.attachments)]
    notes = [*special_notes(item.attachments, item.text.text), *_left_out(item.text), *hidden_in_names(names)]
    if notes:
        lines.append(f"Note: {'; '.join(notes)}")
    return "\n".join([*lines, "", item.text.text or "(no text)"])


def terms_lines(terms: SendTerms | None) -> list[str]:
    """What mail_send has to be given of a draft."""
    return [f"Goes to: {', '.join(terms.to)}", f"Check: {terms.check}"] if terms else []


def _left_out(text: ConvertedText) -> list[str]:
    notes = []
    if text.cut_chars:
        doubt = "; it was compared with no earlier message" if text.differing_lines is None else ""
        notes.append(f'{quoted_part(text)} left out (view="full"){doubt}')
    if lines := text.differing_lines:
        stand = "the last quoted line stands" if lines == 1 else f"the last {lines:,} quoted lines stand"
        notes.append(f"{stand} in none of the earlier messages it was compared with: edited or added")
    if text.images and not text.text:
        notes.append(counted(text.images, "image"))
    return [*notes, *removed_notes(text)]


def quoted_part(text: ConvertedText) -> str:
    """How much of a body is earlier mail, and how much the lines of a mailing list below it."""
    footer = f" and {text.footer_chars:,} of a mailing list's footer" if text.footer_chars else ""
    look = "looks" if text.cut_chars == 1 else "look"
    kind = f"that {look} like quoted mail" if text.differing_lines is None else "of quoted mail"
    return f"{counted(text.cut_chars, 'character')} {kind}{footer}"


def hidden_in_names(names: Sequence[str | None]) -> list[str]:
    """A note if the subject or the names of files, which are shown without hidden characters, have some."""
    count = sum(strip_invisible((name or "")[:_LONGEST_NAME])[1] for name in names)
    return [f"{hidden_note(count)} from the subject or from names of files"] if count else []


def hidden_note(count: int) -> str:
    """That so many characters were removed which no reader sees."""
    return f"{counted(count, 'hidden character')} removed"


def removed_notes(text: ConvertedText) -> list[str]:
    """What is missing of a text, or doubtful in it."""
    notes = []
    if text.hidden_chars:
        notes.append(hidden_note(text.hidden_chars))
    if text.flat and not text.text:
        notes.append("it was not read, as costly messages have used up the time: read it later, alone")
    elif text.flat:
        notes.append("its layout is too complex to tell what its readers see, so this may include hidden text")
    elif text.doubtful:
        notes.append("parts of it may be hidden from its readers")
    elif text.truncated:
        notes.append("it was too large or too deeply nested to be read whole")
    return notes


def _pages(context: AnswerContext, blocks: Sequence[str], offset: int) -> str:
    return framed_messages(blocks, offset, read_on_with=context.read_on_with) if blocks else ""


def _states(message: Message, places: Places, links: int) -> list[str]:
    states = ["draft"] if message.is_draft else ["unread"] if message.is_read is False else []
    if place := place_of(message, places):
        states.append(f"in {place}")
    if message.is_flagged:
        states.append("flagged")
    if message.importance in ("low", "high"):
        states.append(f"{message.importance} importance")
    states += [f"category {one_line(name, 40)}" for name in message.categories[:8]]
    return [*states, counted(links, "link")] if links else states


def link_line(link: Link) -> str:
    """The number of a link, its text and its address."""
    text = one_line(link.text, 80)
    warning = ""
    if link.is_misleading:
        warning = f" WARNING: the text names another host than {link.host}"
    elif link.is_disguised:
        warning = f" WARNING: the message does not name the host {link.host} as addresses usually do"
    return f"[{link.number}] {text + ': ' if text else ''}{link.url}{warning}"


def _link_and_original(link: Link) -> str:
    """The same and, on a second line, the address as the message has it where that is another one."""
    return link_line(link) + (f"\n  original: {link.original}" if link.original else "")


def _same(first: Address, second: Address) -> bool:
    return (first.address or "").casefold() == (second.address or "").casefold()


def _longest(header_name: str) -> int:
    return _LONGEST_RECIPIENTS if header_name.lower() in ("to", "cc", "bcc") else _LONGEST_HEADER
