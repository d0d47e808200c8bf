"""Creates, recolours and deletes the categories of a mailbox. Graph cannot rename them.

https://learn.microsoft.com/graph/api/resources/outlookcategory
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.answers.frame import framed_names
from outlook_mcp.errors import NotFound
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.mailbox_settings.changes import DELETE, free_preset, preset_of
from outlook_mcp.mail.mailbox_settings.models import Category
from outlook_mcp.mail.settling import settled, settled_deletion


@dataclass(frozen=True, slots=True)
class CategoryEditor:
    """For one mailbox."""

    graph: GraphClient
    look_again_s: float

    async def edit_category(self, name: str, color: str | None) -> str:
        """Creates the category, or gives it another colour; the colour `delete` deletes it. Returns what was changed.

        Without a colour a new one gets the first that no other has. Raises NotFound when there is none to delete.
        """
        name = name.strip()
        listed = await self._listed()
        known = _named(listed, name)
        if color is not None and color.strip().lower() == DELETE:
            return await self._delete_category(name, known, listed)
        if known is not None and color is None:
            return "nothing: the category is there already"
        preset = preset_of(color) if color else free_preset([category.color for category in listed])
        await settled(
            lambda: self._write_category(name, preset, known),
            lambda: self._is_written(name, preset),
            look_again_s=self.look_again_s,
        )
        return "category, new" if known is None else "colour of the category"

    async def _delete_category(self, name: str, known: Category | None, listed: Sequence[Category]) -> str:
        if known is None:
            names = framed_names([category.display_name or "" for category in listed], most=40)
            raise NotFound(f"There is no category {name[:80]!r}.", status=404, next_step=f"There are: {names}.")
        item = self.graph.me.outlook.master_categories.by_outlook_category_id(known.id)

        async def is_listed() -> bool:
            return _named(await self._listed(), name) is not None

        request = self.graph.request(item, "DELETE")
        await settled_deletion(lambda: self.graph.perform(request), is_listed, look_again_s=self.look_again_s)
        return "category, deleted (messages keep its name)"

    async def _write_category(self, name: str, preset: str, known: Category | None) -> bool:
        categories = self.graph.me.outlook.master_categories
        if known is None:
            request = self.graph.request(categories, "POST", json={"displayName": name, "color": preset})
        else:
            item = categories.by_outlook_category_id(known.id)
            request = self.graph.request(item, "PATCH", json={"color": preset})
        await self.graph.answer_to(request, Category)
        return True

    async def _is_written(self, name: str, preset: str) -> bool | None:
        now = _named(await self._listed(), name)
        return (now is not None and now.color == preset) or None

    async def _listed(self) -> Sequence[Category]:
        request = self.graph.request(self.graph.me.outlook.master_categories)
        return (await self.graph.answer_to(request, Page[Category])).value


def _named(categories: Sequence[Category], name: str) -> Category | None:
    wanted = name.casefold()
    return next((category for category in categories if (category.display_name or "").casefold() == wanted), None)
