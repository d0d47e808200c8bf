"""Export messages as files."""

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lazy import exported_answer, exported_fields
from outlook_mcp.server.answer import Answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.links import links_for, source_link
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.targets import query_of

_MOST_LINKS = 10


@email_tool(toolset="mail-sync", reads_only=True, saves_files=True, fields=exported_fields)
async def mail_export(
    call: Call,
    ids: Annotated[list[Handle] | None, Field(max_length=1000)] = None,
    where: dict[str, Any] | None = None,
    account: str | None = None,
) -> Answer:
    """Export messages."""
    if bool(ids) == bool(where):
        raise InvalidInput("mail_export takes `ids` or `where`, the fields of a search.", next_step="Give one of them.")
    chosen = ids or query_of("mail_export", where or {})
    workspace = await callers_mailbox(call, account)
    exports = workspace.exports_telling(partial(_tell_progress, call))
    context, exported = answer_context(call, workspace), await exports.export_messages(chosen)
    fetched = exported.ids[:_MOST_LINKS] if exported.file is None else ()
    links = links_for(call, [source_link(context.handle(found), account) for found in fetched])
    return Answer(exported_answer(context, exported, account), (context, exported), links)


async def _tell_progress(call: Call, done: int, total: int) -> None:
    """To clients that asked for it."""
    await call.report_progress(done, total)
