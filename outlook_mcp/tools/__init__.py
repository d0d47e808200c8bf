"""The tools, in the order in which clients see them."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.server.declare import EmailTool
from outlook_mcp.tools.draft_save import draft_save
from outlook_mcp.tools.mail_attachment import mail_attachment
from outlook_mcp.tools.mail_delete import mail_delete
from outlook_mcp.tools.mail_folders import mail_folders
from outlook_mcp.tools.mail_move import mail_move
from outlook_mcp.tools.mail_read import mail_read
from outlook_mcp.tools.mail_search import mail_search
from outlook_mcp.tools.mail_send import mail_send
from outlook_mcp.tools.mail_update import mail_update

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
)


class EmailTools:
    """The tools one configuration offers."""

    def __init__(self, toolsets: Sequence[str], *, read_only: bool) -> None:
        self.offered = tuple(
            tool for tool in CATALOGUE if tool.toolset in toolsets and (tool.reads_only or not read_only)
        )
