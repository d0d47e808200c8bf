"""Messages of a list as fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Fields, PersonFields, Untrusted, all_words, local_time, person_fields, words
from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.answers.meeting import meeting_note
from outlook_mcp.mail.answers.place import NO_PLACES, Places, place_of
from outlook_mcp.mail.deferred_send import deferred_until
from outlook_mcp.mail.models import Folder, Message
from outlook_mcp.mail.search.matching import is_named
from outlook_mcp.mail.search.search import SearchResult

MOST_NAMED = 10
_MOST_CATEGORIES = 40


class MessageWords(Untrusted, frozen=True, kw_only=True):
    """`sender` is absent where there is none. Of many recipients the first are named, and `more_recipients` counted.

    `folder` is named where a list has several; `files` where their names were asked for; `meeting` says when one is.
    """

    subject: str = ""
    sender: PersonFields | None = None
    to: list[PersonFields] = []
    more_recipients: int = 0
    folder: str = ""
    files: list[str] = []
    meeting: str = ""


class ListedMessage(Fields, frozen=True, kw_only=True):
    """`forged`: it says that it is from the user, and is not. `not_sent_before`: until when Exchange holds it."""

    id: str
    time: datetime | None = None
    not_sent_before: datetime | None = None
    unread: bool = False
    flagged: bool = False
    has_files: bool = False
    draft: bool = False
    forged: bool = False
    meeting: str = ""
    untrusted: MessageWords


class SearchWords(Untrusted, frozen=True, kw_only=True):
    """The folder that was searched, none for the whole mailbox; the folder asked for that had nothing; what in `text`
    was ignored; the categories of the mailbox, where none of its messages has the one asked for."""

    folder: str = ""
    nothing_in: str = ""
    ignored: list[str] = []
    categories: list[str] = []


class FoundMessages(Fields, frozen=True, kw_only=True):
    """`complete`: nothing more matches. The list goes on with `cursor`, where there is one; `looked_at` is how many
    messages the search had looked at when it gave up. `doubtful`: a part may have been meant otherwise, as `notes` say.
    """

    messages: list[ListedMessage]
    complete: bool
    cursor: str | None = None
    looked_at: int | None = None
    doubtful: bool = False
    notes: list[str] = []
    untrusted: SearchWords


def found_fields(context: AnswerContext, found: SearchResult) -> FoundMessages:
    """The messages of a search, where they are, and how the list goes on."""
    plan = found.plan
    listed = []
    for message in found.messages:
        state = found.meetings.get(message.id)
        listed.append(
            listed_message(
                context,
                message,
                found.places,
                is_forged=message.id in found.forged,
                file_name=plan.file_name,
                meeting=meeting_note(context, state) if state else "",
            )
        )
    return FoundMessages(
        messages=listed,
        complete=found.is_complete,
        cursor=found.cursor,
        looked_at=found.stopped_after,
        doubtful=not plan.is_understood,
        notes=list(found.notes),
        untrusted=SearchWords(
            folder=folder_words(found.folder),
            nothing_in=folder_words(found.nothing_in),
            ignored=all_words(plan.ignored),
            categories=all_words(found.categories.names[:_MOST_CATEGORIES]),
        ),
    )


def listed_message(
    context: AnswerContext,
    message: Message,
    places: Places = NO_PLACES,
    *,
    is_forged: bool = False,
    file_name: str | None = None,
    meeting: str = "",
) -> ListedMessage:
    """One message of a list. With `file_name` the names of files that fit it are told."""
    names = [attachment.name or "" for attachment in message.attachments] if file_name else []
    return ListedMessage(
        id=context.handle(message.id),
        time=local_time(context, message.moment),
        not_sent_before=local_time(context, deferred_until(message, context.now)),
        unread=message.is_read is False and not message.is_draft,
        flagged=message.is_flagged,
        has_files=message.has_files,
        draft=bool(message.is_draft),
        forged=is_forged,
        meeting=message.meeting_kind or "",
        untrusted=MessageWords(
            subject=words(message.subject),
            sender=sender_fields(message),
            to=people_fields(message.to_recipients[:MOST_NAMED]),
            more_recipients=max(0, len(message.to_recipients) - MOST_NAMED),
            folder=words(place_of(message, places)),
            files=all_words(name for name in names if file_name and is_named(name, file_name)),
            meeting=meeting,
        ),
    )


def sender_fields(message: Message) -> PersonFields | None:
    """Whom it comes from; None for a draft that does not say it."""
    return person_fields(message.author) if message.from_ else None


def people_fields(people: Sequence[Recipient]) -> list[PersonFields]:
    """Recipients with their names."""
    return [person_fields(person.email_address) for person in people]


def folder_words(folder: Folder | None) -> str:
    """The path of a folder; "" for none."""
    return words(folder.path or folder.name) if folder else ""
