"""The tools, in the order in which clients see them."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import BY_NAME, covers, scopes_of_toolsets
from outlook_mcp.server.declare import EmailTool
from outlook_mcp.tools.calendar_list import calendar_list
from outlook_mcp.tools.contact_save import contact_save
from outlook_mcp.tools.draft_save import draft_save
from outlook_mcp.tools.event_delete import event_delete
from outlook_mcp.tools.event_read import event_read
from outlook_mcp.tools.event_save import event_save
from outlook_mcp.tools.event_send import event_send
from outlook_mcp.tools.find_time import find_time
from outlook_mcp.tools.folder_edit import folder_edit
from outlook_mcp.tools.mail_attachment import mail_attachment
from outlook_mcp.tools.mail_changes import mail_changes
from outlook_mcp.tools.mail_delete import mail_delete
from outlook_mcp.tools.mail_export import mail_export
from outlook_mcp.tools.mail_folders import mail_folders
from outlook_mcp.tools.mail_move import mail_move
from outlook_mcp.tools.mail_read import mail_read
from outlook_mcp.tools.mail_search import mail_search
from outlook_mcp.tools.mail_send import mail_send
from outlook_mcp.tools.mail_update import mail_update
from outlook_mcp.tools.people_search import people_search
from outlook_mcp.tools.rules import rules
from outlook_mcp.tools.settings import settings
from outlook_mcp.tools.unsubscribe import unsubscribe

CATALOGUE: tuple[EmailTool, ...] = (
    mail_search,
    mail_read,
    mail_folders,
    mail_attachment,
    mail_update,
    mail_move,
    mail_delete,
    draft_save,
    mail_send,
    mail_changes,
    mail_export,
    folder_edit,
    settings,
    rules,
    unsubscribe,
    calendar_list,
    event_read,
    find_time,
    event_save,
    event_delete,
    event_send,
    people_search,
    contact_save,
)


class EmailTools:
    """The tools that one configuration offers.

    `permissions` are the Graph permissions that there will ever be, where a client cannot ask for more: tools that need
    others are left out. `own` are tools of other distributions. `saves_files`: a folder is allowed, so that some tools
    are listed as writing. `structured`: they list output schemas, and their answers have structured content.
    Raises ConfigurationError for an unknown toolset, for two tools of one name, and when no tool is left.
    """

    def __init__(
        self,
        toolsets: Sequence[str],
        *,
        read_only: bool,
        permissions: Sequence[str] | None = None,
        own: Sequence[EmailTool] = (),
        saves_files: bool = False,
        structured: bool = False,
    ) -> None:
        scopes = scopes_of_toolsets(toolsets)
        known = (*CATALOGUE, *own)
        _require_different_names(known)
        shown = [tool.with_folders() if saves_files else tool for tool in known]
        self.offered = tuple(
            tool.with_fields() if structured else tool
            for tool in shown
            if tool.scope in scopes
            and (tool.reads_only or not read_only)
            and (permissions is None or covers(permissions, BY_NAME[tool.scope].graph))
        )
        if not self.offered:
            raise ConfigurationError(
                f"No tool of the toolsets {' '.join(toolsets)} works with the Graph permissions "
                f"{' '.join(permissions or ())}.",
                next_step="Correct the settings scopes and toolsets.",
            )


def _require_different_names(tools: Sequence[EmailTool]) -> None:
    names = [tool.name for tool in tools]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(
                f"own_tools: there are two tools of the name {name!r}.",
                next_step="Take one out of the setting, or call its function otherwise.",
            )
