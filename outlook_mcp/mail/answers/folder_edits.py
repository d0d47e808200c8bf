"""What was done with a folder."""

from __future__ import annotations

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed, framed_words
from outlook_mcp.errors.counting import counted
from outlook_mcp.mail.answers.changes import failure_lines
from outlook_mcp.mail.answers.headers import sender_and_subject
from outlook_mcp.mail.folder_edits.editor import EditedFolder
from outlook_mcp.mail.folder_edits.emptying import EmptiedFolder, FullFolder
from outlook_mcp.mail.folder_names import folder_label
from outlook_mcp.mail.models import Message
from outlook_mcp.text.characters import one_line

_MOST_SHOWN = 10


def edited_folder_answer(context: AnswerContext, edited: EditedFolder | FullFolder | EmptiedFolder) -> str:
    """What was done with a folder; of one to be emptied what would be done, and how to confirm it."""
    if isinstance(edited, FullFolder):
        return _full_answer(context, edited)
    return _changed_answer(edited) if isinstance(edited, EditedFolder) else _emptied_answer(context, edited)


def _changed_answer(edited: EditedFolder) -> str:
    label = folder_label(edited.folder)
    if edited.was_there:
        return f"{label} is there already. Nothing was changed."
    if edited.before is not None:
        return f"{edited.done}: {folder_label(edited.before)}, now {label}."
    made = [one_line(name, 80) for name in edited.made]
    more = f" New folders: {framed_words(', '.join(made))}." if len(made) > 1 else ""
    return f"{edited.done}: {label}.{more}"


def _emptied_answer(context: AnswerContext, emptied: EmptiedFolder) -> str:
    label = folder_label(emptied.folder)
    for result in emptied.results:
        # Not shown one by one, but on record.
        context.handle(result.id)
    failed = [result for result in emptied.results if result.error is not None]
    done = len(emptied.results) - len(failed)
    lines = [f"Moved {counted(done, 'message')} of {label} to Deleted Items."] if done else []
    lines += failure_lines(context, failed, "Moved to Deleted Items")
    if emptied.has_more:
        lines.append("It held more than one call moves: for the others begin again without confirm.")
    return "\n".join(lines) or f"{label} has no messages."


def _full_answer(context: AnswerContext, full: FullFolder) -> str:
    label = folder_label(full.folder)
    what = ("the newest " if full.has_more else "") + counted(len(full.messages), "message")
    lines = []
    if full.was_refused:
        lines.append("The code does not fit: the folder has changed since, or it is older than 10 minutes.")
    lines.append(
        f"Nothing was moved yet. {what[0].upper()}{what[1:]} of {label} would go to Deleted Items, newest first:"
    )
    lines.append(framed("\n".join(_line(context, message) for message in full.messages[:_MOST_SHOWN])))
    if len(full.messages) > _MOST_SHOWN:
        lines.append(f"and {len(full.messages) - _MOST_SHOWN:,} more.")
    if full.below:
        lines.append(f"{counted(full.below, 'folder')} in it will stay.")
    lines.append(f'Once the user agrees: the same call with confirm="{full.code}".')
    return "\n".join(lines)


def _line(context: AnswerContext, message: Message) -> str:
    moment = f"{context.time(message.received_date_time)} " if message.received_date_time else ""
    return moment + sender_and_subject(message)
