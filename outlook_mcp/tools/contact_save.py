"""Create, change or delete a contact."""

from typing import Annotated

from pydantic import Field

from outlook_mcp.contacts.graph_area import CONTACTS
from outlook_mcp.contacts.lazy import ContactChange, saved_answer, saved_fields
from outlook_mcp.graph.ids import Handle
from outlook_mcp.server.answer import Answer, answered
from outlook_mcp.server.declare import email_tool
from outlook_mcp.server.services import Call, answer_context, callers_mailbox


@email_tool(toolset="contacts-write", destructive=True, after_deadline=CONTACTS.look_first, fields=saved_fields)
async def contact_save(
    call: Call,
    id: Handle | None = None,
    delete: bool = False,
    name: str | None = None,
    emails: list[str] | None = None,
    phones: Annotated[list[str] | None, Field(description="`mobile +49 1`")] = None,
    company: str | None = None,
    job_title: str | None = None,
    home_address: str | None = None,
    work_address: str | None = None,
    birthday: str | None = None,
    notes: str | None = None,
    folder: str | None = None,
    account: str | None = None,
) -> Answer:
    """Save or delete a contact. Lists replace."""
    workspace = await callers_mailbox(call, account)
    change = ContactChange(
        name=name,
        emails=emails,
        phones=phones,
        company=company,
        title=job_title,
        home_address=home_address,
        work_address=work_address,
        birthday=birthday,
        notes=notes,
    )
    saved = await workspace.contacts.save_contact(change, contact=id, delete=delete, folder=folder)
    return answered(saved_answer, answer_context(call, workspace), saved)
