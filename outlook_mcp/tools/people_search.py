"""Find people."""

from outlook_mcp.contacts.answers import people_answer
from outlook_mcp.net.lean_imports import imported_on_use
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, permitted_sources

# The list of tools needs none of it.
with imported_on_use():
    from outlook_mcp.contacts.structured import people_fields


@email_tool(toolset="contacts-read", reads_only=True, fields=people_fields)
async def people_search(call: Call, text: str, account: str | None = None) -> Answer:
    """Find contacts and colleagues."""
    workspace = await callers_mailbox(call, account)
    search = workspace.people_search(await permitted_sources(call))
    return answered(people_answer, answer_context(call, workspace), await search.people_like(text))
