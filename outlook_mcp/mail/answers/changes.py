"""The outcome of a change: one line for all messages that were changed, one for each that was not."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.errors import by_reason
from outlook_mcp.answers.frame import framed, framed_page
from outlook_mcp.answers.hidden_text import removed_notes, text_or_why
from outlook_mcp.answers.subjects import subject_line
from outlook_mcp.errors import NOTHING_CHANGED
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.errors import UNKNOWN_CHANGE
from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.answers.bulk import chosen_answer, rest_lines
from outlook_mcp.mail.answers.categories import made_category_lines, missing_category_lines
from outlook_mcp.mail.answers.files import file_line
from outlook_mcp.mail.answers.headers import header_lines, recipients_line
from outlook_mcp.mail.answers.reading import terms_lines
from outlook_mcp.mail.answers.tips import tip_lines
from outlook_mcp.mail.bulk.changes import NO_REST, ChosenMessages, Rest
from outlook_mcp.mail.drafts.drafts import SavedDraft
from outlook_mcp.mail.drafts.holding import TAKE_BACK, HeldMessage, TakenBack
from outlook_mcp.mail.drafts.recipient_fields import RecipientChanges
from outlook_mcp.mail.drafts.send_requests import SendOutcome
from outlook_mcp.mail.drafts.sending import UnsentDraft
from outlook_mcp.mail.folder_names import folder_label
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_changes import EVERY_CATEGORY
from outlook_mcp.mail.messages import DeletedMessages, MovedMessages, UpdatedMessages
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.text.characters import one_line

# So many ids are all written out; of more only the first few.
_MOST_NAMED, _FIRST_NAMED = 50, 5


def updated_answer(context: AnswerContext, updated: UpdatedMessages | ChosenMessages) -> str:
    """Which messages were marked, and how; or which would be."""
    if isinstance(updated, ChosenMessages):
        return chosen_answer(context, updated)
    change = updated.change
    absent = updated.absent
    removed = tuple(name for name in change.remove_categories if name not in absent)
    changes = {
        "read": change.read,
        "flag": _flag_of(updated),
        "categories added": change.add_categories,
        "categories removed": ("all",) if EVERY_CATEGORY in removed else removed,
        "importance": change.importance,
        "focused": change.focused,
    }
    given = [f"{name} {_shown(value)}" for name, value in changes.items() if value not in (None, ())]
    done = f"Updated ({'; '.join(given)})" if given else "Unchanged"
    lines = [outcomes_answer(context, updated.results, done, rest=updated.rest)]
    if absent and any(result.is_done for result in updated.results):
        names = ", ".join(one_line(name, 40) for name in absent)
        lines.append(f"None of these messages had the category {names}, so it was not removed.")
    lines += _receipt_lines(context, updated)
    listed = updated.category_list
    return "\n".join([*lines, *made_category_lines(listed), *missing_category_lines(listed, change.add_categories)])


def _receipt_lines(context: AnswerContext, updated: UpdatedMessages) -> list[str]:
    """Marking as read has Exchange send the receipt that a sender asked for, which Graph gives no way to keep back.

    https://github.com/microsoftgraph/msgraph-sdk-php/issues/1169
    """
    asked = [result for result in updated.results if updated.change.read and _asks_for_receipt(context, result)]
    told = "Exchange may have told the sender that it was read, as they asked for a receipt:"
    return [f"{told} {_ids(context, asked)}."] if asked else []


def _asks_for_receipt(context: AnswerContext, result: MessageResult) -> bool:
    message = result.message if result.is_done else None
    return bool(message and message.is_read_receipt_requested and not context.is_me(message.author.address))


def _flag_of(updated: UpdatedMessages) -> str | None:
    days = updated.days
    return f"flagged from {days.start} on, due {days.due}" if days else updated.change.flag


def moved_answer(context: AnswerContext, moved: MovedMessages | ChosenMessages) -> str:
    """Which messages are in the folder now; or which would be."""
    if isinstance(moved, ChosenMessages):
        return chosen_answer(context, moved)
    done = f"{'Copied' if moved.is_copy else 'Moved'} to {folder_label(moved.folder)}"
    new_id = "copy" if moved.is_copy else "now"
    told = outcomes_answer(context, moved.results, done, new_id=new_id, rest=moved.rest)
    # In Outlook, "Report junk" offers to block the sender as well.
    is_junk = moved.folder.well_known == "junkemail" and any(result.is_done for result in moved.results)
    return f"{told}\nTheir senders are not blocked." if is_junk else told


def deleted_answer(context: AnswerContext, deleted: DeletedMessages | ChosenMessages) -> str:
    """Which messages are in Deleted Items now, or gone; or which would be."""
    if isinstance(deleted, ChosenMessages):
        return chosen_answer(context, deleted)
    done = "Deleted permanently" if deleted.is_permanent else "Moved to Deleted Items"
    return outcomes_answer(context, deleted.results, done, rest=deleted.rest)


def outcomes_answer(
    context: AnswerContext,
    results: Sequence[MessageResult],
    done: str,
    *,
    new_id: str = "now",
    rest: Rest = NO_REST,
) -> str:
    """`done` says what was done, such as `Moved to Archive`; `new_id` is put before a new id: `now` or `copy`.

    Raises the error when all failed for the same reason.
    """
    failed = [result for result in results if result.error is not None]
    reasons = by_reason((result, context.error_text(result.error)) for result in failed if result.error is not None)
    if len(failed) == len(results) and len(reasons) == 1 and failed[0].error is not None:
        raise failed[0].error
    lines = []
    good = [result for result in results if result.error is None]
    if good:
        lines.append(f"{one_line(done, 200)}: {_ids(context, good, new_id)}.")
    lines += [*failure_lines(context, failed, done), *rest_lines(rest)]
    return "\n".join(lines) or "Nothing was changed: no message was named."


def failure_lines(context: AnswerContext, failed: Sequence[MessageResult], done: str) -> list[str]:
    """One line for all messages that failed for the same reason, with what support asks for of the first of them."""
    maybe = f"May or may not have been {one_line(done[:1].lower() + done[1:], 200)}:"
    told = [(result, context.error_text(result.error)) for result in failed if result.error is not None]
    # Of others something was changed, perhaps.
    known = by_reason(
        (result, reason.replace(f" {NOTHING_CHANGED}", "")) for result, reason in told if not result.is_open
    )
    unclear = by_reason((result, reason.replace(f" {UNKNOWN_CHANGE}", "")) for result, reason in told if result.is_open)
    return [f"Not changed {_ids(context, some)}: {reason}" for some, reason in known] + [
        f"{maybe} {_ids(context, some)}: {reason}" for some, reason in unclear
    ]


def _ids(context: AnswerContext, results: Sequence[MessageResult], new_id: str = "now") -> str:
    """Every id; of many how many there are, and the first few."""
    if len(results) <= _MOST_NAMED:
        return ", ".join(_id(context, result, new_id) for result in results)
    first = ", ".join(_id(context, result, new_id) for result in results[:_FIRST_NAMED])
    return f"{counted(len(results), 'message')} ({first} and {len(results) - _FIRST_NAMED:,} more)"


def draft_answer(context: AnswerContext, saved: SavedDraft) -> str:
    """A saved draft as its readers will see it; its text only when it was written by this call."""
    lines = [*header_lines(context, saved.message, all_people=True), *terms_lines(saved.terms)]
    lines += [*_file_lines(saved.attachments), *sending_lines(context, saved.message)]
    lines += tip_lines(context, saved.tips)
    if saved.refused:
        lines.append(f"Warning: {one_line(saved.refused, 300)} It will not be sent.")
    lines += _people_lines(context, saved.people)
    if saved.text is not None:
        if saved.text.cut_chars:
            lines.append(f"Below the text: {counted(saved.text.cut_chars, 'character of quoted mail')}.")
        if notes := removed_notes(saved.text):
            lines.append(f"Note: {'; '.join(notes)}")
        lines += ["", text_or_why(saved.text)]
    else:
        lines.append(_text_not_shown(context, saved.message))
    handle = context.handle(saved.message.id)
    told = f"Draft {handle} is saved, nothing was sent."
    if saved.terms is not None:
        told += f" To send it: {_send_call(handle)}."
    elif saved.unread is None and not saved.message.recipients:
        told += f' It goes to nobody yet: give `to` with draft_save(id="{handle}").'
    if saved.unread is not None:
        told += (
            f" Not all of it could be read afterwards ({context.error_text(saved.unread)}): look at it with "
            f'mail_read(ids=["{handle}"]) before sending it.'
        )
    page = framed_page("\n".join(lines))
    return f"{told}\n{page}"


def _text_not_shown(context: AnswerContext, message: Message) -> str:
    """Where the text of a draft is read, so that an answer without it does not look as if there were none."""
    return f'Text: not shown here; mail_read(ids=["{context.handle(message.id)}"]) shows it.'


def _file_lines(attachments: Sequence[Attachment]) -> list[str]:
    """Every file that goes out, those inside the text too."""
    return [f"Attachments: {'; '.join(map(file_line, attachments))}"] if attachments else []


def sending_lines(context: AnswerContext, message: Message) -> list[str]:
    """Whom it comes from when that is not the mailbox, and the receipts it asks for."""
    lines = []
    sender = message.author.address
    if sender and sender.lower() != context.mailbox_address.lower():
        lines.append(
            f"Comes from {one_line(sender, 120)}, not from this mailbox: Exchange decides on sending whether it may."
        )
    asked = {"read": message.is_read_receipt_requested, "delivery": message.is_delivery_receipt_requested}
    if kinds := [kind for kind, is_asked in asked.items() if is_asked]:
        lines.append(f"Asks for a receipt of {' and '.join(kinds)}.")
    return lines


def _people_lines(context: AnswerContext, people: RecipientChanges) -> list[str]:
    """Who is no recipient any more, and who stands in another field than before or in one field of several."""
    by_fields: dict[tuple[str, str], list[Recipient]] = {}
    for moved in people.moved:
        by_fields.setdefault((moved.label, moved.not_in), []).append(moved.recipient)
    lines = [
        f"In {label}, not in {not_in}: {recipients_line(context, recipients, show_all=True)}"
        for (label, not_in), recipients in by_fields.items()
    ]
    if people.dropped:
        lines.append(f"No longer a recipient: {recipients_line(context, people.dropped, show_all=True)}")
    return lines


def _send_call(handle: str) -> str:
    return f'mail_send(draft="{handle}", to=[those at "Goes to"], check=the one below)'


def _unsent_answer(context: AnswerContext, unsent: UnsentDraft) -> str:
    """Who would get a draft that was not sent, and its check, without its text."""
    handle = context.handle(unsent.message.id)
    lines = [*header_lines(context, unsent.message, all_people=True), *terms_lines(unsent.terms)]
    lines += [*_file_lines(unsent.message.attachments), *sending_lines(context, unsent.message)]
    lines.append(_text_not_shown(context, unsent.message))
    told = f"Nothing was sent. Once the user agrees to the draft and who gets it: {_send_call(handle)}."
    return f"{told}\n{framed_page(chr(10).join(lines))}"


def sent_answer(context: AnswerContext, sent: SendOutcome) -> str:
    """What was sent, to whom. In a reply both may come from the other sender, so they are framed."""
    if isinstance(sent, UnsentDraft):
        return _unsent_answer(context, sent)
    if isinstance(sent, TakenBack):
        return _taken_back_answer(context, sent)
    subject = subject_line(sent.message.subject, 120)
    everybody = recipients_line(context, sent.message.recipients, show_all=True) or "nobody"
    cancel = f'mail_send(draft="{context.handle(sent.message.id)}", at="{TAKE_BACK}") takes it back'
    if isinstance(sent, HeldMessage):
        seconds = max(0, round((sent.due - context.now).total_seconds()))
        told = f"The message is held and goes out by itself in {seconds} seconds. Until then {cancel}."
        return f"{told}\n{framed(f'Held {subject!r} to {everybody}.')}"
    if sent.until is not None:
        told = (
            f"Exchange holds the message until {context.time(sent.until)} and sends it then or some minutes later, "
            f"also when this server is off. Until then {cancel}."
        )
        return f"{told}\n{framed(f'Held {subject!r} to {everybody}.')}"
    return f"The message was sent.\n{framed(f'Sent {subject!r} to {everybody}.')}"


def _taken_back_answer(context: AnswerContext, taken: TakenBack) -> str:
    handle = context.handle(taken.message_id)
    if taken.in_deleted:
        return (
            f"The message was taken back and will not be sent. It is {handle} in Deleted Items: move it to drafts to "
            'change it or send it later (at="now" sends it without its old time).'
        )
    return f"The message was taken back and will not be sent. Draft {handle} is kept as it was."


def _id(context: AnswerContext, result: MessageResult, new_id: str) -> str:
    old = context.handle(result.id)
    if result.message is None or result.message.id == result.id:
        return old
    return f"{old} ({new_id} {context.handle(result.message.id)})"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
