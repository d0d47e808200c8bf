"""Find people."""

from outlook_mcp.contacts.answers import people_answer
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox, permitted_sources


@email_tool(toolset="contacts-read", reads_only=True)
async def people_search(call: Call, text: str, account: str | None = None) -> str:
    """Find contacts and colleagues."""
    workspace = await callers_mailbox(call, account)
    search = workspace.people_search(await permitted_sources(call))
    return people_answer(answer_context(call, workspace), await search.people_like(text))
