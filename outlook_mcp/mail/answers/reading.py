"""Messages in full: short headers, the text, and what was left out of it."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.errors import by_reason
from outlook_mcp.answers.frame import framed, framed_blocks
from outlook_mcp.answers.hidden_text import hidden_in_names, removed_notes, text_or_why
from outlook_mcp.answers.links import link_and_original, links_and_originals
from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.answers.facts import fact_lines
from outlook_mcp.mail.answers.files import files_line, special_notes
from outlook_mcp.mail.answers.headers import EarlierHeaders, header_lines
from outlook_mcp.mail.answers.meeting import calendar_file_lines, meeting_line
from outlook_mcp.mail.answers.place import Places
from outlook_mcp.mail.answers.sender_warnings import sender_warnings
from outlook_mcp.mail.answers.tips import dash_lines
from outlook_mcp.mail.drafts.send_terms import SendTerms
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.reading import ReadItem, ReadMessages
from outlook_mcp.mail.sources import SourcePart
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.html.result import ConvertedText

_LONGEST_HEADER = 2_000
# With everybody whom Exchange allows a message to have.
_LONGEST_RECIPIENTS = 60_000


def messages_answer(context: AnswerContext, found: ReadMessages, offset: int = 0) -> str:
    """What was read, in the view it was read for, and what is missing of it."""
    if found.source is not None:
        answer = _source_answer(context, found.source)
    else:
        answer = _pages(context, answer_blocks(context, found), offset)
        if found.is_conversation and found.view in ("new", "full") and any(item.text.cut_chars for item in found.items):
            answer += '\nview="full" shows what was left out.'
    return with_gaps(context, answer, found.failed, is_complete=found.is_complete)


def answer_blocks(context: AnswerContext, found: ReadMessages) -> list[str]:
    """The messages in the view they were read for, as the answer puts them one below the other.

    In the views `new` and `full` each ends in an empty line and its text. In a conversation the headers of a message
    leave out what those of the one before it said.
    """
    if found.view == "headers":
        return [_header_block(context, item.message) for item in found.items]
    if found.view == "links":
        return [_link_block(context, item) for item in found.items]
    earlier: dict[str | None, EarlierHeaders] = {}
    blocks = []
    for item in found.items:
        known = earlier.setdefault(item.message.conversation_id, EarlierHeaders()) if found.is_conversation else None
        blocks.append(_message(context, item, found.places, all_people=found.view == "full", earlier=known))
    return blocks


def with_gaps(
    context: AnswerContext, answer: str, failed: Sequence[MessageResult] = (), *, is_complete: bool = True
) -> str:
    """`answer`, then what is missing. `is_complete=False`: a conversation has older messages than it shows."""
    lines = [answer] if answer else []
    told = [
        (context.handle(result.id), context.error_text(result.error)) for result in failed if result.error is not None
    ]
    lines += [f"{', '.join(handles)}: {reason}" for handles, reason in by_reason(told)]
    if not is_complete:
        lines.append("The conversation has older messages that are not shown; find them with mail_search.")
    return "\n".join(lines) or "There is no message to read."


def _link_block(context: AnswerContext, item: ReadItem) -> str:
    """Where the numbered links of a message go, with a warning where the text names another host."""
    lines = [f"Links of {context.handle(item.message.id)}:"]
    if item.new_links:
        lines += ["Numbered as in view=new:", *map(link_and_original, item.new_links), "Numbered as in view=full:"]
    return "\n".join([*lines, *links_and_originals(item.text.links, item.text.text)])


def _header_block(context: AnswerContext, message: Message) -> str:
    """The transport headers as they came, one a line."""
    lines = [f"{name}: {value}" for name, value in shown_headers(message)]
    lines = lines or ["It has no transport headers, as it did not come over the Internet."]
    return "\n".join([f"Headers of {context.handle(message.id)}:", *lines])


def shown_headers(message: Message) -> list[tuple[str, str]]:
    """Names and values of the transport headers, each one line."""
    return [
        (one_line(header.name, 80), one_line(header.value or "", _longest(header.name)))
        for header in message.internet_message_headers
    ]


def _source_answer(context: AnswerContext, source: SourcePart) -> str:
    """A part of the source of a message, and how to get the next."""
    if not source.text:
        return f"The source is shorter than offset={source.start}."
    answer = framed(f"Source of {context.handle(source.message_id)}:\n{source.text}")
    return answer + (f"\nCut here. Go on with offset={source.following}." if source.following is not None else "")


def _message(
    context: AnswerContext, item: ReadItem, places: Places, *, all_people: bool, earlier: EarlierHeaders | None
) -> str:
    lines = header_lines(
        context, item.message, places, all_people=all_people, links=len(item.text.links), earlier=earlier
    )
    lines += [*sender_warnings(context, item), *terms_lines(item.terms)]
    if item.facts.meeting:
        lines.append(meeting_line(context, item.facts.meeting, item.facts.state))
    lines += [*calendar_file_lines(context, item.facts.files), *fact_lines(item.message, item.facts.reports)]
    if files := files_line(item.attachments, each=item.message.is_draft is True):
        lines.append(f"Attachments: {files}")
    if notes := notes_of(item, says_how=earlier is None):
        lines.append(f"Note: {'; '.join(notes)}")
    return "\n".join([*lines, "", text_or_why(item.text)])


def notes_of(item: ReadItem, *, says_how: bool = True) -> list[str]:
    """What is missing of the text of a message, or has to be looked for elsewhere."""
    read = {file.number for file in item.facts.files}
    names = [item.message.subject, *(attachment.name for attachment in item.attachments)]
    return [
        *special_notes(item.attachments, item.text.text, is_reported=bool(item.facts.reports), read=read),
        *_left_out(item.text, says_how=says_how),
        *hidden_in_names(names),
    ]


def terms_lines(terms: SendTerms | None) -> list[str]:
    """What mail_send has to be given of a draft."""
    return [f"Goes to: {', '.join(terms.to)}", f"Check: {terms.check}", *dash_lines(terms.to)] if terms else []


def _left_out(text: ConvertedText, *, says_how: bool) -> list[str]:
    notes = []
    if text.cut_chars:
        doubt = "; it was compared with no earlier message" if text.differing_lines is None else ""
        how = ' (view="full")' if says_how else ""
        notes.append(f"{_quoted_part(text)} left out{how}{doubt}")
    if lines := text.differing_lines:
        stand = "the last quoted line stands" if lines == 1 else f"the last {lines:,} quoted lines stand"
        notes.append(f"{stand} in none of the earlier messages it was compared with: edited or added")
    if text.images and not text.text:
        notes.append(counted(text.images, "image"))
    return [*notes, *removed_notes(text)]


def _quoted_part(text: ConvertedText) -> str:
    """How much of a body is earlier mail, and how much the lines of a mailing list below it."""
    footer = f" and {text.footer_chars:,} of a mailing list's footer" if text.footer_chars else ""
    look = "looks" if text.cut_chars == 1 else "look"
    kind = f"that {look} like quoted mail" if text.differing_lines is None else "of quoted mail"
    return f"{counted(text.cut_chars, 'character')} {kind}{footer}"


def _pages(context: AnswerContext, blocks: Sequence[str], offset: int) -> str:
    return framed_blocks(blocks, "message", offset, read_on_with=context.read_on_with) if blocks else ""


def _longest(header_name: str) -> int:
    return _LONGEST_RECIPIENTS if header_name.lower() in ("to", "cc", "bcc") else _LONGEST_HEADER
