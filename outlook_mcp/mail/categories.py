"""The names of the categories that a user has set up for their mailbox."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page, WireModel


class _MasterCategory(WireModel, frozen=True, kw_only=True):
    display_name: str | None = None


async def category_names(graph: GraphClient) -> Sequence[str]:
    """Empty when they cannot be read, which needs the permission MailboxSettings.Read.

    https://learn.microsoft.com/graph/api/outlookuser-list-mastercategories
    """
    (answer,) = await graph.answers_to([graph.request(graph.me.outlook.master_categories)])
    if not answer.is_success:
        return ()
    return [category.display_name for category in answer.decode(Page[_MasterCategory]).value if category.display_name]
