"""The categories that a user has set up for their mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page, WireModel


class _MasterCategory(WireModel, frozen=True, kw_only=True):
    display_name: str | None = None


class CategoryList(NamedTuple):
    """The names in the list of a mailbox; empty when they could not be read."""

    names: Sequence[str] = ()

    def missing(self, wanted: Sequence[str]) -> list[str]:
        """Those of `wanted` that are not in the list, in which case makes no difference; none for an empty list.

        >>> CategoryList(("Red", "Blue")).missing(["red", "Rot"])
        ['Rot']
        """
        known = {name.casefold() for name in self.names}
        return [name for name in wanted if known and name.casefold() not in known]


NO_CATEGORIES = CategoryList()


async def category_list(graph: GraphClient) -> CategoryList:
    """Empty when it cannot be read, which needs the permission MailboxSettings.Read: nothing depends on it.

    https://learn.microsoft.com/graph/api/outlookuser-list-mastercategories
    """
    try:
        (answer,) = await graph.answers_to([graph.request(graph.me.outlook.master_categories)])
        listed = answer.decode(Page[_MasterCategory]).value if answer.is_success else []
    except GraphError:
        return CategoryList()
    return CategoryList([category.display_name for category in listed if category.display_name])
