"""What became of a change: one line for all that went well, one for each that did not."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.errors import error_text
from outlook_mcp.answers.frame import framed, framed_page
from outlook_mcp.mail.answers.context import AnswerContext
from outlook_mcp.mail.answers.people import recipients_line
from outlook_mcp.mail.answers.reading import file_line, header_lines
from outlook_mcp.mail.messages import MessageResult
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.text.characters import one_line
from outlook_mcp.text.html.result import ConvertedText


def outcomes_answer(context: AnswerContext, results: Sequence[MessageResult], done: str, *, new_id: str = "now") -> str:
    """`done` says what was done, such as `Moved to Archive`; `new_id` what another id means: `now` or `copy`.

    Raises the error when all failed for the same reason.
    """
    errors = [result.error for result in results if result.error is not None]
    if errors and len(errors) == len(results) and len({error.code for error in errors}) == 1:
        raise errors[0]
    lines = []
    good = [result for result in results if result.error is None]
    if good:
        lines.append(f"{one_line(done, 200)}: {', '.join(_id(context, result, new_id) for result in good)}.")
    bad = [(result.id, result.error) for result in results if result.error is not None]
    lines += [f"Not changed {context.handle(one)}: {error_text(error)}" for one, error in bad]
    return "\n".join(lines) or "Nothing was changed: no message was named."


def draft_answer(
    context: AnswerContext, draft: Message, text: ConvertedText, attachments: Sequence[Attachment] = ()
) -> str:
    """A saved draft as its readers will see it."""
    lines = header_lines(context, draft)
    if attachments:
        lines.append(f"Attachments: {'; '.join(map(file_line, attachments))}")
    if text.cut_chars:
        lines.append(f"Below it stand {text.cut_chars:,} characters of earlier mail.")
    page = framed_page("\n".join([*lines, "", text.text or "(no text)"]))
    handle = context.handle(draft.id)
    return f"Draft {handle} is saved, nothing was sent. To send it: mail_send(draft={handle}).\n{page}"


def sent_answer(context: AnswerContext, draft: Message) -> str:
    """What was sent, to whom; in an answer both are words of its sender."""
    subject = one_line(draft.subject or "", 120) or "(no subject)"
    sent = f"Sent {subject!r} to {recipients_line(context, draft.recipients) or 'nobody'}."
    return f"The message went out.\n{framed(sent)}"


def _id(context: AnswerContext, result: MessageResult, new_id: str) -> str:
    old = context.handle(result.id)
    if result.message is None or result.message.id == result.id:
        return old
    return f"{old} ({new_id} {context.handle(result.message.id)})"
