"""An attachment, and exported messages as fields."""

from __future__ import annotations

import msgspec

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Failure, Fields, PersonFields, Untrusted, person_fields, words
from outlook_mcp.answers.frame import texts_on_page
from outlook_mcp.answers.hidden_text import removed_notes
from outlook_mcp.mail.answers.attachment import MOST_FILES, attachment_block, why_unread
from outlook_mcp.mail.attachments import ReadAttachment
from outlook_mcp.mail.file_contents import as_attachment
from outlook_mcp.mail.models import Attachment
from outlook_mcp.mail.saved_files import SavedFile
from outlook_mcp.mail.structured.changes import failed_messages
from outlook_mcp.mail.structured.listing import people_fields
from outlook_mcp.mail.structured.reading import FileFields, LinkFields, file_fields, link_fields
from outlook_mcp.mail.sync.export import Exported


class AttachmentWords(Untrusted, frozen=True, kw_only=True):
    """The file, and of an attached mail its headers. `text` is what the page that was asked for has of its text, and
    `inside` are files that are in it. `notes` say what the text leaves out. `saved_as` is its name in
    `folder`."""

    file: FileFields | None = None
    subject: str = ""
    sender: PersonFields | None = None
    to: list[PersonFields] = []
    cc: list[PersonFields] = []
    inside: list[FileFields] = []
    notes: list[str] = []
    text: str = ""
    links: list[LinkFields] = []
    saved_as: str = ""


class AttachmentRead(Fields, frozen=True, kw_only=True):
    """`unreadable` says why its content is not shown. `unit` names its parts (page, slide, sheet), `parts` how many
    there are, of which `first` to `last` were read. `picture`: a picture comes beside it as content. A file that was
    saved is in `folder`, with `size` in bytes."""

    unreadable: str = ""
    unit: str = ""
    parts: int = 0
    first: int = 0
    last: int = 0
    more_inside: int = 0
    locked: int = 0
    guessed_charset: str = ""
    picture: bool = False
    next_offset: int | None = None
    folder: str = ""
    size: int = 0
    untrusted: AttachmentWords


class MessagesExported(Fields, frozen=True, kw_only=True):
    """The file, with its `size` in bytes; without one `ids` are those whose source is at
    outlook://me/messages/{id}/source. `complete` is false where the search found more than were taken."""

    ids: list[str]
    file: str = ""
    size: int = 0
    failed: list[Failure] = []
    complete: bool


def attachment_fields(context: AnswerContext, found: ReadAttachment | SavedFile, offset: int = 0) -> AttachmentRead:
    """What it is, its text if it has one that can be shown, or where it was saved."""
    if isinstance(found, SavedFile):
        saved = AttachmentWords(saved_as=words(found.path.name))
        return AttachmentRead(folder=str(found.path.parent), size=found.size, untrusted=saved)
    texts, following = texts_on_page([attachment_block(context, found)], offset)
    file, text, archive = found.file, found.text, found.archive
    is_shown = text is not None or found.picture is not None or archive is not None
    has_parts = file is not None and bool(file.unit)
    return AttachmentRead(
        unreadable="" if is_shown else why_unread(found),
        unit=file.unit if file else "",
        parts=file.parts if file and has_parts else 0,
        first=file.first if file and has_parts else 0,
        last=file.last if file and has_parts else 0,
        more_inside=_more_inside(found),
        locked=archive.locked if archive else 0,
        guessed_charset=found.charset_guess or "",
        picture=found.picture is not None,
        next_offset=following,
        untrusted=_words(found, texts.get(0, "") if text and text.text and not found.only_links else ""),
    )


def exported_fields(context: AnswerContext, exported: Exported) -> MessagesExported:
    """The file, or the messages that a client can fetch where no folder is allowed; then what is missing."""
    file = exported.file
    return MessagesExported(
        ids=[context.handle(message_id) for message_id in exported.ids],
        file=str(file.path) if file else "",
        size=file.size if file else 0,
        failed=failed_messages(context, exported.failed),
        complete=exported.is_complete,
    )


def _words(found: ReadAttachment, text: str) -> AttachmentWords:
    item = found.attachment.item
    [file] = file_fields([found.attachment])
    return AttachmentWords(
        file=msgspec.structs.replace(file, n=found.path),
        subject=words(item.subject) if item else "",
        sender=person_fields(item.from_.email_address) if item and item.from_ else None,
        to=people_fields(item.to_recipients) if item else [],
        cc=people_fields(item.cc_recipients) if item else [],
        inside=file_fields(_inside(found)[:MOST_FILES], found.path),
        notes=[*(found.file.notes if found.file else ()), *(removed_notes(found.text) if found.text else [])],
        text=text,
        links=link_fields(found.text.links) if found.text else [],
    )


def _inside(found: ReadAttachment) -> list[Attachment]:
    attachment = found.attachment
    files = [as_attachment(file, attachment) for file in attachment.item.files] if attachment.item else []
    members = found.archive.members if found.archive else ()
    return files + [as_attachment(member, attachment) for member in members]


def _more_inside(found: ReadAttachment) -> int:
    more = (found.attachment.item.more_files if found.attachment.item else 0) + (
        found.archive.more if found.archive else 0
    )
    return more + max(0, len(_inside(found)) - MOST_FILES)
