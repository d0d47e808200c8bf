"""One attachment: what it is, its text, and the files of a mail in it."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed_page, framed_words
from outlook_mcp.answers.hidden_text import hidden_in_names, removed_notes, text_or_why
from outlook_mcp.answers.links import link_line, links_and_originals
from outlook_mcp.answers.people import full_name
from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.answers.files import file_line, size_text, unreadable_reason
from outlook_mcp.mail.answers.headers import LONGEST_SUBJECT, recipients_line
from outlook_mcp.mail.attachments import ReadAttachment
from outlook_mcp.mail.file_contents import as_attachment
from outlook_mcp.mail.models import AttachedItem, Attachment
from outlook_mcp.mail.saved_files import SavedFile
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.files.result import FileText, Listing
from outlook_mcp.text.links import Link

MOST_FILES = 200
_LONGEST_NAME = 200


def attachment_answer(context: AnswerContext, found: ReadAttachment, offset: int = 0) -> str:
    """What the attachment is, and its text if it has one that can be shown."""
    return framed_page(attachment_block(context, found), offset)


def attachment_block(context: AnswerContext, found: ReadAttachment) -> str:
    """What `attachment_answer` tells, in one piece and not marked as data: the text follows the first empty line."""
    attachment, text = found.attachment, found.text
    lines = [file_line(attachment)]
    if attachment.item:
        lines += _item_lines(context, attachment.item)
        inside = [as_attachment(file, attachment) for file in attachment.item.files]
        lines += _files_inside("Attachments", inside, attachment.item.more_files, found.path)
    if found.archive is not None:
        return "\n".join([*lines, *_archive_lines(attachment, found.archive, found.path)])
    if found.picture is not None:
        scaled = f"Note: the picture below was made smaller, from {size_text(attachment.size or 0)}"
        return "\n".join([*lines, *([scaled] if found.picture.is_scaled else [])])
    if text is None:
        return "\n".join([*lines, "", _without_text(found)])
    subject = attachment.item.subject if attachment.item else None
    notes = [*removed_notes(text), *hidden_in_names([attachment.name, subject])]
    if found.file is not None:
        lines += _parts_line(found.path, found.file)
        notes = [*found.file.notes, *notes]
    if found.charset_guess:
        notes.insert(0, f"its charset is not given, or another one is; read as {found.charset_guess}, which is a guess")
    if notes:
        lines.append(f"Note: {'; '.join(notes)}")
    if found.only_links:
        return "\n".join([*lines, "Links:", *links_and_originals(text.links, text.text)])
    return "\n".join([*lines, "", text_or_why(text), *_links(text.links, found.path)])


def _links(links: Sequence[Link], path: str) -> list[str]:
    """Where the numbered links of a text go, and what tells the addresses that rewritten ones stand for."""
    if not links:
        return []
    is_rewritten = any(link.original for link in links)
    head = f'Links (n="{path}/links" gives the originals):' if is_rewritten else "Links:"
    return ["", head, *map(link_line, links)]


def saved_answer(saved: SavedFile) -> str:
    """Where a file was saved; its name comes from a sender."""
    name = framed_words(one_line(saved.path.name, _LONGEST_NAME))
    return f"Saved {size_text(saved.size)} in {saved.path.parent} as {name}.{removed_files(saved)}"


def removed_files(saved: SavedFile) -> str:
    """A sentence on what was deleted first; "" for nothing.

    >>> from pathlib import Path
    >>> removed_files(SavedFile(Path("a.pdf"), 5, removed=1))
    ' Deleted 1 unfinished file that an earlier save had left there.'
    """
    left = counted(saved.removed, "unfinished file")
    return f" Deleted {left} that an earlier save had left there." if saved.removed else ""


def _item_lines(context: AnswerContext, item: AttachedItem) -> list[str]:
    """The headers of an attached mail, appointment or contact, as far as it has them."""
    lines = [f"Subject: {one_line(item.subject, LONGEST_SUBJECT)}"] if item.subject else []
    if item.from_:
        when = f", {context.time(item.sent_date_time)}" if item.sent_date_time else ""
        lines.append(f"From: {full_name(item.from_.email_address)}{when}")
    for label, people in (("To", item.to_recipients), ("Cc", item.cc_recipients)):
        if people:
            lines.append(f"{label}: {recipients_line(context, people)}")
    return lines


def _files_inside(label: str, files: Sequence[Attachment], more: int, path: str) -> list[str]:
    """The files of an attached mail or archive, with the paths that read them."""
    if not files:
        return []
    names = "; ".join(f"{path}/{number}: {file_line(file)}" for number, file in enumerate(files[:MOST_FILES], 1))
    more += max(0, len(files) - MOST_FILES)
    return [f"{label}: {names}" + (f"; and {more} more" if more else "")]


def _archive_lines(attachment: Attachment, archive: Listing, path: str) -> list[str]:
    files = [as_attachment(member, attachment) for member in archive.members]
    note = "all" if archive.locked >= len(files) + archive.more else str(archive.locked)
    locked = [f"Note: {note} of its files are protected by a password and cannot be read"] if archive.locked else []
    return [*locked, *(_files_inside("Files", files, archive.more, path) or ["It holds no files."])]


def _parts_line(path: str, file: FileText) -> list[str]:
    """How many pages, slides or sheets a file has, which of them are here, and how to read the others."""
    if not file.unit:
        return []
    unit = file.unit if file.parts == 1 else f"{file.unit}s"
    told = f"{file.parts} {unit}"
    if file.first > 1 or file.last < file.parts:
        told += f", of which {file.first} to {file.last} are here"
    if file.last < file.parts:
        told += f'; n="{path}/{file.last + 1}" begins at {file.unit} {file.last + 1}'
    return [told]


def why_unread(found: ReadAttachment) -> str:
    """Why its content is not shown."""
    return found.unread.reason or unreadable_reason(found.attachment, found.kind)


def _without_text(found: ReadAttachment) -> str:
    """Why the content is not shown, and what helps."""
    told = f"(its content cannot be shown: {why_unread(found)})"
    return f"{told}\n{found.unread.next_step}" if found.unread.next_step else told
