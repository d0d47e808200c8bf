"""A list of messages: one line each, by day, newest first as given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed
from outlook_mcp.answers.people import AddressOnce
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.errors.counting import and_more
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.answers.categories import category_notes
from outlook_mcp.mail.answers.meeting import meeting_note
from outlook_mcp.mail.answers.place import NO_PLACES, Places, moment_of, place_of
from outlook_mcp.mail.answers.scope import NO_SCOPE, Scope, completeness, ignored_notes, scope_of
from outlook_mcp.mail.deferred_send import deferred_until
from outlook_mcp.mail.meeting_states import MeetingState
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.matching import is_named
from outlook_mcp.mail.search.search import SearchResult
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.dates import day_heading

_LONGEST_SUBJECT = 120
_LONGEST_PLACE = 60
_LONGEST_FILE_NAME = 60
_MOST_FILES = 3
_MANY_WORDS = 3
_FORGED = "[not from the user: DMARC failed] "
NO_MEETINGS: Mapping[MessageId, MeetingState] = MappingProxyType({})
_LEGEND = (("*", "unread"), ("!", "flagged"), ("+", "attachments"), ("~", "draft"))


def found_answer(context: AnswerContext, found: SearchResult) -> str:
    """The messages of a search, where they are, and how the list goes on."""
    return list_answer(
        context,
        found.messages,
        cursor=found.cursor,
        stopped_after=found.stopped_after,
        notes=[
            *found.notes,
            *category_notes(found.categories),
            *ignored_notes(found.plan.ignored),
            *_fewer_words(found),
        ],
        places=found.places,
        scope=scope_of(context, found),
        forged=found.forged,
        file_name=found.plan.file_name,
        meetings=found.meetings,
    )


def _fewer_words(found: SearchResult) -> list[str]:
    """What to do about a question or sentence of which no message has every word."""
    is_long = not found.messages and found.plan.words >= _MANY_WORDS
    return [f"All {found.plan.words} words must be in a message; fewer words find more."] if is_long else []


def list_answer(
    context: AnswerContext,
    messages: Sequence[Message],
    *,
    cursor: str | None = None,
    stopped_after: int | None = None,
    notes: Sequence[str] = (),
    places: Places = NO_PLACES,
    scope: Scope = NO_SCOPE,
    forged: frozenset[MessageId] = frozenset(),
    file_name: str | None = None,
    meetings: Mapping[MessageId, MeetingState] = NO_MEETINGS,
) -> str:
    """One line a message. `cursor`, `stopped_after`, `forged` and `meetings` are those of a SearchResult.

    With `file_name` the names of files that fit it are told.
    """
    ending = " ".join([completeness(len(messages), _page_of(context, cursor), stopped_after, scope), *notes])
    if not messages:
        return ending
    shown = listed_messages(context, messages, places, forged, file_name=file_name, meetings=meetings)
    return f"{shown}{' ' if shown.endswith('.') else ''}{ending}"


def listed_messages(
    context: AnswerContext,
    messages: Sequence[Message],
    places: Places = NO_PLACES,
    forged: frozenset[MessageId] = frozenset(),
    *,
    file_name: str | None = None,
    meetings: Mapping[MessageId, MeetingState] = NO_MEETINGS,
) -> str:
    """One line a message, marked as data of senders, and what the marks in them mean."""
    lines, marks = _lines(context, messages, places, forged, file_name, meetings)
    legend = ", ".join(f"{mark} {meaning}" for mark, meaning in _LEGEND if mark in marks)
    return framed("\n".join(lines)) + "\n" + (f"{legend}." if legend else "")


def message_lines(context: AnswerContext, messages: Sequence[Message]) -> list[str]:
    """The lines of a list alone, by day in the order given; none for no message."""
    return _lines(context, messages, NO_PLACES, frozenset(), None, NO_MEETINGS)[0]


def _page_of(context: AnswerContext, cursor: str | None) -> str | None:
    """What reads the next page: an argument of the same call, or another call."""
    call = f"{context.read_on_with}, " if context.read_on_with else ""
    return f"{call}cursor={cursor}" if cursor else None


def _lines(
    context: AnswerContext,
    messages: Sequence[Message],
    places: Places,
    forged: frozenset[MessageId],
    file_name: str | None,
    meetings: Mapping[MessageId, MeetingState],
) -> tuple[list[str], set[str]]:
    lines: list[str] = []
    used: set[str] = set()
    people = AddressOnce()
    today = context.now.astimezone(context.zone).date()
    last_day = None
    for message in messages:
        local = moment_of(message).astimezone(context.zone)
        if local.date() != last_day:
            last_day = local.date()
            lines.append(day_heading(last_day, today))
        marks = _marks(message)
        used.update(marks.partition("[")[0])
        if place := place_of(message, places):
            marks += f" [{one_line(place, _LONGEST_PLACE)}]"
        who = _FORGED + people.name(message.author) if message.id in forged else _who(context, people, message)
        lines.append(
            f"{context.handle(message.id)} {local.time().isoformat('minutes')}{marks} {who}: "
            + subject_line(message.subject, _LONGEST_SUBJECT)
            + _files(message, file_name)
            + (f" ({meeting_note(context, meetings[message.id])})" if message.id in meetings else "")
            + _waiting(context, message)
        )
    return lines, used


def _marks(message: Message) -> str:
    marks = "" if message.is_read or message.is_draft else "*"
    if message.is_flagged:
        marks += "!"
    if message.has_files:
        marks += "+"
    if message.is_draft:
        marks += "~"
    kind = message.meeting_kind
    return (" " + marks if marks else "") + (f" [{kind}]" if kind else "")


def _who(context: AnswerContext, people: AddressOnce, message: Message) -> str:
    """The sender; for the caller's own mail, the recipient."""
    if not (message.is_draft or context.is_me(message.author.address)):
        return people.name(message.author)
    if not message.to_recipients:
        return "to nobody"
    more = len(message.to_recipients) - 1
    return f"to {people.name(message.to_recipients[0].email_address)}" + (f" +{more}" if more else "")


def _waiting(context: AnswerContext, message: Message) -> str:
    """Until when Exchange holds it, whether it was sent or is a draft that has such a time."""
    until = deferred_until(message, context.now)
    return f" (not sent before {context.time(until)})" if until else ""


def _files(message: Message, file_name: str | None) -> str:
    """The names of its first files that fit the pattern, and how many more do."""
    if file_name is None:
        return ""
    names = [attachment.name or "" for attachment in message.attachments if is_named(attachment.name or "", file_name)]
    shown = "; ".join(one_line(name, _LONGEST_FILE_NAME) for name in names[:_MOST_FILES])
    return f" [{shown}{and_more(len(names), _MOST_FILES)}]" if names else ""
