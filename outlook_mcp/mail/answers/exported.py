"""Where messages were exported to, and which were not."""

from __future__ import annotations

from urllib.parse import urlencode

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.errors import by_reason
from outlook_mcp.errors.counting import and_more, counted
from outlook_mcp.mail.answers.attachment import removed_files
from outlook_mcp.mail.answers.files import size_text
from outlook_mcp.mail.sync.export import MOST_MESSAGES, Exported

_MOST_ADDRESSES = 50


def exported_answer(context: AnswerContext, exported: Exported, account: str | None = None) -> str:
    """The file, or the resources that a client can fetch where no folder is allowed; then what is missing.

    `account` is the mailbox as the caller named it.
    """
    number = counted(len(exported.ids), "message")
    file = exported.file
    if file is not None:
        lines = [f"Saved {number} ({size_text(file.size)}) as {file.path}.{removed_files(file)}"]
    else:
        shown = exported.ids[:_MOST_ADDRESSES]
        lines = [f"No folder is allowed for files, so nothing was saved. The source of {number} can be fetched:"]
        of = f"?{urlencode({'account': account})}" if account else ""
        lines += [f"outlook://me/messages/{context.handle(message_id)}/source{of}" for message_id in shown]
        if len(exported.ids) > len(shown):
            lines.append(f"and {len(exported.ids) - len(shown)} more")
    told = [(context.handle(result.id), context.error_text(result.error)) for result in exported.failed if result.error]
    for handles, reason in by_reason(told):
        more = and_more(len(handles), _MOST_ADDRESSES)
        lines.append(f"Not saved: {', '.join(handles[:_MOST_ADDRESSES])}{more}: {reason}")
    if not exported.is_complete:
        lines.append(f"The search may find more: at most {MOST_MESSAGES:,} messages are exported at a time.")
    return "\n".join(lines)
