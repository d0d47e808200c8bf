"""One contact."""

from outlook_mcp.contacts.answers import contact_answer
from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_resource("outlook://me/contacts/{id}", toolset="contacts-read")
async def contact(call: Call, id: str) -> str:
    """One contact of the user as text."""
    workspace = await callers_mailbox(call)
    return contact_answer(answer_context(call, workspace), await workspace.contacts.read_contact(Handle(id)))
