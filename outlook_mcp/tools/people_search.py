"""Find people."""

from outlook_mcp.contacts.lazy import people_answer, people_fields
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, permitted_sources


@email_tool(toolset="contacts-read", reads_only=True, fields=people_fields)
async def people_search(call: Call, text: str, account: str | None = None) -> Answer:
    """Find people."""
    workspace = await callers_mailbox(call, account)
    search = workspace.people_search(await permitted_sources(call))
    return answered(people_answer, answer_context(call, workspace), await search.people_like(text))
