"""One attachment: what it is, its text, and the files of a mail in it."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed_page
from outlook_mcp.answers.people import full_name
from outlook_mcp.mail.answers.files import file_line, unreadable_reason
from outlook_mcp.mail.answers.reading import LONGEST_SUBJECT, hidden_in_names, link_line, recipients_line, removed_notes
from outlook_mcp.mail.attachments import ReadAttachment
from outlook_mcp.mail.models import AttachedItem, Attachment
from outlook_mcp.text.characters import one_line


def attachment_answer(context: AnswerContext, found: ReadAttachment, offset: int = 0) -> str:
    """What it is, and its text if it has one that can be shown."""
    attachment, text = found.attachment, found.text
    lines = [file_line(attachment)]
    if attachment.item:
        lines += _item_lines(context, attachment.item)
        lines += _files_inside(attachment, attachment.item, found.first_inside)
    if text is None:
        reason = unreadable_reason(attachment)
        return framed_page("\n".join([*lines, "", f"(its content cannot be shown: {reason})"]), offset)
    subject = attachment.item.subject if attachment.item else None
    notes = [*removed_notes(text), *hidden_in_names([attachment.name, subject])]
    if found.charset_guess:
        notes.insert(0, f"its charset is not given, or another one is; read as {found.charset_guess}, which is a guess")
    if notes:
        lines.append(f"Note: {'; '.join(notes)}")
    # Attachments have no view of their own for links.
    links = ["", "Links:", *map(link_line, text.links)] if text.links else []
    return framed_page("\n".join([*lines, "", text.text or "(no text)", *links]), offset)


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


def _files_inside(attachment: Attachment, item: AttachedItem, first: int) -> list[str]:
    """The files of an attached mail, with the numbers that read them."""
    if not item.files:
        return []
    files = [
        Attachment(
            id=attachment.id,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            is_inline=file.is_inline,
        )
        for file in item.files
    ]
    if not first:
        names = "; ".join(map(file_line, files))
        return [f"Files in it, not readable here: {names}"]
    names = "; ".join(f"{first + place}: {file_line(file)}" for place, file in enumerate(files[:99]))
    more = item.more_files + max(0, len(files) - 99)
    return [f"Attachments: {names}" + (f"; and {more} more" if more else "")]
