"""The newest messages of a folder."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.lazy import found_answer
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, mailbox_with_calendar
from outlook_mcp.server.suggestions import accounts, category_names, folder_names, senders

_CHOICES = {"": None, "true": True, "false": False}


@email_resource(
    "outlook://me/messages{?folder,unread,sender,category,account}",
    toolset="mail-read",
    suggestions={
        "folder": folder_names,
        "unread": ("true", "false"),
        "sender": senders,
        "category": category_names,
        "account": accounts,
    },
)
async def messages(
    call: Call, folder: str = "inbox", unread: str = "", sender: str = "", category: str = "", account: str = ""
) -> str:
    """The newest messages of a folder, one a line; without a folder those of the inbox."""
    workspace = await mailbox_with_calendar(call, account or None)
    given = {"sender": sender, "category": category, "account": account}
    context, query = newest_page(answer_context(call, workspace), folder or "inbox", unread, given)
    return found_answer(context, await workspace.search.search_messages(query))


def newest_page(
    context: AnswerContext, folder: str, unread: str, more: Mapping[str, str] = MappingProxyType({})
) -> tuple[AnswerContext, MailQuery]:
    """The query of a page and the context of its answer; `unread` is "true", "false" or empty for all.

    `more` are other arguments of `mail_search`, empty where they are not given.
    """
    if unread not in _CHOICES:
        raise InvalidInput("`unread` is true or false.")
    query = MailQuery(
        folder=folder,
        unread=_CHOICES[unread],
        sender=more.get("sender") or None,
        category=more.get("category") or None,
    )
    given = [f'folder="{query.folder}"', *([f"unread={unread}"] if unread else [])]
    given += [f'{name}="{value}"' for name, value in more.items() if value]
    # A resource gives one page; the others are read with the tool that takes the cursor.
    return replace(context, read_on_with=", ".join(["mail_search", *given])), query
