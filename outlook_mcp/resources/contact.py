"""One contact."""

from outlook_mcp.contacts.lazy import contact_answer
from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.declare import email_resource
from outlook_mcp.server.services import Call, answer_context, callers_mailbox
from outlook_mcp.server.suggestions import accounts


@email_resource("outlook://me/contacts/{id}{?account}", toolset="contacts-read", suggestions={"account": accounts})
async def contact(call: Call, id: str, account: str = "") -> str:
    """One contact of the user as text."""
    workspace = await callers_mailbox(call, account or None)
    return contact_answer(answer_context(call, workspace), await workspace.contacts.read_contact(Handle(id)))
