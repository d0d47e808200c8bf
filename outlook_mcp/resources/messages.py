"""The newest messages of a folder."""

from dataclasses import replace

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.answers import found_answer
from outlook_mcp.mail.folders import WELL_KNOWN
from outlook_mcp.mail.search.query import MailQuery
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, callers_mailbox

_CHOICES = {"": None, "true": True, "false": False}


@email_resource(
    "outlook://me/messages{?folder,unread}",
    toolset="mail-read",
    suggestions={"folder": (*WELL_KNOWN, "all"), "unread": ("true", "false")},
)
async def messages(call: Call, folder: str = "inbox", unread: str = "") -> str:
    """The newest messages of a folder, one a line; without a folder those of the inbox."""
    workspace = await callers_mailbox(call)
    context, query = newest_page(answer_context(call, workspace), folder or "inbox", unread)
    return found_answer(context, await workspace.search.search_messages(query))


def newest_page(context: AnswerContext, folder: str, unread: str) -> tuple[AnswerContext, MailQuery]:
    """The query of a page and the context of its answer; `unread` is "true", "false" or empty for all."""
    if unread not in _CHOICES:
        raise InvalidInput("`unread` is true or false.")
    query = MailQuery(folder=folder, unread=_CHOICES[unread])
    given = [f'folder="{query.folder}"', *([f"unread={unread}"] if unread else [])]
    # A resource gives one page; the others are read with the tool that takes the cursor.
    return replace(context, read_on_with=", ".join(["mail_search", *given])), query
