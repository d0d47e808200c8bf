"""Resources: the caller's folders, and one message by its id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from outlook_mcp.errors import InvalidInput, NotFound, OutlookError
from outlook_mcp.mail.answers import error_text, folders_answer
from outlook_mcp.server.services import Services, answer_context
from outlook_mcp.workspace.reading import read
from outlook_mcp.workspace.workspace import EmailWorkspace


class EmailResources:
    """What a client can attach to a conversation without a tool call."""

    scope = "mail.read"

    def register(self, server: MCPServer[Services]) -> None:
        template = server.resource(
            "outlook://me/folders{?under}", name="folders", description="Folders with counts.", mime_type="text/plain"
        )
        template(folders)
        server.resource(
            "outlook://me/messages/{id}", name="message", description="One message as text.", mime_type="text/plain"
        )(message)


async def folders(context: Context[Services, Any], under: str | None = None) -> str:
    """The folder tree of the user who is calling."""
    try:
        mailbox = await _readable_mailbox(context)
        return folders_answer(await mailbox.folders.tree(under))
    except OutlookError as error:
        raise _resource_error(error) from None


async def message(id: str, context: Context[Services, Any]) -> str:
    """One message of the user who is calling."""
    try:
        mailbox = await _readable_mailbox(context)
        # A resource has no offset.
        answers = replace(answer_context(mailbox), read_on_with='mail_read, view="full"')
        return await read(mailbox, answers, [id], view="full")
    except OutlookError as error:
        raise _resource_error(error) from None


async def _readable_mailbox(context: Context[Services, Any]) -> EmailWorkspace:
    services = context.request_context.lifespan_context
    await services.require_scope(EmailResources.scope)
    return await services.mailbox()


def _resource_error(error: OutlookError) -> ResourceError:
    if isinstance(error, NotFound | InvalidInput):
        return ResourceNotFoundError(error_text(error))
    return ResourceError(error_text(error))
