"""Messages that were read as fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import (
    Failure,
    Fields,
    PersonFields,
    Untrusted,
    all_words,
    failures,
    local_time,
    person_fields,
    words,
)
from outlook_mcp.answers.frame import texts_on_page
from outlook_mcp.mail.answers.facts import fact_lines
from outlook_mcp.mail.answers.headers import flag_days, sent_by, unusual_importance
from outlook_mcp.mail.answers.meeting import calendar_file_lines, meeting_line
from outlook_mcp.mail.answers.place import place_of
from outlook_mcp.mail.answers.reading import answer_blocks, notes_of, shown_headers
from outlook_mcp.mail.answers.sender_warnings import sender_warnings
from outlook_mcp.mail.choices import ReadView
from outlook_mcp.mail.models import Attachment
from outlook_mcp.mail.reading import ReadItem, ReadMessages
from outlook_mcp.mail.structured.listing import MOST_NAMED, people_fields, sender_fields
from outlook_mcp.text.links import Link


class FileFields(Untrusted, frozen=True, kw_only=True):
    """A file: `n` is what mail_attachment takes, where it is to be read. `size` in bytes; `type` as its sender says.

    Of `kind` item is an Outlook item such as a forwarded mail, and reference a link to a file in the cloud.
    """

    n: str = ""
    name: str = ""
    type: str = ""
    kind: Literal["file", "item", "reference"] = "file"
    size: int = 0
    inline: bool = False


class LinkFields(Untrusted, frozen=True, kw_only=True):
    """Where a link goes. `misleading`: its text names another host; `disguised`: its host is not written as usual.

    `numbered_in` is the view in whose text it has this number.
    """

    number: int
    text: str = ""
    url: str
    original: str = ""
    misleading: bool = False
    disguised: bool = False
    numbered_in: ReadView = "full"


class HeaderFields(Untrusted, frozen=True, kw_only=True):
    """A transport header."""

    name: str
    value: str = ""


class ReadWords(Untrusted, frozen=True, kw_only=True):
    """`text` is what the page that was asked for has of the body, as its readers see it.

    `sent_by` is another person than the sender. Of many recipients the view `full` names all, others the first of each
    field, and `more_recipients` are counted. `send_to` is what mail_send takes for a draft. `warnings` and `facts`
    are sentences of this server that quote the message.
    """

    subject: str = ""
    sender: PersonFields | None = None
    sent_by: PersonFields | None = None
    to: list[PersonFields] = []
    cc: list[PersonFields] = []
    bcc: list[PersonFields] = []
    reply_to: list[PersonFields] = []
    more_recipients: int = 0
    send_to: list[str] = []
    folder: str = ""
    categories: list[str] = []
    meeting: str = ""
    warnings: list[str] = []
    facts: list[str] = []
    files: list[FileFields] = []
    links: list[LinkFields] = []
    headers: list[HeaderFields] = []
    text: str = ""


class ReadMessageFields(Fields, frozen=True, kw_only=True):
    """`start` and `due` are days of a flag. `hidden_characters` were removed, `quoted_characters` left out. `check` is
    what mail_send takes for a draft."""

    id: str
    time: datetime | None = None
    unread: bool = False
    flagged: bool = False
    draft: bool = False
    start: datetime | None = None
    due: datetime | None = None
    importance: str = ""
    hidden_characters: int = 0
    quoted_characters: int = 0
    check: str = ""
    untrusted: ReadWords


class SourceWords(Untrusted, frozen=True, kw_only=True):
    """A part of the source of a message."""

    source: str = ""


class MessagesRead(Fields, frozen=True, kw_only=True):
    """The messages of this page; the next begins at `next_offset`. `complete` is false for a conversation with older
    messages than are shown. In the view `original` there is the source of one message."""

    messages: list[ReadMessageFields]
    failed: list[Failure] = []
    complete: bool
    next_offset: int | None = None
    untrusted: SourceWords = SourceWords()


def messages_fields(context: AnswerContext, found: ReadMessages, offset: int = 0) -> MessagesRead:
    """What was read, in the view it was read for, and what is missing of it."""
    source = found.source
    texts, following = texts_on_page(answer_blocks(context, found), offset)
    failed = [(context.handle(result.id), result.error) for result in found.failed]
    return MessagesRead(
        messages=[_message(context, found, found.items[number], text) for number, text in texts.items()],
        failed=failures(context, failed),
        complete=found.is_complete,
        next_offset=source.following if source else following,
        untrusted=SourceWords(source=source.text if source else ""),
    )


def _message(context: AnswerContext, found: ReadMessages, item: ReadItem, text: str) -> ReadMessageFields:
    message = item.message
    start, due = flag_days(message)
    return ReadMessageFields(
        id=context.handle(message.id),
        time=local_time(context, message.moment),
        unread=message.is_read is False and not message.is_draft,
        flagged=message.is_flagged,
        draft=bool(message.is_draft),
        start=local_time(context, start),
        due=local_time(context, due),
        importance=unusual_importance(message),
        hidden_characters=item.text.hidden_chars,
        quoted_characters=item.text.cut_chars,
        check=item.terms.check if item.terms else "",
        untrusted=_words(context, found, item, text),
    )


def _words(context: AnswerContext, found: ReadMessages, item: ReadItem, text: str) -> ReadWords:
    message, shows_text = item.message, found.view in ("new", "full")
    other = sent_by(message)
    most = None if found.view == "full" else MOST_NAMED
    fields = (message.to_recipients, message.cc_recipients, message.bcc_recipients)
    to, cc, bcc = [people_fields(people[:most]) for people in fields]
    return ReadWords(
        subject=words(message.subject),
        sender=sender_fields(message),
        sent_by=person_fields(other) if other else None,
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=people_fields(message.reply_to[:MOST_NAMED]),
        more_recipients=len(message.recipients) - len([*to, *cc, *bcc]),
        send_to=list(item.terms.to) if item.terms else [],
        folder=words(place_of(message, found.places)),
        categories=all_words(message.categories),
        meeting=meeting_line(context, item.facts.meeting, item.facts.state) if item.facts.meeting else "",
        warnings=sender_warnings(context, item) if shows_text else [],
        facts=[
            *calendar_file_lines(context, item.facts.files),
            *fact_lines(message, item.facts.reports),
            *notes_of(item),
        ]
        if shows_text
        else [],
        files=file_fields(item.attachments),
        links=_links(item, found.view),
        headers=[HeaderFields(name=name, value=value) for name, value in shown_headers(message)]
        if found.view == "headers"
        else [],
        text=text if shows_text and item.text.text else "",
    )


def _links(item: ReadItem, view: ReadView) -> list[LinkFields]:
    if view == "links":
        return [*link_fields(item.new_links, "new"), *link_fields(item.text.links, "full")]
    return link_fields(item.text.links, view)


def link_fields(links: Sequence[Link], view: ReadView = "full") -> list[LinkFields]:
    """Numbered links, by their order in a text."""
    return [
        LinkFields(
            number=link.number,
            text=words(link.text, 80),
            url=link.url,
            original=link.original,
            misleading=link.is_misleading,
            disguised=link.is_disguised,
            numbered_in=view,
        )
        for link in links
    ]


def file_fields(files: Sequence[Attachment], path: str = "") -> list[FileFields]:
    """Files by their numbers, below `path` where they are inside of another one."""
    return [
        FileFields(
            n=f"{path}/{number}" if path else str(number),
            name=words(file.name, 120),
            type=words((file.content_type or "").partition(";")[0], 60),
            kind=file.kind,
            size=file.size or 0,
            inline=bool(file.is_inline),
        )
        for number, file in enumerate(files, 1)
    ]
