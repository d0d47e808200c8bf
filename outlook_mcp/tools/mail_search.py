"""Find messages."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.lazy import found_answer, found_fields
from outlook_mcp.mail.search.mail_query import MailQuery, Where
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, mailbox_with_calendar


@email_tool(toolset="mail-read", reads_only=True, fields=found_fields)
async def mail_search(
    call: Call,
    text: Annotated[str | None, Field(description='Words; "a phrase"; -word excludes')] = None,
    sender: Annotated[str | None, Field(description="Name, address or `me`")] = None,
    to: str | None = None,
    subject: str | None = None,
    folder: Annotated[str, Field(description="Name, path or `all`")] = "inbox",
    after: Annotated[str | None, Field(description="ISO date or time, or age: 7d, 12h")] = None,
    before: str | None = None,
    unread: bool | None = None,
    flagged: bool | None = None,
    attachments: bool | None = None,
    category: str | None = None,
    # `in` is a keyword of Python.
    within: Annotated[Where | None, Field(validation_alias="in")] = None,
    has_file: Annotated[str | None, Field(description="*.pdf")] = None,
    thread_of: Handle | None = None,
    oldest_first: bool = False,
    limit: Annotated[int, Field(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Field(description="Goes on; repeat the other arguments")] = None,
    account: str | None = None,
) -> Answer:
    """Find or list messages."""
    query = MailQuery(text=text, sender=sender, to=to, subject=subject, folder=folder, within=within, limit=limit)
    query = replace(query, after=after, before=before, unread=unread, flagged=flagged, attachments=attachments)
    query = replace(query, category=category, has_file=has_file, thread_of=thread_of, oldest_first=oldest_first)
    workspace = await mailbox_with_calendar(call, account)
    found = await workspace.search.search_messages(query, cursor)
    return answered(found_answer, answer_context(call, workspace), found)
